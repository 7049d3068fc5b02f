// BatchNorm, channel by channel: the planes of one channel fit in the cache, so that they come from memory once for all passes. At
// the end of a residual block's body it also adds the shortcut, while the normalised value is in a register.
#pragma once
#include <cmath>
#include "operation.h"

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
      : in_(in), out_(out), p_(parameters), shortcut_(shortcut), relu_(relu), add_(add), threads_(threads), mean_(in.channels), scale_(in.channels) {
    for (int b = 0; b < batch.blocks; b++) lanes_.push_back(batch.lanes(b));
    count_ = float(batch.images) * in.height * (in.features ? 1 : in.width);
  }

  Tensor& out() { return out_; }
  const Tensor* shortcut() const { return shortcut_.tensor; }
  bool relu() const { return relu_; }

  /** Leaves the next evaluation to the operation before, which asks for three numbers a channel: mean, slope and beta. */
  void fold() {
    folded_.resize(size_t(in_.channels) * 3);
    for (int c = 0; c < in_.channels; c++) {
      folded_[3 * c] = p_.mean->values[c];
      folded_[3 * c + 1] = (p_.gamma != nullptr ? p_.gamma->values[c] : 1) * (1 / std::sqrt(p_.variance->values[c] + EPSILON));
      folded_[3 * c + 2] = p_.beta != nullptr ? p_.beta->values[c] : 0;
    }
    done_ = true;
  }
  const float* folded(int channel) const { return folded_.data() + 3 * channel; }

  /**
   * y = (x - mean) / sqrt(variance + 1e-5) * gamma + beta. In training with the batch's statistics, and the running ones move by a
   * tenth towards them (the variance with Bessel's correction).
   */
  void forward(bool training) override {
    if (std::exchange(done_, false) && !training) return;
    float* y = out_.values.data();
    eachChannel([&](int c) {
      float mean = p_.mean->values[c], variance = p_.variance->values[c];
      if (training) {
        mean = sum(c, [&](size_t i, size_t, Vec lanes) { return x(i) * lanes; }) / count_;
        const Vec m = splat(mean);
        variance = sum(c, [&](size_t i, size_t, Vec lanes) { return (x(i) - m) * (x(i) - m) * lanes; }) / count_;
        const float bessel = count_ / std::fmax(1.0f, count_ - 1);
        p_.mean->values[c] = p_.mean->values[c] * MOMENTUM + mean * (1 - MOMENTUM);
        p_.variance->values[c] = p_.variance->values[c] * MOMENTUM + variance * bessel * (1 - MOMENTUM);
      }
      mean_[c] = mean;
      scale_[c] = 1 / std::sqrt(variance + EPSILON);
      const Affine affine(*this, c);
      eachRow(c, [&](size_t i, size_t o, size_t s, size_t length) {
        for (size_t j = 0; j < length; j += LANES) {
          Vec v = affine(x(i + j));
          if (shortcut_.tensor != nullptr) v += load(shortcut_.tensor->values.data() + s + j);
          store(y + o + j, relu_ ? positivePart(v) : v);
        }
      });
    });
  }

  /** dx = gamma scale (g - mean(g) - z mean(g z)), z the normalised x, g the gradient of the output (where a ReLU let it pass). */
  void backward() override {
    eachChannel([&](int c) {
      const Affine affine(*this, c);
      const Vec m = splat(mean_[c]), s = splat(scale_[c]);
      if (shortcut_.tensor != nullptr) passToShortcut(c);
      const bool mask = relu_ && shortcut_.tensor == nullptr;
      const auto delta = [&](size_t i, size_t o) {
        const Vec g = load(out_.gradient + o);
        return mask ? keepWhere(affine(x(i)) > Vec{}, g) : g;
      };
      const float ofDelta = sum(c, [&](size_t i, size_t o, Vec) { return delta(i, o); });
      const float ofProduct = sum(c, [&](size_t i, size_t o, Vec) { return delta(i, o) * ((x(i) - m) * s); });
      if (p_.gamma != nullptr) {
        p_.beta->gradient[c] = ofDelta;
        p_.gamma->gradient[c] = ofProduct;
      }
      if (in_.gradient == nullptr) return;
      const Vec meanDelta = splat(ofDelta / count_), meanProduct = splat(ofProduct / count_);
      each(c, [&](size_t i, size_t o, Vec lanes) {
        // Lanes without an image must pass no gradient on.
        putGradient(in_, i, affine.slope * (delta(i, o) - meanDelta - (x(i) - m) * s * meanProduct) * lanes, add_);
      });
    });
  }

 private:
  static constexpr float EPSILON = 1e-5f, MOMENTUM = 0.9f;

  /** (x - mean) * slope + beta, in one place: the ReLU's gradient must see the same bits as its value did. */
  struct Affine {
    Vec slope, mean, beta;
    Affine(const BatchNorm& b, int c)
        : slope(splat((b.p_.gamma != nullptr ? b.p_.gamma->values[c] : 1) * b.scale_[c])),
          mean(splat(b.mean_[c])),
          beta(splat(b.p_.beta != nullptr ? b.p_.beta->values[c] : 0)) {}
    Vec operator()(Vec x) const { return (x - mean) * slope + beta; }
  };

  /** The gradient that the ReLU after the sum lets pass goes to the shortcut, and stays in place for the normalised side. */
  void passToShortcut(int c) {
    Tensor& other = *shortcut_.tensor;
    eachRow(c, [&](size_t, size_t o, size_t s, size_t length) {
      for (size_t j = 0; j < length; j += LANES) {
        Vec g = load(out_.gradient + o + j);
        if (relu_) {
          g = keepWhere(load(out_.values.data() + o + j) > Vec{}, g);
          store(out_.gradient + o + j, g);
        }
        if (other.gradient != nullptr) putGradient(other, s + j, g, shortcut_.add);
      }
    });
  }

  Vec x(size_t i) const { return load(in_.values.data() + i); }

  /** Calls f(place in the input, in the output, in the shortcut, floats of a row) for each row of channel c. */
  template <class F> void eachRow(int c, const F& f) {
    for (int n = 0; n < in_.blocks; n++) {
      for (int y = 0; y < in_.height; y++) {
        f(in_.at(n, c, y), out_.at(n, c, y), shortcut_.tensor != nullptr ? shortcut_.tensor->at(n, c, y) : 0, size_t(in_.width) * LANES);
      }
    }
  }

  /** Calls f(place in the input, place in the output, lanes) for each pixel of channel c. */
  template <class F> void each(int c, const F& f) {
    for (int n = 0; n < in_.blocks; n++) {
      for (int y = 0; y < in_.height; y++) {
        const size_t i = in_.at(n, c, y), o = out_.at(n, c, y);
        for (int j = 0; j < in_.width; j++) f(i + size_t(j) * LANES, o + size_t(j) * LANES, lanes_[in_.features ? j : n]);
      }
    }
  }

  /** Sum of f over the channel: row by row, then rows, then blocks, since short sums first keep the rounding small. */
  template <class F> float sum(int c, const F& f) {
    Vec total{};
    for (int n = 0; n < in_.blocks; n++) {
      Vec plane{};
      for (int y = 0; y < in_.height; y++) {
        const size_t i = in_.at(n, c, y), o = out_.at(n, c, y);
        Vec row{};
        for (int j = 0; j < in_.width; j++) row += f(i + size_t(j) * LANES, o + size_t(j) * LANES, lanes_[in_.features ? j : n]);
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
  std::vector<float> mean_, scale_, folded_;
  bool done_ = false;
};
