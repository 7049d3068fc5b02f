// The two loops over kept weights. Both work on a tile of R rows and X columns of pixels (times LANES images) that fits in registers:
// a weight is read once and used for R * X multiply-adds, each of which reads one register of the shifted plane.
#pragma once
#include <type_traits>
#include "connections.h"

/** Pixels of a tile of the weight gradient, half of the registers: the more there are, the fewer sums over lanes. */
constexpr int GRADIENT_TILE = REGISTERS / 2;
/** Rows that are worked on together. */
constexpr int STRIP = 4;

template <int N> using Fixed = std::integral_constant<int, N>;

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

/**
 * For each list i of from ... to - 1: start(i, r, x) plus the sum over its weights of weight * plane at its offset; emit(i, r, x, sum)
 * takes the results.
 * @param in place of the tile's first pixel @param rowStep floats from one row of the tile to the next
 */
template <int R, int X, int S, class Start, class Emit>
static inline void gatherTile(const float* in, size_t rowStep, size_t stride, const Lists& lists, const float* weights, int from, int to,
                              const Start& start, const Emit& emit) {
  const size_t step = columnStep<S>(stride);
  const int32_t* offset = lists.offset.data();
  for (int i = from; i < to; i++) {
    Vec sum[R * X];
#pragma GCC unroll 16
    for (int t = 0; t < R * X; t++) sum[t] = start(i, t / X, t % X);
    for (int p = lists.start[i], end = lists.start[i + 1]; p < end; p++) {
      const float* plane = in + offset[p];
      const Vec weight = splat(weights[p]);
#pragma GCC unroll 16
      for (int t = 0; t < R * X; t++) sum[t] += weight * load(plane + (t / X) * rowStep + (t % X) * step);
    }
#pragma GCC unroll 16
    for (int t = 0; t < R * X; t++) emit(i, t / X, t % X, sum[t]);
  }
}

/** Adds to gradient[0 ... N - 1] the sums over the tile of delta * plane, for N kept weights at once. */
template <int N, int R, int X, int S>
static inline void sumProducts(const float* in, size_t rowStep, size_t step, const int32_t* offset, const Vec* delta, float* gradient) {
  Vec sum[N];
#pragma GCC unroll 8
  for (int i = 0; i < N; i++) {
    const float* plane = in + offset[i];
    sum[i] = delta[0] * load(plane);
#pragma GCC unroll 16
    for (int t = 1; t < R * X; t++) sum[i] += delta[t] * load(plane + (t / X) * rowStep + (t % X) * step);
  }
  alignas(64) float total[LANES];
  store(total, laneSums<N>(sum));
  for (int i = 0; i < N; i++) gradient[i] += total[i];
}

/**
 * Weight gradient of one tile, rows from ... to - 1: the output's gradient stays in registers while the kept weights of its row pass by.
 * @param first number of the list of row 0 @param biasSums a register for each row, to which the tile's gradient is added, or null
 */
template <int R, int X, int S>
static inline void gradientTile(const float* in, size_t inRow, size_t stride, const float* delta, size_t deltaRow, size_t deltaPlane,
                                const Lists& rows, int first, float* gradient, Vec* biasSums, int from, int to) {
  constexpr int GROUP = REGISTERS / 4;
  const size_t step = columnStep<S>(stride);
  const int32_t* offset = rows.offset.data();
  for (int k = from; k < to; k++) {
    int p = rows.start[first + k];
    const int end = rows.start[first + k + 1];
    if (p == end && biasSums == nullptr) continue;
    Vec d[R * X];
#pragma GCC unroll 16
    for (int t = 0; t < R * X; t++) d[t] = load(delta + k * deltaPlane + (t / X) * deltaRow + (t % X) * LANES);
    if (biasSums != nullptr) {
      Vec sum = d[0];
#pragma GCC unroll 16
      for (int t = 1; t < R * X; t++) sum += d[t];
      biasSums[k] += sum;
    }
    const auto group = [&](auto n) {
      constexpr int N = decltype(n)::value;
      sumProducts<N, R, X, S>(in, inRow, step, offset + p, d, gradient + p);
      p += N;
    };
    while (end - p >= GROUP) group(Fixed<GROUP>{});
    if (GROUP > 4 && end - p >= 4) group(Fixed<4>{});
    if (end - p >= 2) group(Fixed<2>{});
    if (end - p >= 1) group(Fixed<1>{});
  }
}
