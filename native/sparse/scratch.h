// Blocks of activations that exist only while a thread works on one: one set for each thread, shared by all layers of the same layout,
// so that they stay in the cache.
#pragma once
#include <array>
#include <map>
#include <vector>
#include "tensor.h"

class Scratch {
 public:
  enum Role { INPUT, GRADIENT };
  explicit Scratch(int threads) : threads_(threads) {}

  /** By thread: room for one block laid out as t's, its borders zero. */
  std::vector<Floats>& blocks(const Tensor& t, Role role) {
    auto& all = blocks_[{role, t.channels, t.height, t.width, t.border}];
    while (int(all.size()) < threads_) all.emplace_back(t.block);
    return all;
  }

 private:
  const int threads_;
  std::map<std::array<int, 5>, std::vector<Floats>> blocks_;
};
