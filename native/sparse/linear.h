// Dense layers and convolutions on their kept weights: forward, gradient of the input, gradient of the kept weights.
//
// A convolution between two BatchNorms does most of their work ("block by block"): a thread takes all strips of a block of images in
// turn, has the BatchNorm before it normalise the rows that the next strip needs, and in the backward pass the one after it turn its
// output's gradient into that of the convolution. What is read again and again so lies in the second cache, and between two convolutions
// only one tensor goes through memory each way.
#pragma once
#include <memory>
#include "batchNorm.h"
#include "dense.h"
#include "scratch.h"

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

  /**
   * The first BatchNorm that reads the result has the sums of its forward pass from here. `alone`: nothing else reads it, and an
   * evaluation applies the BatchNorm while the result is in a register, where what it adds is there `early` enough. Training then goes
   * block by block, if there are enough blocks to share and enough pixels for each to have a gradient of its own.
   */
  void follow(BatchNorm* norm, bool alone, bool early, Scratch& scratch) {
    if (after_ != nullptr || out_.features) return;
    after_ = norm;
    folds_ = alone && early;
    norm->expectMoments();
    if (!alone || !norm->keepsGradient() || out_.blocks < 4 || out_.height * out_.width < 64) return;
    byBlock_ = true;
    norm->leaveToPrevious(early);
    gradients_ = &scratch.blocks(out_, Scratch::GRADIENT);
  }
  bool byBlock() const { return byBlock_; }

  /** The BatchNorm that wrote the input is done block by block here, first of all readers. `alone`: there are no others. */
  void precede(BatchNorm* norm, bool alone, Scratch& scratch) {
    before_ = norm;
    norm->leaveToNext();
    if (alone && norm->shortcut() == nullptr) inputs_ = &scratch.blocks(in_, Scratch::INPUT);
  }

  void forward(bool training) override {
    if (kernel_.dense != nullptr) return kernel_.dense->forward(in_, out_, bias_, relu_, threads_);
    BatchNorm* folded = !training && folds_ ? after_ : nullptr;
    if (folded != nullptr) folded->fold();
    const Forward f{folded != nullptr ? folded->out() : out_, folded, training ? after_ : nullptr, folded != nullptr ? folded->relu() : relu_};
    const int outputs = kernel_.kept.shape.outputs;
    if (training && before_ != nullptr) {
      eachBlock([&](int part, int n) {
        Rows rows(inputOf(part, n), in_.height, [&](int y0, int y1, float* to) { before_->apply(n, y0, y1, to); });
        for (int u = 0; u < stripsOf(out_.height); u++) {
          const int unit = n * stripsOf(out_.height) + u;
          const Strip strip = stripOf(unit, out_.height);
          rows.need(lastSeen(strip));
          Ahead nothing;
          forwardStrip(f, rows.origin(), strip, unit, nothing, 0, outputs);
        }
      });
      return;
    }
    const Lists& rows = kernel_.kept.rows;
    share(rows, 0, outputs, out_.blocks, out_.height, work(), [&](int unit, Strip next, int from, int to) {
      const Strip strip = stripOf(unit, out_.height);
      Ahead ahead;
      ahead.want(in_, seenBy(next));
      ahead.spread(calls(strip, out_.width, TILE, rows.chunks * (to - from)));
      forwardStrip(f, in_.values.data() + in_.origin(strip.n), strip, unit, ahead, from, to);
    });
  }

  void backward() override {
    if (kernel_.dense != nullptr) {
      // The input's gradient is that of the weights before the update.
      if (in_.gradient != nullptr) kernel_.dense->gradientOfInput(out_, in_, add_, threads_);
      return kernel_.dense->update(in_, out_, bias_, update_.images, update_.optimizer, update_.rates, threads_);
    }
    if (in_.gradient != nullptr) kernel_.kept.copyToColumns();
    if (byBlock_) return backwardByBlock();
    gradientOfWeights();
    if (in_.gradient != nullptr) gradientOfInput();
  }

 private:
  /** Where a forward pass writes, the BatchNorm that it applies or null, the one for which it sums or null, and whether a ReLU ends it. */
  struct Forward {
    Tensor& out;
    BatchNorm *folded, *summed;
    bool relu;
  };

  /** Rows of one block of a tensor, made in order as they are needed. */
  template <class Make> class Rows {
   public:
    Rows(float* origin, int height, const Make& make) : origin_(origin), height_(height), make_(make) {}
    /** Makes the rows before `until`. */
    void need(int until) {
      until = std::min(until, height_);
      if (until <= ready_) return;
      make_(ready_, until, origin_);
      ready_ = until;
    }
    float* origin() const { return origin_; }

   private:
    float* const origin_;
    const int height_;
    const Make make_;
    int ready_ = 0;
  };

  /** @param in place of row 0 of channel 0 of the strip's block */
  void forwardStrip(const Forward& f, const float* in, Strip strip, int unit, Ahead& ahead, int from, int to) {
    const Connections& kept = kernel_.kept;
    const Lists& rows = kept.rows;
    const int stride = kept.shape.stride;
    const Tensor* shortcut = f.folded != nullptr ? f.folded->shortcut() : nullptr;
    withStride(stride, [&](auto s) {
      eachTile<TILE>(strip.y0, strip.y1, 0, f.out.width, [&](auto r, auto w, int y, int x) {
        Gather g;
        g.offset = rows.offset.data();
        g.weights = kept.weights.data();
        g.in = in + y * stride * in_.row + x * stride * LANES;
        g.inRow = stride * in_.row;
        g.outPlane = f.out.plane;
        g.outRow = f.out.row;
        g.outStep = LANES;
        g.first = y == strip.y0 && x == 0;
        g.ahead = &ahead;
        eachGroup(from, to, r() * w(), [&](int begin, int end) {
          g.out = f.out.values.data() + f.out.at(strip.n, begin, y) + x * LANES;
          for (int chunk = 0; chunk < rows.chunks; chunk++) {
            g.start = rows.start.data() + chunk * rows.perChunk + begin;
            g.bias = chunk == 0 && bias_ != nullptr ? bias_->values.data() + begin : nullptr;
            g.add = chunk > 0;
            const bool last = chunk == rows.chunks - 1;
            g.relu = last && f.relu;
            g.normal = last && f.folded != nullptr ? f.folded->normals(begin) : nullptr;
            g.moments = last && f.summed != nullptr ? f.summed->moments(unit, begin) : nullptr;
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
  }

  /**
   * The gradient of an input pixel gathers over the outputs that it reached: the same loop over columns, one phase at a time.
   * @param delta place of row 0 of channel 0 of the output's gradient, of the strip's block
   */
  void inputStrip(const float* delta, int phase, Strip strip, Ahead& ahead, int from, int to) {
    const Connections& kept = kernel_.kept;
    const Lists& columns = kept.columns;
    const int stride = kept.shape.stride, py = phase / stride, px = phase % stride;
    eachTile<TILE>(strip.y0, strip.y1, 0, phaseOf(in_.width, px), [&](auto r, auto w, int y, int x) {
      Gather g;
      g.offset = columns.offset.data();
      g.weights = kept.columnWeights.data();
      g.in = delta + y * out_.row + x * LANES;
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
          g.start = columns.start.data() + chunk * columns.perChunk + phase * kept.shape.inputs + begin;
          g.add = add_ || chunk > 0;
          gatherTile<r(), w(), 1>(g, 1, end - begin);
        }
      });
    });
  }
  void gradientOfInput() {
    const Lists& columns = kernel_.kept.columns;
    const int inputs = kernel_.kept.shape.inputs;
    for (int phase = 0; phase < phases(); phase++) {
      const int height = phaseOf(in_.height, phase / kernel_.kept.shape.stride);
      share(columns, phase * inputs, inputs, in_.blocks, height, work() / phases(), [&](int unit, Strip next, int from, int to) {
        const Strip strip = stripOf(unit, height);
        // The strip before has brought the row above, and the first phase what the others read.
        const int above = next.y0 > 0 ? 1 : -out_.border;
        const Strip wanted{phase == 0 ? next.n : -1, next.y0 + above, next.y1 + 1};
        Ahead ahead;
        ahead.want(out_.gradient, out_, wanted);
        ahead.spread(calls(strip, in_.width / kernel_.kept.shape.stride, TILE, columns.chunks * (to - from)));
        inputStrip(out_.gradient + out_.origin(strip.n), phase, strip, ahead, from, to);
      });
    }
  }

  /** @param in, delta places of row 0 of channel 0 of the strip's block @param gradient, biasSums where it is added */
  void weightsStrip(const float* in, const float* delta, Strip strip, Ahead& ahead, int from, int to, float* gradient, Vec* biasSums) {
    const Lists& rows = kernel_.kept.rows;
    const int stride = kernel_.kept.shape.stride;
    withStride(stride, [&](auto s) {
      eachTile<GRADIENT_TILE>(strip.y0, strip.y1, 0, out_.width, [&](auto r, auto w, int y, int x) {
        Products g;
        g.offset = rows.offset.data();
        g.in = in + y * stride * in_.row + x * stride * LANES;
        g.inRow = stride * in_.row;
        g.delta = delta + from * out_.plane + y * out_.row + x * LANES;
        g.deltaPlane = out_.plane;
        g.deltaRow = out_.row;
        g.gradient = gradient;
        g.ahead = &ahead;
        for (int chunk = 0; chunk < rows.chunks; chunk++) {
          g.start = rows.start.data() + chunk * rows.perChunk + from;
          g.biasSums = bias_ != nullptr && chunk == 0 ? biasSums + from : nullptr;
          gradientTile<r(), w(), s()>(g, stride, to - from);
        }
      });
    });
  }
  void gradientOfWeights() {
    Connections& kept = kernel_.kept;
    const Lists& rows = kept.rows;
    std::fill(kept.gradient.begin(), kept.gradient.end(), 0.0f);
    Vec* biasSums = clearBiasSums(1);
    const int parts = work() < WORTH_SHARING ? 1 : threads_.count();
    // Each thread takes its own rows and all of the batch, so that a weight's gradient is summed in one order.
    threads_.run(parts, [&](int part) {
      const auto [from, to] = byWeight(rows, 0, kept.shape.outputs, part, parts);
      if (from == to) return;
      const int units = out_.blocks * stripsOf(out_.height);
      for (int u = 0; u < units; u++) {
        const Strip strip = stripOf(u, out_.height), next = u + 1 < units ? stripOf(u + 1, out_.height) : Strip{};
        Ahead ahead;
        ahead.want(in_, seenBy(next));
        ahead.want(out_.gradient, out_, next);
        ahead.spread(calls(strip, out_.width, GRADIENT_TILE, rows.chunks * (to - from)));
        const float *in = in_.values.data() + in_.origin(strip.n), *delta = out_.gradient + out_.origin(strip.n);
        weightsStrip(in, delta, strip, ahead, from, to, kept.gradient.data(), biasSums);
      }
    });
    addBiasSums(1);
  }

  /** Both gradients, a block of images at a time, each block with sums of its own. */
  void backwardByBlock() {
    Connections& kept = kernel_.kept;
    const size_t count = kept.gradient.size();
    const int inputs = kept.shape.inputs, outputs = kept.shape.outputs, stride = kept.shape.stride;
    // Rows below a strip of the output that its input's gradient gathers from.
    const int reach = (stride - 1 + kept.shape.padTop) / stride;
    partial_.resize(count * out_.blocks);
    Vec* biasSums = clearBiasSums(out_.blocks);
    eachBlock([&](int part, int n) {
      float* gradient = partial_.data() + n * count;
      std::fill(gradient, gradient + count, 0.0f);
      Rows input(inputOf(part, n), in_.height, [&](int y0, int y1, float* to) {
        if (inputs_ != nullptr) before_->apply(n, y0, y1, to);
      });
      Rows delta((*gradients_)[part].data() + out_.origin(0), out_.height, [&](int y0, int y1, float* to) { after_->delta(n, y0, y1, to); });
      const int strips = std::max(stripsOf(out_.height), in_.gradient == nullptr ? 0 : stripsOf(phaseOf(in_.height, 0)));
      for (int u = 0; u < strips; u++) {
        const int y0 = u * STRIP, y1 = y0 + STRIP;
        delta.need(y1 + reach);
        const Strip strip{n, y0, std::min(y1, out_.height)};
        Ahead ahead;
        if (inputs_ == nullptr) ahead.want(in_, seenBy({n, y1, std::min(y1 + STRIP, out_.height)}));
        ahead.spread(calls(strip, out_.width, GRADIENT_TILE, outputs) + (in_.gradient == nullptr ? 0 : calls(strip, out_.width, TILE, inputs)));
        if (strip.y0 < strip.y1) {
          input.need(lastSeen(strip));
          weightsStrip(input.origin(), delta.origin(), strip, ahead, 0, outputs, gradient, biasSums + n * outputs);
        }
        if (in_.gradient == nullptr) continue;
        for (int phase = 0; phase < phases(); phase++) {
          inputStrip(delta.origin(), phase, {n, y0, std::min(y1, phaseOf(in_.height, phase / stride))}, ahead, 0, inputs);
        }
        if (before_ != nullptr) before_->receive(n, y0 * stride, std::min(y1 * stride, in_.height));
      }
    });
    for (size_t i = 0; i < count; i++) {
      float sum = partial_[i];
      for (int n = 1; n < out_.blocks; n++) sum += partial_[n * count + i];
      kept.gradient[i] = sum;
    }
    addBiasSums(out_.blocks);
  }

  /** Calls f(number of the thread, block) for each block of the batch. */
  template <class F> void eachBlock(const F& f) {
    const int blocks = out_.blocks, parts = std::min(blocks, threads_.count());
    threads_.run(parts, [&](int part) {
      const Range range(blocks, part, parts);
      for (int n = range.from; n < range.to; n++) f(part, n);
    });
  }

  /** Where row 0 of channel 0 of an input block is: in a block of the thread's own, or in the tensor. */
  float* inputOf(int part, int n) {
    return inputs_ != nullptr ? (*inputs_)[part].data() + in_.origin(0) : in_.values.data() + in_.origin(n);
  }

  /** A register for each output and piece of work, zero. */
  Vec* clearBiasSums(int pieces) {
    if (bias_ != nullptr && biasSums_.size() == 0) biasSums_ = Floats(size_t(pieces) * kernel_.kept.shape.outputs * LANES);
    biasSums_.clear();
    return reinterpret_cast<Vec*>(biasSums_.data());
  }
  void addBiasSums(int pieces) {
    if (bias_ == nullptr) return;
    const Vec* sums = reinterpret_cast<const Vec*>(biasSums_.data());
    const int outputs = kernel_.kept.shape.outputs;
    for (int k = 0; k < outputs; k++) {
      Vec sum{};
      for (int n = 0; n < pieces; n++) sum += sums[n * outputs + k];
      bias_->gradient[k] = laneSum(sum);
    }
  }

  /** The input row after the last that an output strip sees. */
  int lastSeen(Strip out) const {
    const KernelShape& s = kernel_.kept.shape;
    return (out.y1 - 1) * s.stride - s.padTop + s.size;
  }
  /** Input rows that an output strip sees and the strip above did not. */
  Strip seenBy(Strip out) const {
    const KernelShape& s = kernel_.kept.shape;
    const int overlap = out.y0 > 0 ? std::max(0, s.size - s.stride) : 0;
    return {out.n, out.y0 * s.stride - s.padTop + overlap, lastSeen(out)};
  }

  /** About how many lists are worked through in a strip. */
  static int calls(Strip strip, int width, int tile, int lists) { return std::max(1, (strip.y1 - strip.y0) * width / tile) * lists; }

  /** The places that an input pixel can have under the strides, and how many of n rows or columns have place p. */
  int phases() const { return kernel_.kept.shape.stride * kernel_.kept.shape.stride; }
  int phaseOf(int n, int p) const { return (n - p + kernel_.kept.shape.stride - 1) / kernel_.kept.shape.stride; }

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

  /** Splits work over strips of rows where there are enough of them, else over lists; calls body(strip's number, next strip, from, to). */
  template <class F> void share(const Lists& lists, int first, int count, int blocks, int height, size_t work, const F& body) {
    const int units = blocks * stripsOf(height), parts = work < WORTH_SHARING ? 1 : threads_.count();
    const bool byStrip = units >= 2 * parts;
    threads_.run(parts, [&](int part) {
      const Range all(units, byStrip ? part : 0, byStrip ? parts : 1);
      const auto [from, to] = byStrip ? std::pair(0, count) : byWeight(lists, first, count, part, parts);
      for (int u = all.from; u < all.to; u++) body(u, u + 1 < all.to ? stripOf(u + 1, height) : Strip{}, from, to);
    });
  }

  Tensor &in_, &out_;
  Kernel& kernel_;
  Vector* bias_;
  const bool relu_, add_;
  const UpdateInfo& update_;
  Threads& threads_;
  BatchNorm *before_ = nullptr, *after_ = nullptr;
  bool folds_ = false, byBlock_ = false;
  /** By thread: the block of its normalised input, if it is kept nowhere else, and of its output's gradient. */
  std::vector<Floats>*inputs_ = nullptr, *gradients_ = nullptr;
  /** By block: the gradient of the kept weights. */
  std::vector<float> partial_;
  Floats biasSums_;
};
