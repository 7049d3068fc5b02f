// What BatchNorm must know of a whole channel, summed by the convolutions around it while the values are in registers or in the first
// cache. Each piece of the work and each lane have sums of their own, which are added up in order: who computed what changes no bit.
#pragma once
#include "operation.h"
#include "strip.h"

/** Of the values of one channel in one strip: sums of their differences from the first pixel, which keeps the rounding small. */
struct Moments {
  Vec first, sum, squares;
};

/** Of the gradient of one channel in one block: its sum, and that of its products with the centred values that were normalised. */
struct DeltaSums {
  Vec delta, product;
};

/** Such sums for each channel of each piece. */
template <class Sums> class ChannelSums {
 public:
  ChannelSums() = default;
  ChannelSums(int pieces, int channels) : channels_(channels), values_(size_t(pieces) * channels * sizeof(Sums) / sizeof(float)) {}
  Sums* at(int piece, int channel) { return reinterpret_cast<Sums*>(values_.data()) + size_t(piece) * channels_ + channel; }
  bool empty() const { return values_.size() == 0; }

 private:
  int channels_ = 0;
  Floats values_;
};
