// Numbers below 1e-38 are taken as 0 while the kernels work, as TensorFlow does: processors are slow with them, and Adam's averages
// of gradients that have died away are full of them.
#pragma once
#if defined(__SSE__)
#include <xmmintrin.h>

class FlushDenormals {
 public:
  FlushDenormals() : before_(_mm_getcsr()) { _mm_setcsr(before_ | FLUSH_RESULTS | ZERO_INPUTS); }
  ~FlushDenormals() { _mm_setcsr(before_); }
  FlushDenormals(const FlushDenormals&) = delete;
  FlushDenormals& operator=(const FlushDenormals&) = delete;

 private:
  static constexpr unsigned FLUSH_RESULTS = 0x8000, ZERO_INPUTS = 0x0040;
  const unsigned before_;
};
#else
class FlushDenormals {};
#endif
