// Memory that will be wanted soon. The loops over kept weights jump between planes, which no processor foresees: while one strip of
// rows is computed, what the next one reads is asked for line by line.
#pragma once
#include <algorithm>
#include "strip.h"
#include "tensor.h"

class Ahead {
 public:
  /** Tensors from this size on do not stay in a second cache between two operations. */
  static constexpr size_t FAR = size_t(1) << 20;

  /** Wants rows y0 ... y1 - 1 (or those there are, borders included) of block n, of an array laid out as t; n = -1: nothing. Two at most. */
  void want(const float* values, const Tensor& t, Strip rows) {
    const int y0 = std::max(rows.y0, -t.border), y1 = std::min(rows.y1, t.height + t.border);
    if (rows.n < 0 || y0 >= y1 || t.size() * sizeof(float) < FAR || count_ == MOST) return;
    Run& run = runs_[count_++];
    run.lines = int((y1 - y0) * t.row * sizeof(float) / LINE);
    run.place = values + t.at(rows.n, 0, y0) - t.border * LANES;
    run.jump = t.plane - size_t(run.lines) * (LINE / sizeof(float));
    run.planes = t.channels;
    left_ += run.lines * t.channels;
    if (count_ == 1) line_ = run.lines;
  }
  void want(const Tensor& t, Strip rows) { want(t.values.data(), t, rows); }
  /** How often `bring` will be called. */
  void spread(int calls) { each_ = left_ / std::max(1, calls) + 1; }

  /** Asks for the next few lines. */
  inline __attribute__((always_inline)) void bring() {
    const int count = std::min(each_, left_);
    left_ -= count;
    for (int i = 0; i < count; i++) {
      Run& run = runs_[at_];
      __builtin_prefetch(run.place, 0, 2);
      run.place += LINE / sizeof(float);
      if (--line_ > 0) continue;
      line_ = run.lines;
      run.place += run.jump;
      if (--run.planes == 0) line_ = runs_[++at_].lines;
    }
  }

 private:
  static constexpr size_t LINE = 64;
  static constexpr int MOST = 2;
  struct Run {
    const float* place = nullptr;
    size_t jump = 0;
    int lines = 0, planes = 0;
  };
  /** One more than may be used, so that the end of the last finds an empty one. */
  Run runs_[MOST + 1];
  int count_ = 0, at_ = 0, line_ = 0, left_ = 0, each_ = 0;
};
