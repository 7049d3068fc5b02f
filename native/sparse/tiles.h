// The two loops over kept weights. Both work on a tile of R rows and X columns of pixels (times LANES images) that fits in registers:
// a weight is read once and used for R * X multiply-adds, each of which reads one register of the shifted plane.
//
// They are functions of their own (`noinline`) that take a struct of plain numbers: inlined into the walk over tiles, the compiler ran
// out of registers for addresses and reloaded some for every weight, which took half of the time.
#pragma once
#include "ahead.h"
#include "batchNorm.h"
#include "connections.h"
#include "operation.h"

/** Pixels of a tile of the weight gradient, half of the registers: the more there are, the fewer sums over lanes. */
constexpr int GRADIENT_TILE = REGISTERS / 2;
/** Calls tile(R, X, y, x) for tiles of at most T pixels that cover rows y0 ... y1 - 1: wide ones first, narrow rests over more rows. */
template <int T, int X = T / TILE_ROWS, class F> static inline void eachTile(int y0, int y1, int x, int width, const F& tile) {
  constexpr int R = T / X < STRIP ? T / X : STRIP;
  for (; width - x >= X; x += X) {
    int y = y0;
    for (; y1 - y >= R; y += R) tile(Fixed<R>{}, Fixed<X>{}, y, x);
    for (; y < y1; y++) tile(Fixed<1>{}, Fixed<X>{}, y, x);
  }
  if constexpr (X > 1) {
    if (x < width) eachTile<T, X / 2>(y0, y1, x, width, tile);
  }
}

/** Calls part(from, to) for groups of lists whose results for a tile of that many pixels stay in the cache from chunk to chunk. */
template <class F> static inline void eachGroup(int from, int to, int pixels, const F& part) {
  const int lists = CACHED * 2 / 3 / pixels;
  for (; from < to; from += lists) part(from, std::min(from + lists, to));
}

/** Floats between neighbours in a row of the tile: a constant for the usual strides. S = 0: any. */
template <int S> static inline size_t columnStep(size_t stride) { return (S > 0 ? S : stride) * LANES; }

/** What the gathering loop reads and writes: plain numbers, so that the loop finds all of them in registers or on the stack. */
struct Gather {
  const int32_t *start, *offset;
  const float* weights;
  /** Places of the tile's first pixel; floats from row to row and from pixel to pixel. */
  const float* in;
  size_t inRow;
  float* out;
  size_t outPlane, outRow, outStep;
  /** One number for each list where a sum starts, or null for 0. */
  const float* bias = nullptr;
  /** Values whose ReLU masks the results, at the same places as `out`, or null. */
  const float* mask = nullptr;
  /** Adds to what `out` holds; takes the positive part of the result. */
  bool add = false, relu = false;
  /** A normalisation of the results, one for each list, or null. */
  const Normal* normal = nullptr;
  /** What is added after that, with floats from list to list and from row to row, or null. */
  const float* shortcut = nullptr;
  size_t shortcutPlane = 0, shortcutRow = 0;
  /** Sums of the strip to which the results are added, one for each list, or null; `first`: this tile is the strip's first. */
  Moments* moments = nullptr;
  bool first = false;
  Ahead* ahead = nullptr;
};

/** Adds a tile of results to the sums of its strip. */
template <int N> static inline __attribute__((always_inline)) void addMoments(Moments& m, const Vec (&values)[N], bool first) {
  if (first) m = Moments{values[0], Vec{}, Vec{}};
  Vec sum[2] = {}, squares[2] = {};
#pragma GCC unroll 32
  for (int t = 0; t < N; t++) {
    const Vec difference = values[t] - m.first;
    sum[t % 2] += difference;
    squares[t % 2] += difference * difference;
  }
  m.sum += sum[0] + sum[1];
  m.squares += squares[0] + squares[1];
}

