// The kept weights of one kernel, as compressed rows and columns.
//
// Row k lists what output channel k sums over: for each kept weight (c, ky, kx) the offset of the shifted input plane, relative to the
// place of the output pixel. Column c lists, for the input's gradient, which shifted planes of the output's gradient it sums over. With
// stride s there is one list of columns for each of the s x s places that an input pixel can have (its phase), since different
// weights reach them. Everything is built in one pass over the mask and two over the kept weights.
#pragma once
#include <vector>
#include "tensor.h"

/** Lists of (offset, weight), list i from start[i] to start[i + 1]. */
struct Lists {
  std::vector<int32_t> start, offset;
  int count(int i) const { return start[i + 1] - start[i]; }
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
  /** Phase p = py * stride + px, input c: list p * inputs + c. */
  Lists columns;
  std::vector<float> columnWeights;

  /** @param mask bytes of the kernel, null to keep all @param wantColumns whether the input's gradient is wanted */
  void build(const uint8_t* mask, const Tensor& in, const Tensor& out, bool wantColumns) {
    const auto [size, stride, padTop, padLeft, inputs, outputs] = shape;
    rows.start.assign(outputs + 1, 0);
    eachKept(mask, [&](int, int, int, int k, int32_t) { rows.start[k + 1]++; });
    for (int k = 0; k < outputs; k++) rows.start[k + 1] += rows.start[k];
    const size_t kept = rows.start[outputs];
    rows.offset.resize(kept);
    place.resize(kept);
    std::vector<int32_t> next(rows.start.begin(), rows.start.end() - 1);
    eachKept(mask, [&](int c, int ky, int kx, int k, int32_t at) {
      const int32_t p = next[k]++;
      rows.offset[p] = int32_t(ptrdiff_t(c * in.plane) + (ky - padTop) * ptrdiff_t(in.row) + (kx - padLeft) * LANES);
      place[p] = at;
    });
    weights.assign(kept, 0);
    gradient.assign(kept, 0);
    columns = {};
    source_.clear();
    if (!wantColumns) return;

    columns.start.assign(size_t(stride) * stride * inputs + 1, 0);
    const auto column = [&](int32_t p, int& dy, int& dx) {
      const int32_t at = place[p] / outputs;
      const int c = at % inputs, kx = at / inputs % size, ky = at / inputs / size;
      const int py = floorRest(ky - padTop, stride), px = floorRest(kx - padLeft, stride);
      dy = (py + padTop - ky) / stride;
      dx = (px + padLeft - kx) / stride;
      return (py * stride + px) * inputs + c;
    };
    int dy, dx;
    for (size_t p = 0; p < kept; p++) columns.start[column(p, dy, dx) + 1]++;
    for (size_t i = 1; i < columns.start.size(); i++) columns.start[i] += columns.start[i - 1];
    columns.offset.resize(kept);
    source_.resize(kept);
    columnWeights.resize(kept);
    next.assign(columns.start.begin(), columns.start.end() - 1);
    for (size_t p = 0; p < kept; p++) {
      const int32_t q = next[column(p, dy, dx)]++;
      columns.offset[q] = int32_t(ptrdiff_t(place[p] % outputs * out.plane) + dy * ptrdiff_t(out.row) + dx * LANES);
      source_[q] = int32_t(p);
    }
  }

  /** Brings the weights of the columns up to date. */
  void copyToColumns() {
    for (size_t q = 0; q < source_.size(); q++) columnWeights[q] = weights[source_[q]];
  }

 private:
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
