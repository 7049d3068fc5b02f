// BatchNorm. Its values need sums over the batch, and so do its gradients; between the two there is one pass over memory each way, which
// sets the pace of a sparse network. So the convolutions around it do its work on rows that they have in the cache anyway, where they
// can: the one before sums the values that it writes (`moments`), the one after normalises the rows that it reads (`apply`) and sums the
// gradient that it writes (`receive`), and the one before turns that into its own gradient (`delta`). What nobody does so is done here,
// channel by channel. At the end of a residual block's body the shortcut is added while the normalised value is in a register.
#pragma once
#include <cmath>
#include <tuple>
#include "ahead.h"
#include "channelSums.h"

/** (x - mean) * slope + beta, of one channel. */
struct Normal {
  float mean, slope, beta;
};

/** The same in registers, in one place: a ReLU's gradient must see the same bits as its value did. */
struct Affine {
  Vec mean, slope, beta;
  explicit Affine(const Normal& n) : mean(splat(n.mean)), slope(splat(n.slope)), beta(splat(n.beta)) {}
  Vec operator()(Vec x) const { return (x - mean) * slope + beta; }
};

class BatchNorm : public Operation {
 public:
  struct Parameters {
    /** Null where the layer has no gamma and beta. */
    Vector *gamma, *beta;
    Vector *mean, *variance;
  };

  /** The other side of a residual block, or null; `add`: its gradient was written before. */
  struct Shortcut {
    Tensor* tensor;
    bool add;
  };

  BatchNorm(Tensor& in, Tensor& out, Parameters parameters, Shortcut shortcut, bool relu, bool add, const Batch& batch, Threads& threads)
      : in_(in), out_(out), p_(parameters), shortcut_(shortcut), relu_(relu), add_(add), threads_(threads) {
    scale_.resize(in.channels);
    normal_.resize(in.channels);
    for (int b = 0; b < batch.blocks; b++) lanes_.push_back(batch.lanes(b));
    count_ = float(batch.images) * in.height * (in.features ? 1 : in.width);
  }

  const Tensor& in() const { return in_; }
  Tensor& out() { return out_; }
  const Tensor* shortcut() const { return shortcut_.tensor; }
  bool relu() const { return relu_; }
  const Normal* normals(int channel) const { return normal_.data() + channel; }

  /** Leaves the next evaluation to the operation before, which applies `normals`. */
  void fold() {
    for (int c = 0; c < in_.channels; c++) normalise(c, p_.mean->values[c], p_.variance->values[c]);
    done_ = true;
  }

  /** The operation before fills `moments`, strip by strip. */
  void expectMoments() { moments_ = {in_.blocks * stripsOf(in_.height), in_.channels}; }
  Moments* moments(int strip, int channel) { return moments_.at(strip, channel); }

  /** Whether the output's gradient is still there when the operation before the BatchNorm has its turn. */
  bool keepsGradient() const {
    const float* g = out_.gradient;
    return g != nullptr && (in_.gradient == g || (shortcut_.tensor != nullptr && shortcut_.tensor->gradient == g));
  }

  /** The operation after calls `apply` and `receive` for all rows of a training's blocks. */
  void leaveToNext() { deltas_ = {in_.blocks, in_.channels}; }
  /** The operation before calls `delta` for all rows. `passOn`: which passes the gradient on to the shortcut, too. */
  void leaveToPrevious(bool passOn) {
    left_ = true;
    passOn_ = passOn;
    corrections_.resize(in_.channels);
  }

  /**
   * y = (x - mean) / sqrt(variance + 1e-5) * gamma + beta. In training with the batch's statistics, and the running ones move by a
   * tenth towards them (the variance with Bessel's correction).
   */
  void forward(bool training) override {
    if (std::exchange(done_, false) && !training) return;
    eachChannel([&](int c) {
      float mean = p_.mean->values[c], variance = p_.variance->values[c];
      if (training) {
        std::tie(mean, variance) = moments_.empty() ? measured(c) : added(c);
        const float bessel = count_ / std::fmax(1.0f, count_ - 1);
        p_.mean->values[c] = p_.mean->values[c] * MOMENTUM + mean * (1 - MOMENTUM);
        p_.variance->values[c] = p_.variance->values[c] * MOMENTUM + variance * bessel * (1 - MOMENTUM);
      }
      normalise(c, mean, variance);
      if (training && !deltas_.empty()) return;
      for (int n = 0; n < in_.blocks; n++) applyTo(n, c, 0, in_.height, out_.values.data() + out_.origin(n));
    });
  }

  /** Writes rows y0 ... y1 - 1 of block n to `to`, where row 0 of channel 0 lies in a block laid out as the output's. */
  void apply(int n, int y0, int y1, float* to) const {
    for (int c = 0; c < in_.channels; c++) applyTo(n, c, y0, y1, to);
  }