/** For each list i < lists: the sum over its weights of weight * plane at its offset, for each pixel of the tile. */
template <int R, int X, int S> __attribute__((noinline)) static void gatherTile(const Gather& g, size_t stride, int lists) {
  const size_t step = columnStep<S>(stride);
  const int32_t* __restrict offset = g.offset;
  const float* __restrict weights = g.weights;
  const float* row[R];
  for (int r = 0; r < R; r++) row[r] = g.in + r * g.inRow;
  float* out = g.out;
  for (int i = 0; i < lists; i++, out += g.outPlane) {
    g.ahead->bring();
    Vec sum[R * X];
    const Vec begin = g.bias != nullptr ? splat(g.bias[i]) : Vec{};
#pragma GCC unroll 32
    for (int t = 0; t < R * X; t++) sum[t] = begin;
    for (int p = g.start[i], end = g.start[i + 1]; p < end; p++) {
      const Vec weight = splat(weights[p]);
      const ptrdiff_t at = offset[p];
#pragma GCC unroll 32
      for (int t = 0; t < R * X; t++) sum[t] += weight * load(row[t / X] + at + (t % X) * step);
    }
    if (g.add) {
#pragma GCC unroll 32
      for (int t = 0; t < R * X; t++) sum[t] += load(out + (t / X) * g.outRow + (t % X) * g.outStep);
    }
    if (g.normal != nullptr) {
      const Affine affine(g.normal[i]);
#pragma GCC unroll 32
      for (int t = 0; t < R * X; t++) sum[t] = affine(sum[t]);
    }
    if (g.shortcut != nullptr) {
      const float* other = g.shortcut + i * g.shortcutPlane;
#pragma GCC unroll 32
      for (int t = 0; t < R * X; t++) sum[t] += load(other + (t / X) * g.shortcutRow + (t % X) * LANES);
    }
    if (g.relu) {
#pragma GCC unroll 32
      for (int t = 0; t < R * X; t++) sum[t] = positivePart(sum[t]);
    }
    if (g.mask != nullptr) {
      const float* mask = g.mask + (out - g.out);
#pragma GCC unroll 32
      for (int t = 0; t < R * X; t++) sum[t] = keepWhere(load(mask + (t / X) * g.outRow + (t % X) * g.outStep) > Vec{}, sum[t]);
    }
#pragma GCC unroll 32
    for (int t = 0; t < R * X; t++) store(out + (t / X) * g.outRow + (t % X) * g.outStep, sum[t]);
    if (g.moments != nullptr) addMoments(g.moments[i], sum, g.first);
  }
}

/** What the loop of the weight gradient reads and writes. */
struct Products {
  const int32_t *start, *offset;
  /** Places of the tile's first pixel, of the input and of the output's gradient. */
  const float* in;
  size_t inRow;
  const float* delta;
  size_t deltaPlane, deltaRow;
  float* gradient;
  /** A register for each list, to which the tile's gradient is added, or null. */
  Vec* biasSums;
  Ahead* ahead;
};

/** Adds to gradient[0 ... N - 1] the sums over the tile of delta * plane, for N kept weights at once. */
template <int N, int R, int X, int S>
static inline __attribute__((always_inline)) void sumProducts(const float* const* row, size_t step, const int32_t* offset, const Vec* delta, float* gradient) {
  Vec sum[N];
  ptrdiff_t at[N];
#pragma GCC unroll 8
  for (int i = 0; i < N; i++) at[i] = offset[i];
#pragma GCC unroll 32
  for (int t = 0; t < R * X; t++) {
#pragma GCC unroll 8
    for (int i = 0; i < N; i++) {
      const Vec product = delta[t] * load(row[t / X] + at[i] + (t % X) * step);
      sum[i] = t == 0 ? product : sum[i] + product;
    }
  }
  alignas(64) float total[LANES];
  store(total, laneSums<N>(sum));
#pragma GCC unroll 8
  for (int i = 0; i < N; i++) gradient[i] += total[i];
}

/** Weight gradient of one tile: the output's gradient stays in registers while the kept weights of its list pass by. */
template <int R, int X, int S> __attribute__((noinline)) static void gradientTile(const Products& g, size_t stride, int lists) {
  constexpr int GROUP = REGISTERS / 4;
  const size_t step = columnStep<S>(stride);
  const int32_t* __restrict offset = g.offset;
  float* __restrict gradient = g.gradient;
  const float* row[R];
  for (int r = 0; r < R; r++) row[r] = g.in + r * g.inRow;
  const float* delta = g.delta;
  for (int k = 0; k < lists; k++, delta += g.deltaPlane) {
    g.ahead->bring();
    int p = g.start[k];
    const int end = g.start[k + 1];
    if (p == end && g.biasSums == nullptr) continue;
    Vec d[R * X];
#pragma GCC unroll 32
    for (int t = 0; t < R * X; t++) d[t] = load(delta + (t / X) * g.deltaRow + (t % X) * LANES);
    if (g.biasSums != nullptr) {
      Vec sum = d[0];
#pragma GCC unroll 32
      for (int t = 1; t < R * X; t++) sum += d[t];
      g.biasSums[k] += sum;
    }
    for (; end - p >= GROUP; p += GROUP) sumProducts<GROUP, R, X, S>(row, step, offset + p, d, gradient + p);
    if constexpr (GROUP > 4) {
      if (end - p >= 4) {
        sumProducts<4, R, X, S>(row, step, offset + p, d, gradient + p);
        p += 4;
      }
    }
    if (end - p >= 2) {
      sumProducts<2, R, X, S>(row, step, offset + p, d, gradient + p);
      p += 2;
    }
    if (end - p >= 1) sumProducts<1, R, X, S>(row, step, offset + p, d, gradient + p);
  }
}
