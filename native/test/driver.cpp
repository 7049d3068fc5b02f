// Runs a case file on the kernels without Node, so that a sanitizer can watch: updates, an evaluation, and every array read back.
// Prints the losses, one a line. A case (all numbers 32 bits, from test/train/sparse/caseFile.ts):
//   length of the plan, plan; 7 numbers of the optimizer; images, pixels, labels (bytes); then for each parameter its length, whether a
//   mask follows, values, mask (bytes); number of updates, image numbers of one batch.
#include <cstdio>
#include <fstream>
#include <iostream>
#include "../sparse/network.h"

template <class T> static std::vector<T> take(std::istream& in, size_t count) {
  std::vector<T> values(count);
  in.read(reinterpret_cast<char*>(values.data()), std::streamsize(count * sizeof(T)));
  if (!in) throw std::runtime_error("the case file ends early");
  return values;
}
static int32_t number(std::istream& in) { return take<int32_t>(in, 1)[0]; }

static void run(const char* path, int threads) {
  std::ifstream in(path, std::ios::binary);
  const auto plan = take<int32_t>(in, number(in));
  const auto o = take<float>(in, 7);
  Optimizer optimizer;
  optimizer.adam = o[0] != 0;
  optimizer.nesterov = o[1] != 0;
  optimizer.momentum = o[2];
  optimizer.beta1 = o[3];
  optimizer.beta2 = o[4];
  optimizer.epsilon = o[5];
  optimizer.weightDecay = o[6];
  Network network(PlanReader(plan.data(), plan.size()), optimizer, threads);
  const int images = number(in), pixels = number(in);
  auto pixelBytes = take<uint8_t>(in, size_t(images) * pixels), labels = take<uint8_t>(in, images);
  network.setData(std::move(pixelBytes), std::move(labels));
  for (size_t p = 0; p < network.parameterCount(); p++) {
    const int size = number(in), masked = number(in);
    const auto values = take<float>(in, size);
    const auto mask = take<uint8_t>(in, masked != 0 ? size : 0);
    if (size_t(size) != network.parameter(p).size()) throw std::runtime_error("a parameter is of the wrong size");
    network.setParameter(p, masked != 0 ? mask.data() : nullptr, values.data(), nullptr);
  }
  const int updates = number(in);
  const auto indices = take<int32_t>(in, network.batchSize());
  float power1 = 1, power2 = 1;
  for (int step = 0; step < updates; step++) {
    power1 *= optimizer.beta1;
    power2 *= optimizer.beta2;
    printf("%.9g\n", network.update(indices.data(), {0.01f, power1, power2}, {7, step}));
  }
  printf("%.9g\n", network.evaluate(0, images).first);
  for (size_t p = 0; p < network.parameterCount(); p++) {
    std::vector<float> out(network.parameter(p).size());
    for (int slot = -1; slot < int(network.slotCount(p)); slot++) network.getParameter(p, slot, out.data());
  }
}

int main(int count, char** paths) {
  try {
    for (int i = 2; i < count; i++) run(paths[i], std::atoi(paths[1]));
  } catch (const std::exception& error) {
    std::cerr << error.what() << "\n";
    return 1;
  }
  return 0;
}
