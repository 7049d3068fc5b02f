// The losses of src/train/losses.ts and their gradients, image by image; one image is one lane.
#pragma once
#include <cmath>
#include "operation.h"

class Loss {
 public:
  Loss(Tensor& logits, bool squaredError) : logits_(logits), squared_(squaredError) {}
  int classes() const { return logits_.channels; }

  /** Mean loss over the batch, and its gradient by the logits. */
  float forwardBackward(const std::vector<uint8_t>& labels, const int32_t* indices, int images) {
    const int classes = logits_.channels;
    double total = 0;
    for (int i = 0; i < logits_.width * LANES; i++) {
      if (i >= images) {
        for (int k = 0; k < classes; k++) logits_.gradient[place(k, i)] = 0;
        continue;
      }
      const int label = labels[indices[i]];
      const float logLikelihood = softmax(i, label);
      float inner = 0, squares = 0;
      for (int k = 0; squared_ && k < classes; k++) {
        const float difference = p_[k] - (k == label ? 1 : 0);
        squares += difference * difference;
        inner += 2 * difference * p_[k];
      }
      total += squared_ ? squares : -logLikelihood;
      for (int k = 0; k < classes; k++) {
        const float difference = p_[k] - (k == label ? 1 : 0);
        logits_.gradient[place(k, i)] = (squared_ ? p_[k] * (2 * difference - inner) : difference) / images;
      }
    }
    return float(total / images);
  }

  /** Adds the cross-entropy and the number of right answers of the first `images` lanes. */
  void measure(const std::vector<uint8_t>& labels, const int32_t* indices, int images, double& loss, int& right) {
    for (int i = 0; i < images; i++) {
      const int label = labels[indices[i]];
      loss -= softmax(i, label);
      int best = 0;
      for (int k = 1; k < logits_.channels; k++) {
        if (logits_.values[place(k, i)] > logits_.values[place(best, i)]) best = k;
      }
      right += best == label;
    }
  }

 private:
  size_t place(int k, int image) const { return logits_.at(0, k, 0) + image; }

  /** Fills p_ with softmax(logits) of image i and returns log p_[label]. */
  float softmax(int i, int label) {
    const int classes = logits_.channels;
    p_.resize(classes);
    float largest = logits_.values[place(0, i)];
    for (int k = 1; k < classes; k++) largest = std::fmax(largest, logits_.values[place(k, i)]);
    float sum = 0;
    for (int k = 0; k < classes; k++) sum += p_[k] = std::exp(logits_.values[place(k, i)] - largest);
    for (int k = 0; k < classes; k++) p_[k] /= sum;
    return logits_.values[place(label, i)] - largest - std::log(sum);
  }

  Tensor& logits_;
  const bool squared_;
  std::vector<float> p_;
};
