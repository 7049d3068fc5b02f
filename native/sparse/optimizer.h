// The optimizers on kept weights, with the formulas of src/train/optimizers.ts in TensorFlow's order of operations.
#pragma once
#include <cmath>
#include <cstddef>
#include <cstdint>

struct Optimizer {
  bool adam = false, nesterov = false;
  float momentum = 0, beta1 = 0, beta2 = 0, epsilon = 0, weightDecay = 0;
  int slots() const { return adam ? 2 : momentum != 0 ? 1 : 0; }
};

/** Scalars of one update; the powers are those of Adam's betas. */
struct Rates {
  float learningRate, beta1Power, beta2Power;
};

/** One update of n weights w with gradient g. @param slots the optimizer's arrays, `slots()` of them */
static inline void applyUpdate(const Optimizer& o, const Rates& rates, size_t n, float* __restrict w, float* __restrict g, float* const* slots) {
  const float rate = rates.learningRate;
  if (o.weightDecay != 0) {
    for (size_t i = 0; i < n; i++) g[i] += w[i] * o.weightDecay;
  }
  if (o.adam) {
    float *__restrict m = slots[0], *__restrict v = slots[1];
    const float alpha = rate * std::sqrt(1 - rates.beta2Power) / (1 - rates.beta1Power);
    const float b1 = 1 - o.beta1, b2 = 1 - o.beta2;
    for (size_t i = 0; i < n; i++) {
      m[i] += (g[i] - m[i]) * b1;
      v[i] += (g[i] * g[i] - v[i]) * b2;
      w[i] -= m[i] * alpha / (std::sqrt(v[i]) + o.epsilon);
    }
  } else if (o.momentum != 0) {
    float* __restrict velocity = slots[0];
    for (size_t i = 0; i < n; i++) {
      velocity[i] = velocity[i] * o.momentum + g[i];
      w[i] -= o.nesterov ? g[i] * rate + velocity[i] * o.momentum * rate : velocity[i] * rate;
    }
  } else {
    for (size_t i = 0; i < n; i++) w[i] -= g[i] * rate;
  }
}
