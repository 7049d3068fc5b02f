// One register of floats, in the compiler's own vector notation: the same source serves AVX-512 (16 lanes), AVX (8), and SSE or NEON (4).
// Lane i of a register belongs to image i of a block of LANES images: every kernel does to LANES images what it would do to one.
#pragma once
#include <cstddef>
#include <cstdint>
#include <utility>

#if defined(__AVX512F__)
constexpr int LANES = 16, REGISTERS = 32;
#elif defined(__AVX__)
constexpr int LANES = 8, REGISTERS = 16;
#else
constexpr int LANES = 4, REGISTERS = 16;
#endif

typedef float Vec __attribute__((vector_size(LANES * 4)));
typedef int32_t IntVec __attribute__((vector_size(LANES * 4)));

/** A register's worth of floats in memory, at a multiple of its size. */
typedef float Aligned __attribute__((vector_size(LANES * 4), may_alias));

static inline Vec load(const float* p) { return *reinterpret_cast<const Aligned*>(p); }
static inline void store(float* p, Vec v) { *reinterpret_cast<Aligned*>(p) = v; }
static inline Vec splat(float x) { return x - Vec{}; }

/** v where m is all ones, 0 elsewhere. */
static inline Vec keepWhere(IntVec m, Vec v) { return (Vec)((IntVec)v & m); }
/** max(v, 0); a NaN stays one, so that a diverged training shows in its loss. */
static inline Vec positivePart(Vec v) { return v < Vec{} ? Vec{} : v; }

#if defined(__clang__)
template <int... I> static inline Vec shuffle(Vec a, Vec b) { return __builtin_shufflevector(a, b, I...); }
#else
template <int... I> static inline Vec shuffle(Vec a, Vec b) { return __builtin_shuffle(a, b, IntVec{I...}); }
#endif

// Sum over lanes of several registers at once. Merging a and b at stride s gives a register whose lanes j hold, by turns of s lanes,
// a[j] + a[j + s] and b[j - s] + b[j]: half as many registers, each with the half sums of twice as many values.
template <int S, int... J> static inline Vec mergeLanes(Vec a, Vec b, std::integer_sequence<int, J...>) {
  return shuffle<((J % (2 * S)) < S ? J : LANES + J - S)...>(a, b) + shuffle<((J % (2 * S)) < S ? J + S : LANES + J)...>(a, b);
}
template <int S> static inline Vec merge(Vec a, Vec b) { return mergeLanes<S>(a, b, std::make_integer_sequence<int, LANES>{}); }

/** Lane j of the result, j < N, is the sum over the lanes of a[j]; the order of additions depends on N alone. N is a power of 2. */
template <int N, int S = 1> static inline Vec laneSums(const Vec* a) {
  if constexpr (S < N) {
    Vec half[N / (2 * S)];
    for (int i = 0; i < N / (2 * S); i++) half[i] = merge<S>(a[2 * i], a[2 * i + 1]);
    return laneSums<N, 2 * S>(half);
  } else if constexpr (S < LANES) {
    const Vec folded = merge<S>(a[0], a[0]);
    return laneSums<N, 2 * S>(&folded);
  } else {
    return a[0];
  }
}
static inline float laneSum(Vec v) { return laneSums<1>(&v)[0]; }

// Transposing a square of registers: exchanging the halves of pairs, then the quarters, and so on.
template <int S, int... J> static inline void exchange(Vec& a, Vec& b, std::integer_sequence<int, J...>) {
  const Vec low = shuffle<((J & S) != 0 ? LANES + J - S : J)...>(a, b), high = shuffle<((J & S) != 0 ? LANES + J : J + S)...>(a, b);
  a = low;
  b = high;
}

/** Lane j of register i and lane i of register j change places. */
template <int S = LANES / 2> static inline void transpose(Vec (&square)[LANES]) {
#pragma GCC unroll 16
  for (int i = 0; i < LANES; i++) {
    if ((i & S) == 0) exchange<S>(square[i], square[i + S], std::make_integer_sequence<int, LANES>{});
  }
  if constexpr (S > 1) transpose<S / 2>(square);
}
