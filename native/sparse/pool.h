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
    const float* values = in_.values.data();
    eachWindow([&](int n, int c, int y, size_t o, Range rows, Range columns) {
      (void)y;
      Vec v{};
      bool first = true;
      for (int iy = rows.from; iy < rows.to; iy++) {
        const float* row = values + in_.at(n, c, iy);
        for (int ix = columns.from; ix < columns.to; ix++) {
          const Vec x = load(row + size_t(ix) * LANES);
          v = first ? x : max_ ? (v < x ? x : v) : v + x;
          first = false;
        }
      }
      const int count = (rows.to - rows.from) * (columns.to - columns.from);
      store(out_.values.data() + o, max_ ? v : v * (1.0f / count));
    });
  }

  /** The gradient goes to the largest value of its window, the first of equals, or in equal parts to all. */
  void backward() override {
    if (in_.gradient == nullptr) return;
    const float* values = in_.values.data();
    // Windows side by side reach each pixel once; else pixels start at 0 and add up.
    const bool once = w_.stride == w_.size && w_.padTop + w_.padLeft == 0 && in_.height == out_.height * w_.size && in_.width == out_.width * w_.size;
    const bool add = add_ || !once;
    if (!add_ && !once) clear();
    eachWindow([&](int n, int c, int, size_t o, Range rows, Range columns) {
      const Vec g = load(out_.gradient + o), largest = load(out_.values.data() + o);
      const int count = (rows.to - rows.from) * (columns.to - columns.from);
      IntVec free = ~IntVec{};
      for (int iy = rows.from; iy < rows.to; iy++) {
        const size_t row = in_.at(n, c, iy);
        for (int ix = columns.from; ix < columns.to; ix++) {
          const size_t i = row + size_t(ix) * LANES;
          if (max_) {
            const IntVec here = free & (load(values + i) == largest);
            putGradient(in_, i, keepWhere(here, g), add);
            free &= ~here;
          } else {
            putGradient(in_, i, g * (1.0f / count), add);
          }
        }
      }
    });
  }

 private:
  struct Range {
    int from, to;
  };

  void clear() {
    eachPlane(in_, threads_, [&](int n, int c) {
      for (int y = 0; y < in_.height; y++) memset(in_.gradient + in_.at(n, c, y), 0, size_t(in_.width) * LANES * sizeof(float));
    });
  }
  template <class F> void eachWindow(const F& f) {
    eachPlane(out_, threads_, [&](int n, int c) {
      for (int y = 0; y < out_.height; y++) {
        const int top = y * w_.stride - w_.padTop;
        const Range rows{top < 0 ? 0 : top, top + w_.size > in_.height ? in_.height : top + w_.size};
        for (int x = 0; x < out_.width; x++) {
          const int left = x * w_.stride - w_.padLeft;
          const Range columns{left < 0 ? 0 : left, left + w_.size > in_.width ? in_.width : left + w_.size};
          f(n, c, y, out_.at(n, c, y) + size_t(x) * LANES, rows, columns);
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
