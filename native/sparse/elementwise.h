// Operations that see one pixel at a time: activations, the sum of a residual block, dropout.
#pragma once
#include <cmath>
#include "noise.h"
#include "planes.h"

/** A ReLU on its own; most are done by the operation before. Its gradient is masked by whoever writes it (`Tensor::masked`). */
class Relu : public Operation {
 public:
  Relu(Tensor& in, Tensor& out, bool add, Threads& threads) : in_(in), out_(out), add_(add), threads_(threads) {}
  void forward(bool) override {
    eachPixel(in_, out_, threads_, [&](size_t i, size_t o) { store(out_.values.data() + o, positivePart(load(in_.values.data() + i))); });
  }
  void backward() override {
    if (in_.gradient == nullptr) return;
    eachPixel(in_, out_, threads_, [&](size_t i, size_t o) { putGradient(in_, i, load(out_.gradient + o), add_); });
  }

 private:
  Tensor &in_, &out_;
  const bool add_;
  Threads& threads_;
};

/** tanh, or 1 / (1 + exp(-x)); the gradient follows from the value: 1 - y^2, or y (1 - y). */
class Sigmoidal : public Operation {
 public:
  Sigmoidal(Tensor& in, Tensor& out, bool tanh, bool add, Threads& threads) : in_(in), out_(out), tanh_(tanh), add_(add), threads_(threads) {}
  void forward(bool) override {
    eachPixel(in_, out_, threads_, [&](size_t i, size_t o) {
      Vec y = load(in_.values.data() + i);
      for (int l = 0; l < LANES; l++) y[l] = tanh_ ? std::tanh(y[l]) : 1 / (1 + std::exp(-y[l]));
      store(out_.values.data() + o, y);
    });
  }
  void backward() override {
    if (in_.gradient == nullptr) return;
    eachPixel(in_, out_, threads_, [&](size_t i, size_t o) {
      const Vec y = load(out_.values.data() + o), slope = tanh_ ? 1 - y * y : y * (1 - y);
      putGradient(in_, i, load(out_.gradient + o) * slope, add_);
    });
  }

 private:
  Tensor &in_, &out_;
  const bool tanh_, add_;
  Threads& threads_;
};

/** a + b, and the ReLU that usually follows. */
class Add : public Operation {
 public:
  struct Input {
    Tensor& tensor;
    bool add;
  };
  Add(Input a, Input b, Tensor& out, bool relu, Threads& threads) : a_(a), b_(b), out_(out), relu_(relu), threads_(threads) {}
  void forward(bool) override {
    const float *a = a_.tensor.values.data(), *b = b_.tensor.values.data();
    eachPlane(out_, threads_, [&](int n, int c) {
      for (int y = 0; y < out_.height; y++) {
        const size_t i = a_.tensor.at(n, c, y), j = b_.tensor.at(n, c, y), o = out_.at(n, c, y);
        for (size_t x = 0; x < size_t(out_.width) * LANES; x += LANES) {
          const Vec v = load(a + i + x) + load(b + j + x);
          store(out_.values.data() + o + x, relu_ ? positivePart(v) : v);
        }
      }
    });
  }
  void backward() override {
    eachPlane(out_, threads_, [&](int n, int c) {
      for (int y = 0; y < out_.height; y++) {
        const size_t i = a_.tensor.at(n, c, y), j = b_.tensor.at(n, c, y), o = out_.at(n, c, y);
        for (size_t x = 0; x < size_t(out_.width) * LANES; x += LANES) {
          Vec g = load(out_.gradient + o + x);
          if (relu_) g = keepWhere(load(out_.values.data() + o + x) > Vec{}, g);
          // b first: a's gradient may live where the output's does.
          if (b_.tensor.gradient != nullptr) putGradient(b_.tensor, j + x, g, b_.add);
          if (a_.tensor.gradient != nullptr) putGradient(a_.tensor, i + x, g, a_.add);
        }
      }
    });
  }

 private:
  const Input a_, b_;
  Tensor& out_;
  const bool relu_;
  Threads& threads_;
};

/** Each value set to 0 with probability `rate` in training, the others scaled by 1 / (1 - rate). */
class Dropout : public Operation {
 public:
  /** @param order number of this draw among those of one update */
  Dropout(Tensor& in, Tensor& out, float rate, int order, bool add, const Batch& batch, Threads& threads)
      : in_(in), out_(out), rate_(rate), order_(order), add_(add), images_(batch.images), threads_(threads), factor_(out.size()) {}
  void draw(const StepSeed& seed) override {
    const Noise noise = drawNoise(seed, order_);
    const int width = in_.features ? 1 : in_.width, channels = in_.channels;
    // Numbered as [image, row, column, channel], the order in which the other engines draw.
    const size_t each = size_t(in_.height) * width * channels, all = each * images_;
    const float scale = 1 / (1 - rate_);
    for (size_t first = 0; first < all; first += 4) {
      float u[4];
      noise.four(first / 4, u);
      for (size_t i = first; i < all && i < first + 4; i++) {
        const int image = int(i / each), c = int(i % channels), x = int(i / channels % width), y = int(i / channels / width % in_.height);
        const int block = image / LANES, lane = image % LANES;
        const size_t place = in_.features ? out_.at(0, c, 0) + block * LANES : out_.at(block, c, y) + x * LANES;
        factor_[place + lane] = u[i - first] >= rate_ ? scale : 0;
      }
    }
  }
  void forward(bool training) override {
    const float *x = in_.values.data(), *f = factor_.data();
    eachPixel(in_, out_, threads_, [&](size_t i, size_t o) { store(out_.values.data() + o, training ? load(x + i) * load(f + o) : load(x + i)); });
  }
  void backward() override {
    if (in_.gradient == nullptr) return;
    eachPixel(in_, out_, threads_, [&](size_t i, size_t o) { putGradient(in_, i, load(out_.gradient + o) * load(factor_.data() + o), add_); });
  }
  /** The noise of draw number `order` of an update, seeded as src/train/trainer.ts does. */
  static Noise drawNoise(const StepSeed& s, int order) {
    return Noise(int32_t(uint32_t(s.seed) + 7919u * uint32_t(order)), int32_t(uint32_t(s.step) + 1000003u * uint32_t(order)));
  }

 private:
  Tensor &in_, &out_;
  const float rate_;
  const int order_;
  const bool add_;
  const int images_;
  Threads& threads_;
  Floats factor_;
};