  /** dx = gamma scale (g - mean(g) - z mean(g z)), z the normalised x, g the gradient of the output (where a ReLU let it pass). */
  void backward() override {
    if (out_.gradient == nullptr) return;
    eachChannel([&](int c) {
      Vec delta{}, product{};
      for (int n = 0; n < in_.blocks; n++) {
        if (deltas_.empty()) {
          const DeltaSums sums = maskAndSum(n, c, 0, in_.height);
          delta += sums.delta;
          product += sums.product;
        } else {
          delta += deltas_.at(n, c)->delta;
          product += deltas_.at(n, c)->product;
        }
      }
      const float ofDelta = laneSum(delta), ofProduct = laneSum(product) * scale_[c];
      if (p_.gamma != nullptr) {
        p_.beta->gradient[c] = ofDelta;
        p_.gamma->gradient[c] = ofProduct;
      }
      const Correction correction{ofDelta / count_, ofProduct / count_ * scale_[c]};
      if (left_) corrections_[c] = correction;
      for (int n = 0; n < in_.blocks; n++) {
        if (!left_ || !passOn_) passToShortcut(n, c, 0, in_.height);
        if (left_ || in_.gradient == nullptr) continue;
        deltaTo(n, c, 0, in_.height, correction, [&](size_t i, Vec v) { putGradient(in_, in_.origin(n) + i, v, add_); });
      }
    });
  }

  /** Masks and sums the gradient of rows y0 ... y1 - 1 of block n, which nobody will write to any more. The first rows come first. */
  void receive(int n, int y0, int y1) {
    for (int c = 0; c < in_.channels; c++) {
      const DeltaSums here = maskAndSum(n, c, y0, y1);
      DeltaSums& sums = *deltas_.at(n, c);
      sums = y0 == 0 ? here : DeltaSums{sums.delta + here.delta, sums.product + here.product};
    }
  }

  /** Writes the gradient by rows y0 ... y1 - 1 of the input to `to`, where row 0 of channel 0 lies in a block laid out as the input's. */
  void delta(int n, int y0, int y1, float* to) {
    for (int c = 0; c < in_.channels; c++) {
      deltaTo(n, c, y0, y1, corrections_[c], [&](size_t i, Vec v) { store(to + i, v); });
      if (passOn_) passToShortcut(n, c, y0, y1);
    }
  }

 private:
  static constexpr float EPSILON = 1e-5f, MOMENTUM = 0.9f;

  /** Asks for the same rows of the next channel: a few rows are too few for the processor to foresee what follows. */
  static void soon(const float* p) { __builtin_prefetch(p, 0, 2); }

  void normalise(int c, float mean, float variance) {
    scale_[c] = 1 / std::sqrt(variance + EPSILON);
    normal_[c] = {mean, (p_.gamma != nullptr ? p_.gamma->values[c] : 1) * scale_[c], p_.beta != nullptr ? p_.beta->values[c] : 0};
  }

  /** Mean and variance of channel c over the batch, in two passes. */
  std::pair<float, float> measured(int c) {
    const float mean = sum(c, [&](size_t i, Vec lanes) { return x(i) * lanes; }) / count_;
    const Vec m = splat(mean);
    return {mean, sum(c, [&](size_t i, Vec lanes) { return (x(i) - m) * (x(i) - m) * lanes; }) / count_};
  }

  /** The same from the sums of the strips: with d = mean - first, a strip of n pixels adds squares + d (n d - 2 sum). */
  std::pair<float, float> added(int c) {
    Vec total{}, squares{};
    const int strips = in_.blocks * stripsOf(in_.height);
    const auto pixels = [&](int u) {
      const Strip strip = stripOf(u, in_.height);
      return float((strip.y1 - strip.y0) * in_.width);
    };
    for (int u = 0; u < strips; u++) {
      const Moments& m = *moments_.at(u, c);
      total += (m.first * pixels(u) + m.sum) * lanes_[stripOf(u, in_.height).n];
    }
    const float mean = laneSum(total) / count_;
    for (int u = 0; u < strips; u++) {
      const Moments& m = *moments_.at(u, c);
      const Vec d = mean - m.first;
      squares += (m.squares + d * (d * pixels(u) - 2 * m.sum)) * lanes_[stripOf(u, in_.height).n];
    }
    const float variance = laneSum(squares) / count_;
    return {mean, variance < 0 ? 0 : variance};
  }

  void applyTo(int n, int c, int y0, int y1, float* to) const {
    const Affine affine(normal_[c]);
    const float* other = shortcut_.tensor != nullptr ? shortcut_.tensor->values.data() : nullptr;
    eachRow(n, c, y0, y1, [&](size_t i, size_t o, size_t s, size_t length) {
      const float *x = in_.values.data() + i, *added = other + s;
      float* y = to + (o - out_.origin(n));
      for (size_t j = 0; j < length; j += LANES) {
        soon(x + in_.plane + j);
        if (other != nullptr) soon(added + shortcut_.tensor->plane + j);
        Vec v = affine(load(x + j));
        if (other != nullptr) v += load(added + j);
        store(y + j, relu_ ? positivePart(v) : v);
      }
    });
  }

