// A dense layer as three blocked matrix products, for kernels of which most weights are kept.
//
// The weights lie in panels of LANES outputs, [panel][input][LANES], padded with zeros; so do the optimizer's arrays. Each product
// works on a tile of 4 x TILE_WIDTH registers of results: per step of the sum it loads 4 numbers and TILE_WIDTH registers and does
// 4 x TILE_WIDTH multiply-adds, so that the arithmetic and not the loads sets the pace.
//
//   forward        4 outputs x images: sums over inputs, a chunk of which stays in the first cache
//   input          4 inputs x images: sums over outputs, likewise
//   weights        4 inputs x panels: sums over images, from copies of both sides turned around to [panel][image][LANES];
//                  the optimizer's update follows while the gradient is in the cache, so it is written nowhere
#pragma once
#include "operation.h"
#include "tiles.h"

constexpr int TILE_WIDTH = REGISTERS / 8;

class DenseKernel {
 public:
  /** From this kept share on, dense products are faster than sums over the kept weights. */
  static constexpr double WORTH = 0.65;

  DenseKernel(int inputs, int outputs, const uint8_t* mask, size_t slots)
      : inputs_(inputs), outputs_(outputs), height_(panelsOf(inputs) * LANES), size_(size_t(panelsOf(outputs)) * height_ * LANES), weights_(size_) {
    for (size_t s = 0; s < slots; s++) slots_.emplace_back(size_);
    for (size_t i = 0; mask != nullptr && i < size_t(inputs) * outputs; i++) {
      if (mask[i] != 0) continue;
      if (pruned_.empty()) pruned_.assign(size_, 0);
      pruned_[place(i)] = -1;
    }
  }

  /** Takes the weights (slot -1) or a slot from `values`, [input][output]; pruned places stay 0. */
  void set(int slot, const float* values) {
    Floats& to = array(slot);
    for (size_t i = 0; i < size_t(inputs_) * outputs_; i++) to[place(i)] = pruned_.empty() || pruned_[place(i)] == 0 ? values[i] : 0;
  }
  void get(int slot, float* values) const {
    const Floats& from = slot < 0 ? weights_ : slots_.at(slot);
    for (size_t i = 0; i < size_t(inputs_) * outputs_; i++) values[i] = from[place(i)];
  }

  void forward(const Tensor& in, Tensor& out, const Vector* bias, bool relu, Threads& threads) const {
    const int tiles = (outputs_ + 3) / 4, parts = partsOf(out, threads);
    threads.run(parts, [&](int part) {
      const Range range(tiles, part, parts);
      eachWidth(out.width, [&](auto width, int block) {
        const int chunk = CACHED / width();
        for (int c = 0; c < inputs_; c += chunk) {
          for (int tile = range.from; tile < range.to; tile++) {
            const int k = tile * 4, count = std::min(4, outputs_ - k);
            Vec sum[4][width()];
            sumRows<width()>(panel(k / LANES) + size_t(c) * LANES + k % LANES, LANES, 1, in.values.data() + in.at(0, c, 0) + block * LANES,
                             in.plane, std::min(chunk, inputs_ - c), sum);
            for (int i = 0; i < count; i++) {
              float* to = out.values.data() + out.at(0, k + i, 0) + block * LANES;
              for (int x = 0; x < width(); x++) {
                const Vec before = c > 0 ? load(to + x * LANES) : bias != nullptr ? splat(bias->values[k + i]) : Vec{};
                const Vec v = before + sum[i][x];
                store(to + x * LANES, relu && c + chunk >= inputs_ ? positivePart(v) : v);
              }
            }
          }
        }
      });
    });
  }

  void gradientOfInput(const Tensor& out, Tensor& in, bool add, Threads& threads) const {
    const int tiles = (inputs_ + 3) / 4, parts = partsOf(out, threads);
    threads.run(parts, [&](int part) {
      const Range range(tiles, part, parts);
      eachWidth(out.width, [&](auto width, int block) {
        for (int tile = range.from; tile < range.to; tile++) {
          const int c = tile * 4, count = std::min(4, inputs_ - c);
          Vec total[4][width()] = {};
          for (int k = 0; k < outputs_; k += LANES) {
            Vec sum[4][width()];
            sumRows<width()>(panel(k / LANES) + size_t(c) * LANES, 1, LANES, out.gradient + out.at(0, k, 0) + block * LANES, out.plane,
                             std::min(LANES, outputs_ - k), sum);
            for (int i = 0; i < 4; i++) {
              for (int x = 0; x < width(); x++) total[i][x] += sum[i][x];
            }
          }
          for (int i = 0; i < count; i++) {
            for (int x = 0; x < width(); x++) putGradient(in, in.at(0, c + i, 0) + (block + x) * LANES, total[i][x], add);
          }
        }
      });
    });
  }

