// Threads with a fixed partition: `run(parts, work)` calls work(0) ... work(parts - 1), part p on thread p mod threads. Every number
// is summed by one thread in an order that does not depend on the partition, so the results are the same bits for any thread count.
#pragma once
#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

class Threads {
 public:
  explicit Threads(int count) : count_(count < 1 ? 1 : count) {
    for (int id = 1; id < count_; id++) workers_.emplace_back([this, id] { serve(id); });
  }
  ~Threads() {
    {
      std::lock_guard<std::mutex> guard(mutex_);
      closing_ = true;
      round_.fetch_add(1, std::memory_order_release);
    }
    wake_.notify_all();
    for (auto& worker : workers_) worker.join();
  }
  int count() const { return count_; }

  void run(int parts, const std::function<void(int)>& work) {
    if (count_ == 1 || parts == 1) {
      for (int part = 0; part < parts; part++) work(part);
      return;
    }
    {
      std::lock_guard<std::mutex> guard(mutex_);
      work_ = &work;
      parts_ = parts;
      busy_.store(count_ - 1, std::memory_order_relaxed);
      round_.fetch_add(1, std::memory_order_release);
    }
    wake_.notify_all();
    share(0);
    while (busy_.load(std::memory_order_acquire) > 0) std::this_thread::yield();
  }

 private:
  static constexpr int SPINS = 2000;

  void share(int id) {
    for (int part = id; part < parts_; part += count_) (*work_)(part);
  }
  void serve(int id) {
    for (unsigned seen = 0;;) {
      // Kernels follow each other within microseconds: a short wait without sleeping saves a call to the system.
      for (int spin = 0; spin < SPINS && round_.load(std::memory_order_acquire) == seen; spin++) pause();
      if (round_.load(std::memory_order_acquire) == seen) {
        std::unique_lock<std::mutex> lock(mutex_);
        wake_.wait(lock, [&] { return round_.load(std::memory_order_acquire) != seen; });
      }
      seen = round_.load(std::memory_order_acquire);
      if (closing_) return;
      share(id);
      busy_.fetch_sub(1, std::memory_order_acq_rel);
    }
  }
  static void pause() {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#endif
  }

  const int count_;
  std::vector<std::thread> workers_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::atomic<unsigned> round_{0};
  std::atomic<int> busy_{0};
  bool closing_ = false;
  const std::function<void(int)>* work_ = nullptr;
  int parts_ = 0;
};
