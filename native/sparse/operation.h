// What every operation of a network is: it reads tensors, writes one, and passes the gradient back.
#pragma once
#include <type_traits>
#include <vector>
#include "optimizer.h"
#include "tensor.h"
#include "threads.h"

/** Work smaller than this many register operations is done by one thread: waking the others would take longer. */
constexpr size_t WORTH_SHARING = 60000;

struct StepSeed {
  int32_t seed, step;
};

struct Operation {
  virtual ~Operation() = default;
  /** Draws the noise of one update, for those that need any. */
  virtual void draw(const StepSeed&) {}
  virtual void forward(bool training) = 0;
  virtual void backward() = 0;
};

/** A whole number as a type, for loops whose length the compiler should know. */
template <int N> using Fixed = std::integral_constant<int, N>;

/** Part p of n things in `parts` equal parts, as [from, to). */
struct Range {
  int from, to;
  Range(int n, int part, int parts) : from(int(int64_t(n) * part / parts)), to(int(int64_t(n) * (part + 1) / parts)) {}
};

/** How many images the last block holds, and masks for sums over the batch. */
struct Batch {
  int images, blocks;
  /** Images that count: all in training, fewer in the last batch of an evaluation. */
  explicit Batch(int images) : images(images), blocks((images + LANES - 1) / LANES) {}
  /** 1 in the lanes of block b that hold an image, else 0. */
  Vec lanes(int b) const {
    Vec mask{};
    for (int l = 0; l < LANES; l++) mask[l] = b * LANES + l < images ? 1.0f : 0.0f;
    return mask;
  }
};

/** A parameter that is never pruned: bias, gamma, beta, or a running statistic (without slots). */
struct Vector {
  std::vector<float> values, gradient;
  std::vector<std::vector<float>> slots;
};
