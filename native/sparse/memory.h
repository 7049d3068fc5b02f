// Memory for activations: zeroed, aligned to a cache line, in huge pages where the system has them (a tile of a convolution touches
// one place in each of many planes, which is many pages).
#pragma once
#include <cstdlib>
#include <cstring>
#include <new>
#if defined(__linux__)
#include <sys/mman.h>
#endif

class Floats {
 public:
  Floats() = default;
  explicit Floats(size_t count) : count_(count) {
    if (count == 0) return;
    const size_t page = size_t(2) << 20, bytes = count * sizeof(float);
    const size_t align = bytes >= page / 8 ? page : 64;
    const size_t whole = (bytes + align - 1) / align * align;
    if (posix_memalign(reinterpret_cast<void**>(&data_), align, whole) != 0) throw std::bad_alloc();
#if defined(__linux__) && defined(MADV_HUGEPAGE)
    if (align == page) madvise(data_, whole, MADV_HUGEPAGE);
#endif
    memset(data_, 0, whole);
  }
  Floats(Floats&& other) noexcept { swap(other); }
  Floats& operator=(Floats&& other) noexcept {
    swap(other);
    return *this;
  }
  ~Floats() { free(data_); }
  float* data() { return data_; }
  const float* data() const { return data_; }
  size_t size() const { return count_; }
  float& operator[](size_t i) { return data_[i]; }
  float operator[](size_t i) const { return data_[i]; }
  void clear() {
    if (count_ > 0) memset(data_, 0, count_ * sizeof(float));
  }

 private:
  void swap(Floats& other) {
    std::swap(data_, other.data_);
    std::swap(count_, other.count_);
  }
  float* data_ = nullptr;
  size_t count_ = 0;
};
