// Dense layers and convolutions on their kept weights: forward, gradient of the input, gradient of the kept weights.
#pragma once
#include "operation.h"
#include "tiles.h"

/** A prunable kernel with its optimizer slots. */
struct Kernel {
  Connections kept;
  std::vector<std::vector<float>> slots;
};

class Linear : public Operation {
 public:
  Linear(Tensor& in, Tensor& out, Kernel& kernel, Vector* bias, bool relu, bool add, Threads& threads)
      : in_(in), out_(out), kernel_(kernel), bias_(bias), relu_(relu), add_(add), threads_(threads) {}

  void forward(bool) override {
    const Connections& kept = kernel_.kept;
    const Lists& rows = kept.rows;
    const int stride = kept.shape.stride;
    withStride(stride, [&](auto s) {
      share(rows, 0, kept.shape.outputs, out_.blocks, out_.height, work(), [&](int n, int y0, int y1, int from, int to) {
        eachTile<TILE>(y0, y1, 0, out_.width, [&](auto r, auto w, int y, int x) {
          const float* in = in_.values.data() + in_.origin(n) + y * stride * in_.row + x * stride * LANES;
          float* out = out_.values.data() + out_.at(n, 0, y) + x * LANES;
          const auto part = [&](int chunk, int begin, int end) {
            const int first = chunk * rows.perChunk;
            const bool last = chunk == rows.chunks - 1;
            const auto place = [&](int list, int dy, int dx) { return out + (list - first) * out_.plane + dy * out_.row + dx * LANES; };
            const auto start = [&](int list, int dy, int dx) {
              if (chunk > 0) return load(place(list, dy, dx));
              return bias_ != nullptr ? splat(bias_->values[list]) : Vec{};
            };
            const auto emit = [&](int list, int dy, int dx, Vec v) { store(place(list, dy, dx), relu_ && last ? positivePart(v) : v); };
            gatherTile<r(), w(), s()>(in, stride * in_.row, stride, rows, kept.weights.data(), first + begin, first + end, start, emit);
          };
          eachGroup(from, to, r() * w(), [&](int begin, int end) {
            for (int chunk = 0; chunk < rows.chunks; chunk++) part(chunk, begin, end);
          });
        });
      });
    });
  }

  void backward() override {
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
      share(columns, phase * inputs, inputs, in_.blocks, height, work() / (stride * stride), [&](int n, int y0, int y1, int from, int to) {
        eachTile<TILE>(y0, y1, 0, width, [&](auto r, auto w, int y, int x) {
          const float* delta = out_.gradient + out_.origin(n) + y * out_.row + x * LANES;
          const size_t place = in_.at(n, 0, y * stride + py) + (x * stride + px) * LANES;
          const auto part = [&](int chunk, int begin, int end) {
            const int first = chunk * columns.perChunk + phase * inputs;
            const auto emit = [&](int list, int dy, int dx, Vec v) {
              putGradient(in_, place + (list - first) * in_.plane + dy * stride * in_.row + dx * stride * LANES, v, add_ || chunk > 0);
            };
            const auto start = [](int, int, int) { return Vec{}; };
            gatherTile<r(), w(), 1>(delta, out_.row, 1, columns, kept.columnWeights.data(), first + begin, first + end, start, emit);
          };
          eachGroup(from, to, r() * w(), [&](int begin, int end) {
            for (int chunk = 0; chunk < columns.chunks; chunk++) part(chunk, begin, end);
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
        for (int n = 0; n < out_.blocks; n++) {
          for (int y0 = 0; y0 < out_.height; y0 += STRIP) {
            eachTile<GRADIENT_TILE>(y0, std::min(y0 + STRIP, out_.height), 0, out_.width, [&](auto r, auto w, int y, int x) {
              const float* in = in_.values.data() + in_.origin(n) + y * stride * in_.row + x * stride * LANES;
              const float* delta = out_.gradient + out_.at(n, 0, y) + x * LANES;
              for (int chunk = 0; chunk < rows.chunks; chunk++) {
                Vec* sums = bias_ != nullptr && chunk == 0 ? biasSums : nullptr;
                gradientTile<r(), w(), s()>(in, stride * in_.row, stride, delta, out_.row, out_.plane, rows, chunk * rows.perChunk,
                                            kept.gradient.data(), sums, from, to);
              }
            });
          }
        }
      });
    });
    if (bias_ == nullptr) return;
    for (int k = 0; k < outputs; k++) bias_->gradient[k] = laneSum(biasSums[k]);
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
        for (int n = 0; n < blocks; n++) body(n, 0, height, from, to);
      });
      return;
    }
    threads_.run(parts, [&](int part) {
      const Range units(blocks * strips, part, parts);
      for (int u = units.from; u < units.to; u++) {
        const int y0 = u % strips * STRIP;
        body(u / strips, y0, std::min(y0 + STRIP, height), 0, count);
      }
    });
  }

  Tensor &in_, &out_;
  Kernel& kernel_;
  Vector* bias_;
  const bool relu_, add_;
  Threads& threads_;
  Floats biasSums_;
};
