// Dense layers and convolutions on their kept weights: forward, gradient of the input, gradient of the kept weights.
#pragma once
#include <memory>
#include "batchNorm.h"
#include "dense.h"

/** A prunable kernel with its optimizer slots: as kept weights, or as a dense one that its own backward pass updates. */
struct Kernel {
  Connections kept;
  std::vector<std::vector<float>> slots;
  std::unique_ptr<DenseKernel> dense;
};

/** The update under way, for those who change their weights themselves. */
struct UpdateInfo {
  Optimizer optimizer;
  Rates rates{};
  int images;
};

class Linear : public Operation {
 public:
  Linear(Tensor& in, Tensor& out, Kernel& kernel, Vector* bias, bool relu, bool add, const UpdateInfo& update, Threads& threads)
      : in_(in), out_(out), kernel_(kernel), bias_(bias), relu_(relu), add_(add), update_(update), threads_(threads) {}

  /** The BatchNorm that alone reads the result: an evaluation applies it while the result is in a register. */
  void follow(BatchNorm* norm) { norm_ = norm; }

  void forward(bool training) override {
    if (kernel_.dense != nullptr) return kernel_.dense->forward(in_, out_, bias_, relu_, threads_);
    const Connections& kept = kernel_.kept;
    const Lists& rows = kept.rows;
    const int stride = kept.shape.stride;
    BatchNorm* norm = training ? nullptr : norm_;
    if (norm != nullptr) norm->fold();
    Tensor& out = norm != nullptr ? norm->out() : out_;
    const Tensor* shortcut = norm != nullptr ? norm->shortcut() : nullptr;
    const bool relu = norm != nullptr ? norm->relu() : relu_;
    withStride(stride, [&](auto s) {
      share(rows, 0, kept.shape.outputs, out_.blocks, out_.height, work(), [&](Strip strip, Strip next, int from, int to) {
        Ahead ahead(in_.values.data(), in_, seenBy(next), calls(strip, out.width, TILE, rows.chunks * (to - from)));
        eachTile<TILE>(strip.y0, strip.y1, 0, out.width, [&](auto r, auto w, int y, int x) {
          Gather g;
          g.offset = rows.offset.data();
          g.weights = kept.weights.data();
          g.in = in_.values.data() + in_.origin(strip.n) + y * stride * in_.row + x * stride * LANES;
          g.inRow = stride * in_.row;
          g.outPlane = out.plane;
          g.outRow = out.row;
          g.outStep = LANES;
          g.ahead = &ahead;
          eachGroup(from, to, r() * w(), [&](int begin, int end) {
            g.out = out.values.data() + out.at(strip.n, begin, y) + x * LANES;
            for (int chunk = 0; chunk < rows.chunks; chunk++) {
              g.start = rows.start.data() + chunk * rows.perChunk + begin;
              g.bias = chunk == 0 && bias_ != nullptr ? bias_->values.data() + begin : nullptr;
              g.add = chunk > 0;
              const bool last = chunk == rows.chunks - 1;
              g.relu = last && relu;
              g.normal = last && norm != nullptr ? norm->folded(begin) : nullptr;
              if (last && shortcut != nullptr) {
                g.shortcut = shortcut->values.data() + shortcut->at(strip.n, begin, y) + x * LANES;
                g.shortcutPlane = shortcut->plane;
                g.shortcutRow = shortcut->row;
              }
              gatherTile<r(), w(), s()>(g, stride, end - begin);
            }
          });
        });
      });
    });
  }

  void backward() override {
    if (kernel_.dense != nullptr) {
      // The input's gradient is that of the weights before the update.
      if (in_.gradient != nullptr) kernel_.dense->gradientOfInput(out_, in_, add_, threads_);
      return kernel_.dense->update(in_, out_, bias_, update_.images, update_.optimizer, update_.rates, threads_);
    }
    gradientOfWeights();
    if (in_.gradient != nullptr) gradientOfInput();
  }

 private:
  /** The gradient of an input pixel gathers over the outputs that it reached: the same loop over columns, one phase at a time. */
  void gradientOfInput() {
    Connections& kept = kernel_.kept;
    kept.copyToColumns();
    const Lists& columns = kept.columns;
    const int stride = kept.shape.stride, inputs = kept.shape.inputs;
    for (int phase = 0; phase < stride * stride; phase++) {
      const int py = phase / stride, px = phase % stride;
      const int height = (in_.height - py + stride - 1) / stride, width = (in_.width - px + stride - 1) / stride;
      share(columns, phase * inputs, inputs, in_.blocks, height, work() / (stride * stride), [&](Strip strip, Strip next, int from, int to) {
        // The strip before has brought the row above, and the first phase what the others read.
        const int above = next.y0 > 0 ? 1 : -out_.border;
        const Strip wanted{phase == 0 ? next.n : -1, next.y0 + above, next.y1 + 1};
        Ahead ahead(out_.gradient, out_, wanted, calls(strip, width, TILE, columns.chunks * (to - from)));
        eachTile<TILE>(strip.y0, strip.y1, 0, width, [&](auto r, auto w, int y, int x) {
          Gather g;
          g.offset = columns.offset.data();
          g.weights = kept.columnWeights.data();
          g.in = out_.gradient + out_.origin(strip.n) + y * out_.row + x * LANES;
          g.inRow = out_.row;
          g.outPlane = in_.plane;
          g.outRow = stride * in_.row;
          g.outStep = stride * LANES;
          g.ahead = &ahead;
          eachGroup(from, to, r() * w(), [&](int begin, int end) {
            const size_t place = in_.at(strip.n, begin, y * stride + py) + (x * stride + px) * LANES;
            g.out = in_.gradient + place;
            g.mask = in_.masked ? in_.values.data() + place : nullptr;
            for (int chunk = 0; chunk < columns.chunks; chunk++) {
              g.start = columns.start.data() + chunk * columns.perChunk + phase * inputs + begin;
              g.add = add_ || chunk > 0;
              gatherTile<r(), w(), 1>(g, 1, end - begin);
            }
          });
        });
      });
    }
  }