  /** Gradient of the weights and of the bias over the first `images` lanes, and the update of the weights. */
  void update(const Tensor& in, const Tensor& out, Vector* bias, int images, const Optimizer& optimizer, const Rates& rates, Threads& threads) {
    const int parts = partsOf(out, threads), panels = panelsOf(outputs_), inPanels = panelsOf(inputs_);
    const size_t each = size_t(out.width) * LANES * LANES;
    if (turnedIn_.size() == 0) turnedIn_ = Floats(inPanels * each), turnedDelta_ = Floats(panels * each);
    threads.run(parts, [&](int part) {
      const Range ofIn(inPanels, part, parts), ofDelta(panels, part, parts);
      for (int p = ofIn.from; p < ofIn.to; p++) turn(in.values.data(), in, p, turnedIn_.data() + p * each);
      for (int p = ofDelta.from; p < ofDelta.to; p++) turn(out.gradient, out, p, turnedDelta_.data() + p * each);
      for (int k = ofDelta.from * LANES; bias != nullptr && k < std::min(ofDelta.to * LANES, outputs_); k++) {
        Vec sum{};
        for (int x = 0; x < out.width; x++) sum += load(out.gradient + out.at(0, k, 0) + x * LANES);
        bias->gradient[k] = laneSum(sum);
      }
    });
    threads.run(parts, [&](int part) {
      const Range range(height_ / 4, part, parts);
      eachWidth(panels, [&](auto width, int p) {
        for (int tile = range.from; tile < range.to; tile++) {
          const int c = tile * 4;
          Vec sum[4][width()];
          sumRows<width()>(turnedIn_.data() + c / LANES * each + c % LANES, LANES, 1, turnedDelta_.data() + p * each, LANES, images, sum, each);
          for (int x = 0; x < width(); x++) {
            alignas(64) float gradient[4 * LANES];
            const size_t at = (size_t(p + x) * height_ + c) * LANES;
            for (int i = 0; i < 4; i++) store(gradient + i * LANES, sum[i][x]);
            for (int i = 0; !pruned_.empty() && i < 4 * LANES; i++) gradient[i] = pruned_[at + i] != 0 ? 0 : gradient[i];
            float* slots[2] = {};
            for (size_t s = 0; s < slots_.size(); s++) slots[s] = slots_[s].data() + at;
            applyUpdate(optimizer, rates, 4 * LANES, weights_.data() + at, gradient, slots);
          }
        }
      });
    });
  }

 private:
  static int panelsOf(int n) { return (n + LANES - 1) / LANES; }
  const float* panel(int p) const { return weights_.data() + size_t(p) * height_ * LANES; }
  Floats& array(int slot) { return slot < 0 ? weights_ : slots_.at(slot); }
  /** Where weight i of [input][output] lies. */
  size_t place(size_t i) const {
    const size_t c = i / outputs_, k = i % outputs_;
    return (k / LANES * height_ + c) * LANES + k % LANES;
  }
  int partsOf(const Tensor& out, const Threads& threads) const {
    return size_ / LANES * out.width < WORTH_SHARING / 4 ? 1 : threads.count();
  }

  /** Calls f(width, from) for runs of TILE_WIDTH and one shorter one that cover n. */
  template <int W = TILE_WIDTH, class F> static void eachWidth(int n, const F& f, int from = 0) {
    for (; n - from >= W; from += W) f(Fixed<W>{}, from);
    if constexpr (W > 1) {
      if (from < n) eachWidth<W - 1>(n, f, from);
    }
  }

  /**
   * sum[i][x] = sum over t < steps of a[t * aStep + i * aNext] * b[t * bStep + x * bNext ...]: four numbers times W registers a step.
   * @param bNext floats between the registers of a step: neighbours unless said otherwise
   */
  template <int W>
  __attribute__((noinline)) static void sumRows(const float* a, size_t aStep, size_t aNext, const float* b, size_t bStep, int steps, Vec (&sum)[4][W],
                                                size_t bNext = LANES) {
    Vec s[4][W] = {};
    for (int t = 0; t < steps; t++, a += aStep, b += bStep) {
      Vec v[W];
#pragma GCC unroll 4
      for (int x = 0; x < W; x++) v[x] = load(b + x * bNext);
#pragma GCC unroll 4
      for (int i = 0; i < 4; i++) {
        const Vec w = splat(a[i * aNext]);
#pragma GCC unroll 4
        for (int x = 0; x < W; x++) s[i][x] += w * v[x];
      }
    }
#pragma GCC unroll 4
    for (int i = 0; i < 4; i++) {
#pragma GCC unroll 4
      for (int x = 0; x < W; x++) sum[i][x] = s[i][x];
    }
  }

  /** Panel p of an array of features, [LANES features][block][lane], to [image][LANES]; features past the last as zeros. */
  static void turn(const float* values, const Tensor& t, int p, float* to) {
    const int count = std::min(LANES, t.channels - p * LANES);
    for (int x = 0; x < t.width; x++) {
      Vec tile[LANES] = {};
      for (int i = 0; i < count; i++) tile[i] = load(values + t.at(0, p * LANES + i, 0) + x * LANES);
      transpose(tile);
      for (int i = 0; i < LANES; i++) store(to + (x * LANES + i) * LANES, tile[i]);
    }
  }

  const int inputs_, outputs_, height_;
  const size_t size_;
  Floats weights_;
  std::vector<Floats> slots_;
  /** All ones where a weight is pruned; empty where none is. */
  std::vector<int32_t> pruned_;
  Floats turnedIn_, turnedDelta_;
};
