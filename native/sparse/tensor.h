// Activations. LANES images form a block, one image a lane, so that a register holds one value of LANES images.
//
//   image map   [block][channel][y][x][lane]   block = image / LANES, with a border of zeros around each plane
//   features    [feature][block][lane]         which is an image map of one block, height 1 and width = number of blocks
//
// So a dense layer is a 1 x 1 convolution over the "row" of blocks, and one kernel serves both. A convolution at a shifted place is
// the same plane at another offset; borders stay zero because nothing ever writes there.
#pragma once
#include "memory.h"
#include "vector.h"

struct Tensor {
  bool features;
  int blocks, channels, height, width, border;
  size_t row, plane, block;
  Floats values;
  /** Gradient of the loss, or null where none is wanted. Tensors whose gradients do not live at the same time share one. */
  float* gradient = nullptr;
  /** The values come out of a ReLU that masks no gradient itself: whoever writes the gradient sets it to 0 where the value is 0. */
  bool masked = false;

  Tensor(bool features, int channels, int height, int width, int border, int batchBlocks)
      : features(features), blocks(features ? 1 : batchBlocks), channels(channels), height(height), width(features ? batchBlocks : width), border(border) {
    row = size_t(this->width + 2 * border) * LANES;
    size_t lines = size_t(height + 2 * border) * (this->width + 2 * border);
    // Planes a multiple of 4 KiB apart would fight for the same places in the caches.
    const size_t rest = lines % 64;
    if (lines >= 64 && (rest <= 16 || rest >= 48)) lines += (64 + 23 - rest) % 64;
    plane = lines * LANES;
    block = plane * channels;
    values = Floats(size());
  }
  size_t size() const { return block * blocks; }
  /** Lets operations see the first so many blocks of the batch only, until told otherwise. */
  void use(int batchBlocks) { (features ? width : blocks) = batchBlocks; }
  /** Place of (block n, channel c, row y, column 0). */
  size_t at(int n, int c, int y) const { return n * block + c * plane + (y + border) * row + border * LANES; }
  /** Place of channel 0, row 0, column 0 of block n. */
  size_t origin(int n) const { return at(n, 0, 0); }
  bool sameLayout(const Tensor& o) const {
    return blocks == o.blocks && channels == o.channels && height == o.height && width == o.width && border == o.border;
  }
};

/** Writes v as the gradient at place i, or adds it to what an earlier reader of the tensor wrote. */
static inline void putGradient(Tensor& t, size_t i, Vec v, bool add) {
  if (t.masked) v = keepWhere(load(t.values.data() + i) > Vec{}, v);
  if (add) v += load(t.gradient + i);
  store(t.gradient + i, v);
}
