// The door to Node: a network behind six functions, in the plain C interface of Node-API (version 8).
#define NAPI_VERSION 8
#include <node_api.h>
#include "network.h"

namespace {

[[noreturn]] void refuse(const char* what) { throw std::invalid_argument(what); }
void check(napi_status status, const char* what) {
  if (status != napi_ok) refuse(what);
}

template <class T> struct View {
  T* data = nullptr;
  size_t length = 0;
};

template <class T> View<T> view(napi_env env, napi_value value, napi_typedarray_type wanted) {
  bool typed = false;
  napi_is_typedarray(env, value, &typed);
  if (!typed) refuse("a typed array is missing");
  napi_typedarray_type type;
  View<T> v;
  void* data = nullptr;
  check(napi_get_typedarray_info(env, value, &type, &v.length, &data, nullptr, nullptr), "a typed array cannot be read");
  if (type != wanted) refuse("a typed array is of the wrong type");
  v.data = static_cast<T*>(data);
  return v;
}
View<float> floats(napi_env env, napi_value v) { return view<float>(env, v, napi_float32_array); }
View<int32_t> integers(napi_env env, napi_value v) { return view<int32_t>(env, v, napi_int32_array); }
View<uint8_t> bytes(napi_env env, napi_value v) { return view<uint8_t>(env, v, napi_uint8_array); }

bool isNull(napi_env env, napi_value value) {
  napi_valuetype type;
  return napi_typeof(env, value, &type) != napi_ok || type == napi_null || type == napi_undefined;
}
int number(napi_env env, napi_value value) {
  int32_t n = 0;
  check(napi_get_value_int32(env, value, &n), "a number is missing");
  return n;
}

constexpr napi_type_tag TAG = {0x6e656f74656e7921ULL, 0x7370617273650001ULL};

Network*& handle(napi_env env, napi_value value) {
  bool ours = false;
  void* data = nullptr;
  if (napi_check_object_type_tag(env, value, &TAG, &ours) != napi_ok || !ours || napi_unwrap(env, value, &data) != napi_ok) refuse("not a network");
  return *static_cast<Network**>(data);
}
Network& network(napi_env env, napi_value value) {
  Network* n = handle(env, value);
  if (n == nullptr) refuse("this network is closed");
  return *n;
}

/** Wraps a function of (env, arguments): C++ exceptions become JavaScript errors. */
template <int N, napi_value (*F)(napi_env, napi_value*)> napi_value guarded(napi_env env, napi_callback_info info) {
  napi_value arguments[N];
  size_t count = N;
  napi_get_cb_info(env, info, &count, arguments, nullptr, nullptr);
  try {
    if (count < N) refuse("an argument is missing");
    return F(env, arguments);
  } catch (const std::exception& error) {
    napi_throw_error(env, nullptr, error.what());
    return nullptr;
  }
}

/** create(plan: Int32Array, optimizer: Float32Array [adam, nesterov, momentum, beta1, beta2, epsilon, weightDecay], threads): network */
napi_value create(napi_env env, napi_value* a) {
  const auto plan = integers(env, a[0]);
  const auto o = floats(env, a[1]);
  if (o.length != 7) refuse("the optimizer has seven numbers");
  Optimizer optimizer;
  optimizer.adam = o.data[0] != 0;
  optimizer.nesterov = o.data[1] != 0;
  optimizer.momentum = o.data[2];
  optimizer.beta1 = o.data[3];
  optimizer.beta2 = o.data[4];
  optimizer.epsilon = o.data[5];
  optimizer.weightDecay = o.data[6];
  auto made = std::make_unique<Network>(PlanReader(plan.data, plan.length), optimizer, number(env, a[2]));
  napi_value object;
  check(napi_create_object(env, &object), "no object");
  auto holder = std::make_unique<Network*>(made.get());
  const auto release = [](napi_env, void* data, void*) {
    delete *static_cast<Network**>(data);
    delete static_cast<Network**>(data);
  };
  check(napi_wrap(env, object, holder.get(), release, nullptr, nullptr), "no wrap");
  made.release();
  holder.release();
  check(napi_type_tag_object(env, object, &TAG), "no tag");
  return object;
}

/** setData(network, pixels: Uint8Array[], labels: Uint8Array[]): the parts one after another. */
napi_value setData(napi_env env, napi_value* a) {
  const auto joined = [&](napi_value list) {
    uint32_t parts = 0;
    check(napi_get_array_length(env, list, &parts), "a list is missing");
    std::vector<uint8_t> all;
    for (uint32_t i = 0; i < parts; i++) {
      napi_value part;
      check(napi_get_element(env, list, i, &part), "a part is missing");
      const auto v = bytes(env, part);
      all.insert(all.end(), v.data, v.data + v.length);
    }
    return all;
  };
  network(env, a[0]).setData(joined(a[1]), joined(a[2]));
  return nullptr;
}

/** setParameter(network, index, mask: Uint8Array | null, values: Float32Array, slots: Float32Array[] | null) */
napi_value setParameter(napi_env env, napi_value* a) {
  Network& n = network(env, a[0]);
  const int index = number(env, a[1]);
  const size_t size = n.parameter(index).size();
  const auto mask = isNull(env, a[2]) ? View<uint8_t>{} : bytes(env, a[2]);
  const auto values = floats(env, a[3]);
  if (values.length != size || (mask.data != nullptr && mask.length != size)) refuse("a parameter or its mask is of the wrong size");
  std::vector<const float*> slots;
  if (!isNull(env, a[4])) {
    uint32_t count = 0;
    check(napi_get_array_length(env, a[4], &count), "slots are no list");
    for (uint32_t i = 0; i < count; i++) {
      napi_value slot;
      check(napi_get_element(env, a[4], i, &slot), "a slot is missing");
      const auto v = floats(env, slot);
      if (v.length != size) refuse("a slot is of the wrong size");
      slots.push_back(v.data);
    }
    if (count != n.slotCount(index)) refuse("the optimizer has another number of slots");
  }
  n.setParameter(index, mask.data, values.data, isNull(env, a[4]) ? nullptr : slots.data());
  return nullptr;
}

/** getParameter(network, index, slot or -1, out: Float32Array) */
napi_value getParameter(napi_env env, napi_value* a) {
  const Network& n = network(env, a[0]);
  const int index = number(env, a[1]), slot = number(env, a[2]);
  const auto out = floats(env, a[3]);
  if (out.length != n.parameter(index).size() || slot >= int(n.slotCount(index))) refuse("no such array");
  n.getParameter(index, slot, out.data);
  return nullptr;
}

/** update(network, indices: Int32Array [steps * batch], rates: Float32Array [steps * 3], seeds: Int32Array [steps * 2], losses: Float32Array [steps]) */
napi_value update(napi_env env, napi_value* a) {
  Network& n = network(env, a[0]);
  const auto indices = integers(env, a[1]);
  const auto rates = floats(env, a[2]);
  const auto seeds = integers(env, a[3]);
  const auto losses = floats(env, a[4]);
  const size_t steps = losses.length, batch = n.batchSize();
  if (indices.length != steps * batch || rates.length != steps * 3 || seeds.length != steps * 2) refuse("an update's arrays are of the wrong size");
  for (size_t i = 0; i < indices.length; i++) {
    if (indices.data[i] < 0 || indices.data[i] >= n.imageCount()) refuse("an image number is outside the data set");
  }
  for (size_t s = 0; s < steps; s++) {
    const Rates now{rates.data[3 * s], rates.data[3 * s + 1], rates.data[3 * s + 2]};
    losses.data[s] = n.update(indices.data + s * batch, now, {seeds.data[2 * s], seeds.data[2 * s + 1]});
  }
  return nullptr;
}

/** evaluate(network, from, count, out: Float64Array [loss, right]): sums over images from ... from + count - 1 */
napi_value evaluate(napi_env env, napi_value* a) {
  Network& n = network(env, a[0]);
  const int from = number(env, a[1]), count = number(env, a[2]);
  const auto out = view<double>(env, a[3], napi_float64_array);
  if (from < 0 || count < 0 || count > n.imageCount() || from > n.imageCount() - count || out.length != 2) refuse("a range is outside the data set");
  const auto [loss, right] = n.evaluate(from, count);
  out.data[0] = loss;
  out.data[1] = right;
  return nullptr;
}

/** close(network): frees everything at once and not when the garbage is collected. */
napi_value closeNetwork(napi_env env, napi_value* a) {
  Network*& held = handle(env, a[0]);
  delete held;
  held = nullptr;
  return nullptr;
}

napi_value start(napi_env env, napi_value exports) {
  const auto add = [&](const char* name, napi_callback callback) {
    napi_value function;
    napi_create_function(env, name, NAPI_AUTO_LENGTH, callback, nullptr, &function);
    napi_set_named_property(env, exports, name, function);
  };
  add("create", guarded<3, create>);
  add("setData", guarded<3, setData>);
  add("setParameter", guarded<5, setParameter>);
  add("getParameter", guarded<4, getParameter>);
  add("update", guarded<5, update>);
  add("evaluate", guarded<4, evaluate>);
  add("close", guarded<1, closeNetwork>);
  napi_value lanes;
  napi_create_int32(env, LANES, &lanes);
  napi_set_named_property(env, exports, "lanes", lanes);
  return exports;
}

}  // namespace

NAPI_MODULE(neoteny_sparse, start)
