// Memory that will be wanted soon. The loops over kept weights jump between planes, which no processor foresees: while one strip of
// rows is computed, the next one is asked for line by line.
#pragma once
#include <algorithm>
#include "tensor.h"

/** Rows y0 ... y1 - 1 of all planes of an image block; n = -1: none. */
struct Strip {
  int n = -1, y0 = 0, y1 = 0;
};

class Ahead {
 public:
  /** Tensors from this size on do not stay in a second cache between two operations. */
  static constexpr size_t FAR = size_t(1) << 20;

  Ahead() = default;
  /** The rows of a strip, with their borders, of an array laid out as t. @param calls how often `bring` will be called meanwhile */
  Ahead(const float* values, const Tensor& t, Strip strip, int calls) {
    const int y0 = std::max(strip.y0, -t.border), y1 = std::min(strip.y1, t.height + t.border);
    if (strip.n < 0 || y0 >= y1 || t.size() * sizeof(float) < FAR) return;
    place_ = values + t.at(strip.n, 0, y0) - t.border * LANES;
    lines_ = line_ = int((y1 - y0) * t.row * sizeof(float) / LINE);
    jump_ = t.plane - size_t(lines_) * (LINE / sizeof(float));
    left_ = lines_ * t.channels;
    each_ = left_ / std::max(1, calls) + 1;
  }
  /** Asks for the next few lines. */
  inline __attribute__((always_inline)) void bring() {
    const int count = std::min(each_, left_);
    left_ -= count;
    for (int i = 0; i < count; i++) {
      __builtin_prefetch(place_, 0, 2);
      place_ += LINE / sizeof(float);
      if (--line_ > 0) continue;
      line_ = lines_;
      place_ += jump_;
    }
  }

 private:
  static constexpr size_t LINE = 64;
  const float* place_ = nullptr;
  size_t jump_ = 0;
  int lines_ = 0, line_ = 0, left_ = 0, each_ = 0;
};
