// Uniform noise in [0, 1) as a function of two numbers: the counter-based generator Philox 4x32-10 (Salmon et al. 2011, "Parallel
// random numbers: as easy as 1, 2, 3"), keyed as TensorFlow's StatelessRandomUniform is, so that both engines see the same noise.
#pragma once
#include <cstdint>
#include <cstring>

class Noise {
 public:
  Noise(int32_t seed0, int32_t seed1) {
    const uint64_t a = int64_t(seed0), b = int64_t(seed1);
    const uint32_t start[4] = {uint32_t(a), uint32_t(a >> 32), uint32_t(b), uint32_t(b >> 32)};
    uint32_t mix[4];
    philox(start, 0x3ec8f720u, 0x02461e29u, mix);
    key0_ = mix[0];
    key1_ = mix[1];
    high_ = uint64_t(mix[3]) << 32 | mix[2];
  }
  /** Values 4 group ... 4 group + 3 of the stream. */
  void four(uint64_t group, float* out) const {
    const uint32_t counter[4] = {uint32_t(group), uint32_t(group >> 32), uint32_t(high_), uint32_t(high_ >> 32)};
    uint32_t bits[4];
    philox(counter, key0_, key1_, bits);
    for (int i = 0; i < 4; i++) {
      const uint32_t pattern = (127u << 23) | (bits[i] & 0x7fffffu);
      float one;
      memcpy(&one, &pattern, 4);
      out[i] = one - 1.0f;
    }
  }
  float at(uint64_t index) const {
    float group[4];
    four(index / 4, group);
    return group[index % 4];
  }

 private:
  static void philox(const uint32_t in[4], uint32_t k0, uint32_t k1, uint32_t out[4]) {
    uint32_t a = in[0], b = in[1], c = in[2], d = in[3];
    for (int round = 0; round < 10; round++) {
      const uint64_t p = uint64_t(0xD2511F53u) * a, q = uint64_t(0xCD9E8D57u) * c;
      const uint32_t next0 = uint32_t(q >> 32) ^ b ^ k0, next2 = uint32_t(p >> 32) ^ d ^ k1;
      b = uint32_t(q);
      d = uint32_t(p);
      a = next0;
      c = next2;
      k0 += 0x9E3779B9u;
      k1 += 0xBB67AE85u;
    }
    out[0] = a;
    out[1] = b;
    out[2] = c;
    out[3] = d;
  }
  uint32_t key0_, key1_;
  uint64_t high_;
};
