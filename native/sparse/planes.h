// How the simple operations walk over tensors: plane by plane, the planes shared among the threads.
#pragma once
#include "operation.h"

/** Calls f(block, channel) for each plane. */
template <class F> static inline void eachPlane(const Tensor& t, Threads& threads, const F& f) {
  const int planes = t.blocks * t.channels;
  const size_t work = size_t(planes) * t.height * t.width;
  const int parts = work < WORTH_SHARING / 4 ? 1 : threads.count();
  threads.run(parts, [&](int part) {
    const Range range(planes, part, parts);
    for (int i = range.from; i < range.to; i++) f(i / t.channels, i % t.channels);
  });
}

/** Calls f(place in a, place in b) for each pixel of two tensors of the same shape. */
template <class F> static inline void eachPixel(const Tensor& a, const Tensor& b, Threads& threads, const F& f) {
  eachPlane(a, threads, [&](int n, int c) {
    for (int y = 0; y < a.height; y++) {
      const size_t i = a.at(n, c, y), j = b.at(n, c, y);
      for (int x = 0; x < a.width; x++) f(i + size_t(x) * LANES, j + size_t(x) * LANES);
    }
  });
}
