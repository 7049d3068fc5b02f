// Operations that only move values: flatten, and the choice of some features.
#pragma once
#include "planes.h"

/** Image map to features in the order [row, column, channel]. */
class Flatten : public Operation {
 public:
  Flatten(Tensor& in, Tensor& out, bool add, Threads& threads) : in_(in), out_(out), add_(add), threads_(threads) {}
  void forward(bool) override {
    each([&](size_t i, size_t o) { store(out_.values.data() + o, load(in_.values.data() + i)); });
  }
  void backward() override {
    if (in_.gradient == nullptr) return;
    each([&](size_t i, size_t o) { putGradient(in_, i, load(out_.gradient + o), add_); });
  }

 private:
  template <class F> void each(const F& f) {
    eachPlane(in_, threads_, [&](int n, int c) {
      for (int y = 0; y < in_.height; y++) {
        for (int x = 0; x < in_.width; x++) {
          const int feature = (y * in_.width + x) * in_.channels + c;
          f(in_.at(n, c, y) + size_t(x) * LANES, out_.at(0, feature, 0) + size_t(n) * LANES);
        }
      }
    });
  }
  Tensor &in_, &out_;
  const bool add_;
  Threads& threads_;
};

/** Some of the features, in the given order; one may come more than once. */
class Select : public Operation {
 public:
  Select(Tensor& in, Tensor& out, std::vector<int> indices, bool add) : in_(in), out_(out), indices_(std::move(indices)), add_(add) {}
  void forward(bool) override {
    each([&](size_t i, size_t o) { store(out_.values.data() + o, load(in_.values.data() + i)); });
  }
  void backward() override {
    if (in_.gradient == nullptr) return;
    if (!add_) {
      for (int c = 0; c < in_.channels; c++) memset(in_.gradient + in_.at(0, c, 0), 0, size_t(in_.width) * LANES * sizeof(float));
    }
    each([&](size_t i, size_t o) { putGradient(in_, i, load(out_.gradient + o), true); });
  }

 private:
  template <class F> void each(const F& f) {
    for (size_t k = 0; k < indices_.size(); k++) {
      for (int x = 0; x < in_.width; x++) f(in_.at(0, indices_[k], 0) + size_t(x) * LANES, out_.at(0, int(k), 0) + size_t(x) * LANES);
    }
  }
  Tensor &in_, &out_;
  const std::vector<int> indices_;
  const bool add_;
};
