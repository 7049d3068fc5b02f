// A network: tensors, parameters and operations, built from a plan (a list of whole numbers that src/train/sparse/plan.ts writes), and
// its update: forward, loss, backward, optimizer.
#pragma once
#include <algorithm>
#include <memory>
#include <stdexcept>
#include "batchNorm.h"
#include "denormals.h"
#include "elementwise.h"
#include "input.h"
#include "linear.h"
#include "loss.h"
#include "pool.h"
#include "reshape.h"

/** Reads a plan; every number is checked against its range. */
class PlanReader {
 public:
  PlanReader(const int32_t* numbers, size_t count) : numbers_(numbers), count_(count) {}
  int next(int least, int most) {
    if (at_ >= count_) throw std::invalid_argument("the plan ends early");
    const int value = numbers_[at_++];
    if (value < least || value > most) {
      throw std::invalid_argument("number " + std::to_string(at_ - 1) + " of the plan is " + std::to_string(value) + ", not in " +
                                  std::to_string(least) + " ... " + std::to_string(most));
    }
    return value;
  }
  int count() { return next(0, 1 << 28); }
  bool flag() { return next(0, 1) == 1; }
  float real() {
    const int32_t bits = next(INT32_MIN, INT32_MAX);
    float value;
    memcpy(&value, &bits, 4);
    return value;
  }

 private:
  const int32_t* numbers_;
  const size_t count_;
  size_t at_ = 0;
};

struct Parameter {
  enum Kind { VECTOR, STATISTIC, KERNEL } kind;
  Vector vector;
  Kernel kernel;
  /** Tensors of the layer that owns a kernel. */
  int in = -1, out = -1;
  size_t size() const {
    const KernelShape& s = kernel.kept.shape;
    return kind == KERNEL ? size_t(s.size) * s.size * s.inputs * s.outputs : vector.values.size();
  }
};

class Network {
 public:
  Network(PlanReader plan, Optimizer optimizer, int threads)
      : threads_(threads), pace_(threads_), scratch_(threads_.most()), batch_(plan.next(1, 1 << 20)) {
    update_.optimizer = optimizer;
    update_.images = batch_.images;
    images_.height = plan.next(1, 1 << 15);
    images_.width = plan.next(1, 1 << 15);
    images_.channels = plan.next(1, 1 << 15);
    for (int c = 0; c < images_.channels; c++) {
      images_.scale.push_back(plan.real());
      images_.shift.push_back(plan.real());
    }
    const bool cropFlip = plan.flag(), squaredError = plan.flag();
    const int tensors = plan.next(1, 1 << 20), parameters = plan.count(), operations = plan.count();
    for (int i = 0; i < tensors; i++) readTensor(plan);
    const int logits = plan.next(0, tensors - 1);
    parameters_.resize(parameters);
    for (auto& p : parameters_) readParameter(plan, p);
    Followers followers(tensors);
    for (int i = 0; i < operations; i++) readOperation(plan, followers);
    for (const auto& [linear, result, norm, early] : followers.pairs) linear->follow(norm, followers.readers[result] == 1, early, scratch_);
    for (size_t i = 0; i < tensors_.size(); i++) {
      Linear* first = followers.first[i];
      if (followers.norm[i] == nullptr || first == nullptr || !first->byBlock()) continue;
      first->precede(followers.norm[i], followers.readers[i] == 1, scratch_);
    }
    input_ = std::make_unique<Input>(images_, tensor(0), cropFlip, threads_);
    loss_ = std::make_unique<Loss>(tensor(logits), squaredError);
    if (!tensor(logits).features || tensor(logits).gradient == nullptr) throw std::invalid_argument("the logits are no features with a gradient");
    if (tensor(0).size() == 0 || size_t(tensor(0).channels) * tensor(0).height * (tensor(0).features ? 1 : tensor(0).width) != images_.each()) {
      throw std::invalid_argument("the first tensor is not of the images' size");
    }
  }

  int batchSize() const { return batch_.images; }
  int imageCount() const { return int(images_.labels.size()); }
  size_t parameterCount() const { return parameters_.size(); }
  const Parameter& parameter(size_t i) const { return parameters_.at(i); }
  size_t slotCount(size_t i) const { return parameters_.at(i).kind == Parameter::STATISTIC ? 0 : update_.optimizer.slots(); }

  /** @param pixels bytes of all images, taken over @param labels below the number of classes */
  void setData(std::vector<uint8_t> pixels, std::vector<uint8_t> labels) {
    if (pixels.size() != labels.size() * images_.each()) throw std::invalid_argument("pixels and labels are not of the same images");
    for (const uint8_t label : labels) {
      if (label >= loss_->classes()) throw std::invalid_argument("a label has no class");
    }
    images_.pixels = std::move(pixels);
    images_.labels = std::move(labels);
  }

