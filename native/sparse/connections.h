// The kept weights of one kernel, as compressed rows and columns.
//
// Row k lists what output channel k sums over: for each kept weight (c, ky, kx) the offset of the shifted input plane, relative to the
// place of the output pixel. Column c lists, for the input's gradient, which shifted planes of the output's gradient it sums over. With
// stride s there is one list of columns for each of the s x s places that an input pixel can have (its phase), since different
// weights reach them.
//
// The planes that the lists read are cut into chunks of channels, so that what a tile of pixels sees of a chunk stays in the first
// cache while all lists of that chunk pass by. A chunk costs one more reading and writing of the results; few kept weights, few chunks.
//
// Everything is built in two passes over the mask and a few over the kept weights.
#pragma once
#include <algorithm>
#include <vector>
#include "tensor.h"

/** Pixels of a tile of the two gathering loops, near to a square, since neighbours see the same pixels under a kernel. */
constexpr int TILE_ROWS = REGISTERS / 8, TILE_COLUMNS = 4, TILE = TILE_ROWS * TILE_COLUMNS;

/** Registers' worth of memory that a loop may use for what it reads again and again: half of the first cache. */
constexpr int CACHED = 24 * 1024 / (LANES * 4);

/** Lists of (offset, weight), list i from start[i] to start[i + 1]; chunk after chunk, `perChunk` lists each. */
struct Lists {
  std::vector<int32_t> start, offset;
  int chunks = 1, perChunk = 0;
  /** Kept weights of the lists before i, all chunks together: what an equal share of the work is measured by. */
  std::vector<int64_t> before;

  /** Makes room for the lists, when start[i + 1] holds the length of list i. */
  void finishCounts() {
    before.assign(perChunk + 1, 0);
    for (size_t i = 0; i + 1 < start.size(); i++) before[i % perChunk + 1] += start[i + 1];
    for (int i = 0; i < perChunk; i++) before[i + 1] += before[i];
    for (size_t i = 1; i < start.size(); i++) start[i] += start[i - 1];
    offset.resize(start.back());
  }
};

struct KernelShape {
  int size, stride, padTop, padLeft, inputs, outputs;
};

/** Division that rounds down, and its remainder in [0, b). */
static inline int floorDivide(int a, int b) { return a >= 0 ? a / b : -((b - 1 - a) / b); }
static inline int floorRest(int a, int b) { return a - floorDivide(a, b) * b; }

class Connections {
 public:
  KernelShape shape{};
  Lists rows;
  /** Where each weight of `rows` stands in the kernel [size, size, inputs, outputs]. */
  std::vector<int32_t> place;
  std::vector<float> weights, gradient;
  /** Chunk by chunk; in each, phase by phase (py * stride + px) a list for each input channel. */
  Lists columns;
  std::vector<float> columnWeights;

  /** @param mask bytes of the kernel, null to keep all @param wantColumns whether the input's gradient is wanted */
  void build(const uint8_t* mask, const Tensor& in, const Tensor& out, bool wantColumns) {
    const auto [size, stride, padTop, padLeft, inputs, outputs] = shape;
    size_t kept = 0;
    eachKept(mask, [&](int, int, int, int, int32_t) { kept++; });
    const int rowChunk = chunkSize(inputs, kept / outputs, stride);
    rows = {};
    rows.chunks = (inputs + rowChunk - 1) / rowChunk;
    rows.perChunk = outputs;
    rows.start.assign(size_t(rows.chunks) * outputs + 1, 0);
    eachKept(mask, [&](int c, int, int, int k, int32_t) { rows.start[c / rowChunk * outputs + k + 1]++; });
    rows.finishCounts();
    place.resize(kept);
    std::vector<int32_t> next(rows.start.begin(), rows.start.end() - 1);
    eachKept(mask, [&](int c, int ky, int kx, int k, int32_t at) {
      const int32_t p = next[c / rowChunk * outputs + k]++;
      rows.offset[p] = int32_t(ptrdiff_t(c * in.plane) + (ky - padTop) * ptrdiff_t(in.row) + (kx - padLeft) * LANES);
      place[p] = at;
    });
    weights.assign(kept, 0);
    gradient.assign(kept, 0);
    columns = {};
    source_.clear();
    if (wantColumns) buildColumns(out);
  }

  /** Brings the weights of the columns up to date. */
  void copyToColumns() {
    for (size_t q = 0; q < source_.size(); q++) columnWeights[q] = weights[source_[q]];
  }

 private:
  /** The least length of a list that pays for a chunk. */
  static constexpr int SHORT = 12;

  /** Channels of a chunk, of `channels` whose lists hold `length` weights each. @param stride of the tile's pixels */
  int chunkSize(int channels, size_t length, int stride) const {
    const int seen = ((TILE_ROWS - 1) * stride + shape.size) * ((TILE_COLUMNS - 1) * stride + shape.size);
    const int chunks = (channels * seen + CACHED - 1) / CACHED;
    const int worth = std::max(1, std::min(chunks, int(length / SHORT)));
    return (channels + worth - 1) / worth;
  }

  void buildColumns(const Tensor& out) {
    const auto [size, stride, padTop, padLeft, inputs, outputs] = shape;
    const size_t kept = place.size();
    const int chunk = chunkSize(outputs, kept / inputs / (stride * stride), 1);
    columns.chunks = (outputs + chunk - 1) / chunk;
    columns.perChunk = stride * stride * inputs;
    columns.start.assign(size_t(columns.chunks) * columns.perChunk + 1, 0);
    int dy, dx;
    const auto list = [&, size = size, stride = stride, padTop = padTop, padLeft = padLeft, inputs = inputs, outputs = outputs](size_t p) {
      const int32_t at = place[p] / outputs;
      const int k = place[p] % outputs, c = at % inputs, kx = at / inputs % size, ky = at / inputs / size;
      const int py = floorRest(ky - padTop, stride), px = floorRest(kx - padLeft, stride);
      dy = (py + padTop - ky) / stride;
      dx = (px + padLeft - kx) / stride;
      return k / chunk * columns.perChunk + (py * stride + px) * inputs + c;
    };
    for (size_t p = 0; p < kept; p++) columns.start[list(p) + 1]++;
    columns.finishCounts();
    source_.resize(kept);
    columnWeights.resize(kept);
    std::vector<int32_t> next(columns.start.begin(), columns.start.end() - 1);
    for (size_t p = 0; p < kept; p++) {
      const int32_t q = next[list(p)]++;
      columns.offset[q] = int32_t(ptrdiff_t(place[p] % outputs * out.plane) + dy * ptrdiff_t(out.row) + dx * LANES);
      source_[q] = int32_t(p);
    }
  }

  template <class F> void eachKept(const uint8_t* mask, const F& visit) const {
    for (int c = 0; c < shape.inputs; c++) {
      for (int ky = 0; ky < shape.size; ky++) {
        for (int kx = 0; kx < shape.size; kx++) {
          const int32_t from = ((ky * shape.size + kx) * shape.inputs + c) * shape.outputs;
          for (int k = 0; k < shape.outputs; k++) {
            if (mask == nullptr || mask[from + k] != 0) visit(c, ky, kx, k, from + k);
          }
        }
      }
    }
  }
  std::vector<int32_t> source_;
};
