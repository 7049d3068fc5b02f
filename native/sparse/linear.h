// Dense layers and convolutions on their kept weights: forward, gradient of the input, gradient of the kept weights.
#pragma once
#include "operation.h"
#include "tiles.h"

/** A prunable kernel with its optimizer slots. */
struct Kernel {
  Connections kept;
  std::vector<std::vector<float>> slots;
};

class Linear : public Operation {
 public:
  Linear(Tensor& in, Tensor& out, Kernel& kernel, Vector* bias, bool relu, bool add, Threads& threads)
      : in_(in), out_(out), kernel_(kernel), bias_(bias), relu_(relu), add_(add), threads_(threads) {}

  void forward(bool) override {
    const Connections& kept = kernel_.kept;
    const int stride = kept.shape.stride;
    withStride(stride, [&](auto s) {
      share(kept.rows, out_.blocks, out_.height, kept.shape.outputs, work(), [&](int n, int y0, int y1, int from, int to) {
        eachTile(y0, y1, 0, out_.width, [&](auto r, auto w, int y, int x) {
          const float* in = in_.values.data() + in_.origin(n) + y * stride * in_.row + x * stride * LANES;
          float* out = out_.values.data() + out_.at(n, 0, y) + x * LANES;
          const auto start = [&](int k) { return bias_ != nullptr ? splat(bias_->values[k]) : Vec{}; };
          const auto emit = [&](int k, int dy, int dx, Vec v) {
            store(out + k * out_.plane + dy * out_.row + dx * LANES, relu_ ? positivePart(v) : v);
          };
          gatherTile<r(), w(), s()>(in, stride * in_.row, stride, kept.rows, kept.weights.data(), from, to, start, emit);
        });
      });
    });
  }

  void backward() override {
    gradientOfWeights();
    if (in_.gradient != nullptr) gradientOfInput();
  }

 private:
  /** The gradient of an input pixel gathers over the outputs that it reached: the same loop over columns, one phase at a time. */
  void gradientOfInput() {
    Connections& kept = kernel_.kept;
    kept.copyToColumns();
    const int stride = kept.shape.stride, inputs = kept.shape.inputs;
    for (int py = 0; py < stride; py++) {
      for (int px = 0; px < stride; px++) {
        const int phase = (py * stride + px) * inputs;
        const int height = (in_.height - py + stride - 1) / stride, width = (in_.width - px + stride - 1) / stride;
        share(kept.columns, in_.blocks, height, inputs, work() / (stride * stride), [&](int n, int y0, int y1, int from, int to) {
          eachTile(y0, y1, 0, width, [&](auto r, auto w, int y, int x) {
            const float* delta = out_.gradient + out_.origin(n) + y * out_.row + x * LANES;
            const size_t place = in_.at(n, 0, y * stride + py) + (x * stride + px) * LANES;
            const auto emit = [&](int list, int dy, int dx, Vec v) {
              putGradient(in_, place + (list - phase) * in_.plane + dy * stride * in_.row + dx * stride * LANES, v, add_);
            };
            gatherTile<r(), w(), 1>(delta, out_.row, 1, kept.columns, kept.columnWeights.data(), phase + from, phase + to,
                                    [](int) { return Vec{}; }, emit);
          });
        }, phase);
      }
    }
  }

  void gradientOfWeights() {
    Connections& kept = kernel_.kept;
    const int stride = kept.shape.stride, outputs = kept.shape.outputs;
    std::fill(kept.gradient.begin(), kept.gradient.end(), 0.0f);
    if (bias_ != nullptr && biasSums_.size() == 0) biasSums_ = Floats(size_t(outputs) * LANES);
    biasSums_.clear();
    Vec* biasSums = reinterpret_cast<Vec*>(biasSums_.data());
    const int parts = work() < WORTH_SHARING ? 1 : threads_.count();
    // Each thread takes its own rows and all of the batch, so that a weight's gradient is summed in one order.
    threads_.run(parts, [&](int part) {
      const auto [from, to] = byWeight(kept.rows, 0, outputs, part, parts);
      if (from == to) return;
      withStride(stride, [&, from = from, to = to](auto s) {
        for (int n = 0; n < out_.blocks; n++) {
          for (int y0 = 0; y0 < out_.height; y0 += TILE_ROWS) {
            eachTile(y0, std::min(y0 + TILE_ROWS, out_.height), 0, out_.width, [&](auto r, auto w, int y, int x) {
              const float* in = in_.values.data() + in_.origin(n) + y * stride * in_.row + x * stride * LANES;
              const float* delta = out_.gradient + out_.at(n, 0, y) + x * LANES;
              gradientTile<r(), w(), s()>(in, stride * in_.row, stride, delta, out_.row, out_.plane, kept.rows, kept.gradient.data(),
                                          bias_ != nullptr ? biasSums : nullptr, from, to);
            });
          }
        }
      });
    });
    if (bias_ == nullptr) return;
    for (int k = 0; k < outputs; k++) bias_->gradient[k] = laneSum(biasSums[k]);
  }

  /** Register operations of one pass over the kept weights. */
  size_t work() const { return kernel_.kept.weights.size() * out_.blocks * out_.height * out_.width; }

  template <class F> static void withStride(int stride, const F& f) {
    if (stride == 1) f(Fixed<1>{});
    else if (stride == 2) f(Fixed<2>{});
    else f(Fixed<0>{});
  }

  /** Lists of [first, first + count), split so that each part has about the same number of weights. */
  static std::pair<int, int> byWeight(const Lists& lists, int first, int count, int part, int parts) {
    const auto cut = [&](int p) {
      const int64_t begin = lists.start[first], all = lists.start[first + count] - begin;
      if (p == parts) return count;
      const auto at = std::lower_bound(lists.start.begin() + first, lists.start.begin() + first + count, int32_t(begin + all * p / parts));
      return int(at - lists.start.begin()) - first;
    };
    return {part == 0 ? 0 : cut(part), cut(part + 1)};
  }

  /** Splits work over blocks and rows where there are enough of them, else over lists (from `first` on). */
  template <class F> void share(const Lists& lists, int blocks, int height, int count, size_t work, const F& body, int first = 0) {
    const int strips = (height + TILE_ROWS - 1) / TILE_ROWS;
    const int parts = work < WORTH_SHARING ? 1 : threads_.count();
    if (blocks * strips < 2 * parts) {
      threads_.run(parts, [&](int part) {
        const auto [from, to] = byWeight(lists, first, count, part, parts);
        for (int n = 0; n < blocks; n++) body(n, 0, height, from, to);
      });
      return;
    }
    threads_.run(parts, [&](int part) {
      const Range units(blocks * strips, part, parts);
      for (int u = units.from; u < units.to; u++) {
        const int y0 = u % strips * TILE_ROWS;
        body(u / strips, y0, std::min(y0 + TILE_ROWS, height), 0, count);
      }
    });
  }

  Tensor &in_, &out_;
  Kernel& kernel_;
  Vector* bias_;
  const bool relu_, add_;
  Threads& threads_;
  Floats biasSums_;
};