  /** @param mask bytes of a kernel or null @param slots one array for each slot of the optimizer, or null for zeros */
  void setParameter(size_t index, const uint8_t* mask, const float* values, const float* const* slots) {
    Parameter& p = parameters_.at(index);
    pace_.again();
    const size_t slotCount = this->slotCount(index);
    if (p.kind == Parameter::KERNEL) {
      if (setDense(p, mask, values, slots)) return;
      Connections& kept = p.kernel.kept;
      kept.build(mask, tensor(p.in), tensor(p.out), tensor(p.in).gradient != nullptr);
      const size_t count = kept.place.size();
      for (size_t i = 0; i < count; i++) kept.weights[i] = values[kept.place[i]];
      p.kernel.slots.assign(slotCount, std::vector<float>(count, 0.0f));
      for (size_t s = 0; slots != nullptr && s < slotCount; s++) {
        for (size_t i = 0; i < count; i++) p.kernel.slots[s][i] = slots[s][kept.place[i]];
      }
      return;
    }
    const size_t count = p.vector.values.size();
    p.vector.values.assign(values, values + count);
    p.vector.slots.assign(slotCount, std::vector<float>(count, 0.0f));
    for (size_t s = 0; slots != nullptr && s < slotCount; s++) p.vector.slots[s].assign(slots[s], slots[s] + count);
  }

  /** Copies a parameter (slot -1) or one of its slots to `out`; 0 at pruned places. */
  void getParameter(size_t index, int slot, float* out) const {
    const Parameter& p = parameters_.at(index);
    if (p.kernel.dense != nullptr) return p.kernel.dense->get(slot, out);
    const auto& slots = p.kind == Parameter::KERNEL ? p.kernel.slots : p.vector.slots;
    const auto& from = slot >= 0 ? slots.at(slot) : p.kind == Parameter::KERNEL ? p.kernel.kept.weights : p.vector.values;
    if (p.kind != Parameter::KERNEL) {
      std::copy(from.begin(), from.end(), out);
      return;
    }
    std::fill(out, out + p.size(), 0.0f);
    for (size_t i = 0; i < from.size(); i++) out[p.kernel.kept.place[i]] = from[i];
  }

  /** One update on the images of those numbers; returns the loss before it. */
  float update(const int32_t* indices, const Rates& rates, const StepSeed& seed) {
    const FlushDenormals flush;
    return pace_.timed([&] { return updateNow(indices, rates, seed); });
  }

  /** Sum of the cross-entropy and number of right answers over images from ... from + count - 1, in evaluation mode. */
  std::pair<double, int> evaluate(int from, int count) {
    const FlushDenormals flush;
    double loss = 0;
    int right = 0;
    std::vector<int32_t> indices(size_t(blocksAtOnce()) * LANES);
    for (int done = 0; done < count; done += int(indices.size())) {
      const int here = std::min(count - done, int(indices.size()));
      for (int i = 0; i < here; i++) indices[i] = from + done + i;
      useBlocks((here + LANES - 1) / LANES);
      input_->gather(indices.data(), here, nullptr);
      for (auto& operation : operations_) operation->forward(false);
      loss_->measure(images_.labels, indices.data(), here, loss, right);
    }
    useBlocks(batch_.blocks);
    return {loss, right};
  }

 private:
  float updateNow(const int32_t* indices, const Rates& rates, const StepSeed& seed) {
    update_.rates = rates;
    const float loss = gradients(indices, seed);
    for (auto& p : parameters_) {
      if (p.kind == Parameter::STATISTIC || p.kernel.dense != nullptr) continue;
      auto& values = p.kind == Parameter::KERNEL ? p.kernel.kept.weights : p.vector.values;
      auto& gradient = p.kind == Parameter::KERNEL ? p.kernel.kept.gradient : p.vector.gradient;
      auto& slots = p.kind == Parameter::KERNEL ? p.kernel.slots : p.vector.slots;
      float* arrays[2] = {};
      for (size_t s = 0; s < slots.size(); s++) arrays[s] = slots[s].data();
      applyUpdate(update_.optimizer, rates, values.size(), values.data(), gradient.data(), arrays);
    }
    return loss;
  }