  /** Where a ReLU let nothing pass the gradient becomes 0; the sums of those rows. */
  DeltaSums maskAndSum(int n, int c, int y0, int y1) {
    const Affine affine(normal_[c]);
    const bool byValue = relu_ && shortcut_.tensor != nullptr;
    DeltaSums total{};
    eachRow(n, c, y0, y1, [&](size_t i, size_t o, size_t, size_t length) {
      const float *x = in_.values.data() + i, *y = out_.values.data() + o;
      float* g = out_.gradient + o;
      Vec delta{}, product{};
      for (size_t j = 0; j < length; j += LANES) {
        soon(x + in_.plane + j);
        const Vec centred = load(x + j) - affine.mean;
        Vec v = load(g + j);
        if (relu_) {
          v = keepWhere((byValue ? load(y + j) : affine(load(x + j))) > Vec{}, v);
          store(g + j, v);
        }
        delta += v;
        product += v * centred;
      }
      total.delta += delta;
      total.product += product;
    });
    return total;
  }

  /** What is subtracted from a channel's gradient: its mean, and that of its product with x, for each unit of x - mean. */
  struct Correction {
    float mean, product;
  };

  /** Calls put(place from the block's origin, gradient) for rows of the input. */
  template <class F> void deltaTo(int n, int c, int y0, int y1, Correction correction, const F& put) const {
    const Affine affine(normal_[c]);
    const Vec mean = splat(correction.mean), product = splat(correction.product);
    eachRow(n, c, y0, y1, [&](size_t i, size_t o, size_t, size_t length) {
      const float *x = in_.values.data() + i, *g = out_.gradient + o;
      for (size_t j = 0; j < length; j += LANES) {
        soon(x + in_.plane + j);
        soon(g + out_.plane + j);
        // Lanes without an image must pass no gradient on.
        const Vec lanes = lanes_[in_.features ? j / LANES : n];
        put(i - in_.origin(n) + j, affine.slope * (load(g + j) - mean - (load(x + j) - affine.mean) * product) * lanes);
      }
    });
  }

  void passToShortcut(int n, int c, int y0, int y1) {
    if (shortcut_.tensor == nullptr || shortcut_.tensor->gradient == nullptr || shortcut_.tensor->gradient == out_.gradient) return;
    eachRow(n, c, y0, y1, [&](size_t, size_t o, size_t s, size_t length) {
      for (size_t j = 0; j < length; j += LANES) putGradient(*shortcut_.tensor, s + j, load(out_.gradient + o + j), shortcut_.add);
    });
  }

  Vec x(size_t i) const { return load(in_.values.data() + i); }

  /** Calls f(place in the input, in the output, in the shortcut, floats of a row) for rows of channel c in block n. */
  template <class F> void eachRow(int n, int c, int y0, int y1, const F& f) const {
    for (int y = y0; y < y1; y++) {
      f(in_.at(n, c, y), out_.at(n, c, y), shortcut_.tensor != nullptr ? shortcut_.tensor->at(n, c, y) : 0, size_t(in_.width) * LANES);
    }
  }

  /** Sum of f(place in the input, lanes) over channel c: row by row, then rows, then blocks, since short sums first keep the rounding small. */
  template <class F> float sum(int c, const F& f) {
    Vec total{};
    for (int n = 0; n < in_.blocks; n++) {
      Vec plane{};
      for (int y = 0; y < in_.height; y++) {
        const size_t i = in_.at(n, c, y);
        Vec row{};
        for (int j = 0; j < in_.width; j++) row += f(i + size_t(j) * LANES, lanes_[in_.features ? j : n]);
        plane += row;
      }
      total += plane;
    }
    return laneSum(total);
  }

  template <class F> void eachChannel(const F& f) {
    const size_t work = size_t(in_.channels) * in_.blocks * in_.height * in_.width;
    const int parts = work < WORTH_SHARING / 4 ? 1 : threads_.count();
    threads_.run(parts, [&](int part) {
      const Range range(in_.channels, part, parts);
      for (int c = range.from; c < range.to; c++) f(c);
    });
  }

  Tensor &in_, &out_;
  const Parameters p_;
  const Shortcut shortcut_;
  const bool relu_, add_;
  Threads& threads_;
  std::vector<Vec> lanes_;
  float count_;
  std::vector<float> scale_;
  std::vector<Normal> normal_;
  ChannelSums<Moments> moments_;
  ChannelSums<DeltaSums> deltas_;
  std::vector<Correction> corrections_;
  bool left_ = false, passOn_ = false, done_ = false;
};
