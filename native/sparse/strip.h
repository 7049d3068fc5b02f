// Image maps are worked on in strips of rows, one after another through the blocks of the batch. Strip u is always the same pixels,
// whoever computes it: sums over strips are made one by one and added in order.
#pragma once
#include <algorithm>

/** Rows that are worked on together. */
constexpr int STRIP = 4;

/** Rows y0 ... y1 - 1 of all planes of an image block; n = -1: none. */
struct Strip {
  int n = -1, y0 = 0, y1 = 0;
};

/** Strips of one block of images of that height. */
static inline int stripsOf(int height) { return (height + STRIP - 1) / STRIP; }

static inline Strip stripOf(int unit, int height) {
  const int strips = stripsOf(height), y0 = unit % strips * STRIP;
  return {unit / strips, y0, std::min(y0 + STRIP, height)};
}