  /** Takes a kernel as a dense one, where it stands between features and keeps enough of its weights. */
  bool setDense(Parameter& p, const uint8_t* mask, const float* values, const float* const* slots) {
    p.kernel.dense = nullptr;
    const KernelShape shape = p.kernel.kept.shape;
    size_t kept = 0;
    for (size_t i = 0; i < p.size(); i++) kept += mask == nullptr || mask[i] != 0 ? 1 : 0;
    if (shape.size != 1 || !tensor(p.in).features || !tensor(p.out).features || double(kept) < DenseKernel::WORTH * double(p.size())) return false;
    const size_t count = update_.optimizer.slots();
    p.kernel.kept = {};
    p.kernel.kept.shape = shape;
    p.kernel.dense = std::make_unique<DenseKernel>(shape.inputs, shape.outputs, mask, count);
    p.kernel.dense->set(-1, values);
    for (size_t s = 0; slots != nullptr && s < count; s++) p.kernel.dense->set(int(s), slots[s]);
    return true;
  }

  /**
   * Blocks that an evaluation takes through the network together. No statistics tie images to one another here, so few of them go at
   * once where activations are large: what a layer writes is still in the cache when the next one reads it.
   */
  int blocksAtOnce() const {
    size_t largest = 1;
    for (const auto& t : tensors_) largest = std::max(largest, t->features ? t->plane * t->channels / batch_.blocks : t->block);
    return std::min(batch_.blocks, std::max(1, int(EVALUATED / (largest * sizeof(float)))));
  }
  void useBlocks(int blocks) {
    for (auto& t : tensors_) t->use(blocks);
  }

  float gradients(const int32_t* indices, const StepSeed& seed) {
    input_->gather(indices, batch_.images, &seed);
    for (auto& operation : operations_) operation->draw(seed);
    for (auto& operation : operations_) operation->forward(true);
    const float loss = loss_->forwardBackward(images_.labels, indices, batch_.images);
    for (auto operation = operations_.rbegin(); operation != operations_.rend(); ++operation) (*operation)->backward();
    return loss;
  }

  /** Bytes of the largest activation of an evaluation, if it can be helped. */
  static constexpr size_t EVALUATED = size_t(2) << 20;

  Tensor& tensor(int i) { return *tensors_[i]; }

  void readTensor(PlanReader& plan) {
    const bool features = plan.flag();
    const int channels = plan.next(1, 1 << 24), height = plan.next(1, 1 << 15), width = plan.next(1, 1 << 15), border = plan.next(0, 1 << 10);
    const int slot = plan.next(-1, 1 << 20);
    if (features && (height != 1 || width != 1 || border != 0)) throw std::invalid_argument("features have one row, one column and no border");
    tensors_.push_back(std::make_unique<Tensor>(features, channels, height, width, border, batch_.blocks));
    Tensor& t = *tensors_.back();
    t.masked = plan.flag();
    if (t.block > size_t(INT32_MAX)) throw std::invalid_argument("a layer's activations are too large for 32-bit offsets");
    if (slot < 0) return;
    if (size_t(slot) > gradients_.size()) throw std::invalid_argument("gradient slots do not come in order");
    if (size_t(slot) == gradients_.size()) gradients_.push_back({Floats(t.size()), &t});
    if (!gradients_[slot].second->sameLayout(t)) throw std::invalid_argument("two tensors of different layouts share a gradient");
    t.gradient = gradients_[slot].first.data();
  }

  void readParameter(PlanReader& plan, Parameter& p) {
    p.kind = Parameter::Kind(plan.next(0, 2));
    if (p.kind != Parameter::KERNEL) {
      p.vector.values.assign(plan.count(), 0.0f);
      p.vector.gradient.assign(p.vector.values.size(), 0.0f);
      return;
    }
    KernelShape& s = p.kernel.kept.shape;
    s.size = plan.next(1, 1 << 10);
    s.stride = plan.next(1, 1 << 10);
    s.padTop = plan.next(0, 1 << 10);
    s.padLeft = plan.next(0, 1 << 10);
    s.inputs = plan.next(1, 1 << 24);
    s.outputs = plan.next(1, 1 << 24);
    if (p.size() > size_t(INT32_MAX)) throw std::invalid_argument("a kernel is too large for 32-bit places");
  }

  /** Which BatchNorms have a part of their work done by the linear operations before and after them. */
  struct Followers {
    /** By tensor: how many operations read it; the number of the one that writes it, -1: the input. */
    std::vector<int> readers, maker;
    /** By tensor: the linear operation that writes it, if no ReLU follows there. */
    std::vector<Linear*> linear;
    /** By tensor: the BatchNorm that writes it. */
    std::vector<BatchNorm*> norm;
    /** By tensor: the first operation that reads it, if it is linear. Gradients come back in the opposite order: it writes last. */
    std::vector<Linear*> first;
    /** `early`: what the BatchNorm adds is there before the linear operation. */
    struct Pair {
      Linear* linear;
      int result;
      BatchNorm* norm;
      bool early;
    };
    std::vector<Pair> pairs;
    explicit Followers(int tensors) : readers(tensors), maker(tensors, -1), linear(tensors), norm(tensors), first(tensors) {}
  };

