// Max and average pooling over windows, and the mean over a whole plane.
#pragma once
#include "planes.h"

struct Windows {
  int size, stride, padTop, padLeft;
};

class Pool : public Operation {
 public:
  Pool(Tensor& in, Tensor& out, Windows windows, bool max, bool add, Threads& threads)
      : in_(in), out_(out), w_(windows), max_(max), add_(add), threads_(threads) {}

  void forward(bool) override {
    withSize([&](auto size) {
      const float* values = in_.values.data();
      eachWindow<size()>([&](size_t i, size_t o, int rows, int columns) {
        Vec v = load(values + i);
        for (int y = 0; y < rows; y++) {
          for (int x = y == 0 ? 1 : 0; x < columns; x++) {
            const Vec here = load(values + i + y * in_.row + size_t(x) * LANES);
            v = max_ ? (v < here ? here : v) : v + here;
          }
        }
        store(out_.values.data() + o, max_ ? v : v * (1.0f / (rows * columns)));
      });
    });
  }

  /** The gradient goes to the largest value of its window, the first of equals, or in equal parts to all. */
  void backward() override {
    if (in_.gradient == nullptr) return;
    // Windows side by side reach each pixel once; else pixels start at 0 and add up.
    const bool once = w_.stride == w_.size && w_.padTop + w_.padLeft == 0 && in_.height == out_.height * w_.size && in_.width == out_.width * w_.size;
    const bool add = add_ || !once;
    if (!add_ && !once) clear();
    withSize([&](auto size) {
      const float* values = in_.values.data();
      eachWindow<size()>([&](size_t i, size_t o, int rows, int columns) {
        const Vec g = load(out_.gradient + o), largest = load(out_.values.data() + o), share = g * (1.0f / (rows * columns));
        IntVec free = ~IntVec{};
        for (int y = 0; y < rows; y++) {
          for (int x = 0; x < columns; x++) {
            const size_t at = i + y * in_.row + size_t(x) * LANES;
            const IntVec here = free & (load(values + at) == largest);
            free &= ~here;
            putGradient(in_, at, max_ ? keepWhere(here, g) : share, add);
          }
        }
      });
    });
  }

 private:
  void clear() {
    eachPlane(in_, threads_, [&](int n, int c) {
      for (int y = 0; y < in_.height; y++) memset(in_.gradient + in_.at(n, c, y), 0, size_t(in_.width) * LANES * sizeof(float));
    });
  }
  /** Calls f with the size of the windows as a constant: 2 where none is cut off at an edge, else 0, any. */
  template <class F> void withSize(const F& f) const {
    const bool whole = w_.padTop + w_.padLeft == 0 && (out_.height - 1) * w_.stride + w_.size <= in_.height && (out_.width - 1) * w_.stride + w_.size <= in_.width;
    if (whole && w_.size == 2) f(Fixed<2>{});
    else f(Fixed<0>{});
  }

  /** Calls f(place of its first pixel, place in the output, rows, columns) for each window. */
  template <int SIZE, class F> void eachWindow(const F& f) {
    eachPlane(out_, threads_, [&](int n, int c) {
      for (int y = 0; y < out_.height; y++) {
        const int top = std::max(0, y * w_.stride - w_.padTop), rows = std::min(y * w_.stride - w_.padTop + w_.size, in_.height) - top;
        const size_t row = in_.at(n, c, top), out = out_.at(n, c, y);
        for (int x = 0; x < out_.width; x++) {
          if constexpr (SIZE > 0) {
            f(row + size_t(x) * w_.stride * LANES, out + size_t(x) * LANES, SIZE, SIZE);
          } else {
            const int left = std::max(0, x * w_.stride - w_.padLeft), columns = std::min(x * w_.stride - w_.padLeft + w_.size, in_.width) - left;
            f(row + size_t(left) * LANES, out + size_t(x) * LANES, rows, columns);
          }
        }
      }
    });
  }

  Tensor &in_, &out_;
  const Windows w_;
  const bool max_, add_;
  Threads& threads_;
};

/** Mean over height and width: image maps to features. */
class GlobalAverage : public Operation {
 public:
  GlobalAverage(Tensor& in, Tensor& out, bool add, Threads& threads) : in_(in), out_(out), add_(add), threads_(threads) {}
  void forward(bool) override {
    eachPlane(in_, threads_, [&](int n, int c) {
      Vec total{};
      for (int y = 0; y < in_.height; y++) {
        Vec row{};
        for (int x = 0; x < in_.width; x++) row += load(in_.values.data() + in_.at(n, c, y) + size_t(x) * LANES);
        total += row;
      }
      store(out_.values.data() + out_.at(0, c, 0) + size_t(n) * LANES, total * (1.0f / (in_.height * in_.width)));
    });
  }
  void backward() override {
    if (in_.gradient == nullptr) return;
    eachPlane(in_, threads_, [&](int n, int c) {
      const Vec g = load(out_.gradient + out_.at(0, c, 0) + size_t(n) * LANES) * (1.0f / (in_.height * in_.width));
      for (int y = 0; y < in_.height; y++) {
        for (int x = 0; x < in_.width; x++) putGradient(in_, in_.at(n, c, y) + size_t(x) * LANES, g, add_);
      }
    });
  }

 private:
  Tensor &in_, &out_;
  const bool add_;
  Threads& threads_;
};