  void gradientOfWeights() {
    Connections& kept = kernel_.kept;
    const Lists& rows = kept.rows;
    const int stride = kept.shape.stride, outputs = kept.shape.outputs;
    std::fill(kept.gradient.begin(), kept.gradient.end(), 0.0f);
    if (bias_ != nullptr && biasSums_.size() == 0) biasSums_ = Floats(size_t(outputs) * LANES);
    biasSums_.clear();
    Vec* biasSums = reinterpret_cast<Vec*>(biasSums_.data());
    const int parts = work() < WORTH_SHARING ? 1 : threads_.count();
    // Each thread takes its own rows and all of the batch, so that a weight's gradient is summed in one order.
    threads_.run(parts, [&](int part) {
      const auto [from, to] = byWeight(rows, 0, outputs, part, parts);
      if (from == to) return;
      withStride(stride, [&, from = from, to = to](auto s) {
        const int strips = (out_.height + STRIP - 1) / STRIP, units = out_.blocks * strips;
        for (int u = 0; u < units; u++) {
          const Strip strip = stripOf(u, strips, out_.height), next = u + 1 < units ? stripOf(u + 1, strips, out_.height) : Strip{};
          const int lists = calls(strip, out_.width, GRADIENT_TILE, rows.chunks * (to - from));
          Ahead ahead(in_.values.data(), in_, seenBy(next), lists), aheadDelta(out_.gradient, out_, next, lists);
          eachTile<GRADIENT_TILE>(strip.y0, strip.y1, 0, out_.width, [&](auto r, auto w, int y, int x) {
            Products g;
            g.offset = rows.offset.data();
            g.in = in_.values.data() + in_.origin(strip.n) + y * stride * in_.row + x * stride * LANES;
            g.inRow = stride * in_.row;
            g.delta = out_.gradient + out_.at(strip.n, from, y) + x * LANES;
            g.deltaPlane = out_.plane;
            g.deltaRow = out_.row;
            g.gradient = kept.gradient.data();
            g.ahead = &ahead;
            g.aheadDelta = &aheadDelta;
            for (int chunk = 0; chunk < rows.chunks; chunk++) {
              g.start = rows.start.data() + chunk * rows.perChunk + from;
              g.biasSums = bias_ != nullptr && chunk == 0 ? biasSums + from : nullptr;
              gradientTile<r(), w(), s()>(g, stride, to - from);
            }
          });
        }
      });
    });
    if (bias_ == nullptr) return;
    for (int k = 0; k < outputs; k++) bias_->gradient[k] = laneSum(biasSums[k]);
  }

  /** Input rows that an output strip sees and the strip above did not. */
  Strip seenBy(Strip out) const {
    const KernelShape& s = kernel_.kept.shape;
    const int overlap = out.y0 > 0 ? std::max(0, s.size - s.stride) : 0;
    return {out.n, out.y0 * s.stride - s.padTop + overlap, (out.y1 - 1) * s.stride - s.padTop + s.size};
  }

  /** About how many lists are worked through in a strip. */
  static int calls(Strip strip, int width, int tile, int lists) { return std::max(1, (strip.y1 - strip.y0) * width / tile) * lists; }

  static Strip stripOf(int unit, int strips, int height) {
    const int y0 = unit % strips * STRIP;
    return {unit / strips, y0, std::min(y0 + STRIP, height)};
  }

  /** Register operations of one pass over the kept weights. */
  size_t work() const { return kernel_.kept.weights.size() * out_.blocks * out_.height * out_.width; }

  template <class F> static void withStride(int stride, const F& f) {
    if (stride == 1) f(Fixed<1>{});
    else if (stride == 2) f(Fixed<2>{});
    else f(Fixed<0>{});
  }

  /** Lists first ... first + count - 1 of each chunk, split so that each part has about the same number of weights; from `first` on. */
  static std::pair<int, int> byWeight(const Lists& lists, int first, int count, int part, int parts) {
    const auto begin = lists.before.begin() + first;
    const auto cut = [&](int p) {
      if (p == 0 || p == parts) return p == 0 ? 0 : count;
      return int(std::lower_bound(begin, begin + count, begin[0] + (begin[count] - begin[0]) * p / parts) - begin);
    };
    return {cut(part), cut(part + 1)};
  }

  /** Splits work over blocks and strips of rows where there are enough of them, else over lists. */
  template <class F> void share(const Lists& lists, int first, int count, int blocks, int height, size_t work, const F& body) {
    const int strips = (height + STRIP - 1) / STRIP;
    const int parts = work < WORTH_SHARING ? 1 : threads_.count();
    if (blocks * strips < 2 * parts) {
      threads_.run(parts, [&](int part) {
        const auto [from, to] = byWeight(lists, first, count, part, parts);
        for (int n = 0; n < blocks; n++) body(Strip{n, 0, height}, Strip{}, from, to);
      });
      return;
    }
    threads_.run(parts, [&](int part) {
      const Range units(blocks * strips, part, parts);
      for (int u = units.from; u < units.to; u++) {
        body(stripOf(u, strips, height), u + 1 < units.to ? stripOf(u + 1, strips, height) : Strip{}, 0, count);
      }
    });
  }

  Tensor &in_, &out_;
  Kernel& kernel_;
  Vector* bias_;
  const bool relu_, add_;
  const UpdateInfo& update_;
  Threads& threads_;
  BatchNorm* norm_ = nullptr;
  Floats biasSums_;
};