  void readOperation(PlanReader& plan, Followers& followers) {
    enum { LINEAR, BATCH_NORM, RELU, TANH, SIGMOID, MAX_POOL, AVERAGE_POOL, GLOBAL_AVERAGE, FLATTEN, SELECT, ADD, DROPOUT };
    const int type = plan.next(LINEAR, DROPOUT), last = int(tensors_.size()) - 1;
    const auto read = [&]() -> Tensor& {
      const int i = plan.next(0, last);
      followers.readers[i]++;
      return tensor(i);
    };
    const auto vector = [&]() -> Vector* {
      const int i = plan.next(-1, int(parameters_.size()) - 1);
      if (i >= 0 && parameters_[i].kind == Parameter::KERNEL) throw std::invalid_argument("a kernel stands where a vector should");
      return i < 0 ? nullptr : &parameters_[i].vector;
    };
    const auto push = [&](Operation* operation) { operations_.emplace_back(operation); };
    if (type == ADD) {
      Tensor& a = read();
      const bool addA = plan.flag();
      Tensor& b = read();
      const bool addB = plan.flag();
      const int sum = plan.next(0, last);
      followers.maker[sum] = int(operations_.size());
      return push(new Add({a, addA}, {b, addB}, tensor(sum), plan.flag(), threads_));
    }
    const int inIndex = plan.next(0, last), outIndex = plan.next(0, last);
    const bool firstReader = followers.readers[inIndex]++ == 0;
    followers.maker[outIndex] = int(operations_.size());
    Tensor &in = tensor(inIndex), &out = tensor(outIndex);
    const bool add = plan.flag();
    if (type == LINEAR) {
      Parameter& kernel = parameters_.at(plan.next(0, int(parameters_.size()) - 1));
      if (kernel.kind != Parameter::KERNEL) throw std::invalid_argument("a vector stands where a kernel should");
      kernel.in = inIndex;
      kernel.out = outIndex;
      Vector* bias = vector();
      const bool relu = plan.flag();
      auto* linear = new Linear(in, out, kernel.kernel, bias, relu, add, update_, threads_);
      if (!relu) followers.linear[outIndex] = linear;
      if (firstReader) followers.first[inIndex] = linear;
      return push(linear);
    }
    if (type == BATCH_NORM) {
      BatchNorm::Parameters p{};
      p.gamma = vector();
      p.beta = vector();
      p.mean = vector();
      p.variance = vector();
      const bool relu = plan.flag();
      const int other = plan.next(-1, last);
      const BatchNorm::Shortcut shortcut{other < 0 ? nullptr : &tensor(other), plan.flag()};
      auto* norm = new BatchNorm(in, out, p, shortcut, relu, add, batch_, threads_);
      push(norm);
      followers.norm[outIndex] = norm;
      Linear* before = followers.linear[inIndex];
      if (other >= 0) followers.readers[other]++;
      if (before != nullptr) followers.pairs.push_back({before, inIndex, norm, other < 0 || followers.maker[other] < followers.maker[inIndex]});
      return;
    }
    if (type == RELU) return push(new Relu(in, out, add, threads_));
    if (type == TANH || type == SIGMOID) return push(new Sigmoidal(in, out, type == TANH, add, threads_));
    if (type == MAX_POOL || type == AVERAGE_POOL) {
      Windows w;
      w.size = plan.next(1, 1 << 15);
      w.stride = plan.next(1, 1 << 15);
      w.padTop = plan.next(0, 1 << 15);
      w.padLeft = plan.next(0, 1 << 15);
      return push(new Pool(in, out, w, type == MAX_POOL, add, threads_));
    }
    if (type == GLOBAL_AVERAGE) return push(new GlobalAverage(in, out, add, threads_));
    if (type == FLATTEN) return push(new Flatten(in, out, add, threads_));
    if (type == SELECT) {
      std::vector<int> indices(plan.count());
      for (int& i : indices) i = plan.next(0, in.channels - 1);
      return push(new Select(in, out, std::move(indices), add));
    }
    const float rate = plan.real();
    return push(new Dropout(in, out, rate, plan.count(), add, batch_, threads_));
  }

  UpdateInfo update_;
  Threads threads_;
  Pace pace_;
  Scratch scratch_;
  const Batch batch_;
  Images images_;
  std::vector<std::unique_ptr<Tensor>> tensors_;
  std::vector<std::pair<Floats, Tensor*>> gradients_;
  std::vector<Parameter> parameters_;
  std::vector<std::unique_ptr<Operation>> operations_;
  std::unique_ptr<Input> input_;
  std::unique_ptr<Loss> loss_;
};
