// Threads with a fixed partition: `run(parts, work)` calls work(0) ... work(parts - 1), part p on thread p mod threads. Every number
// is summed by one thread in an order that does not depend on the partition, so the results are the same bits for any thread count.
#pragma once
#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>
#include "denormals.h"

class Threads {
 public:
  explicit Threads(int count) : count_(count < 1 ? 1 : count), used_(count_) {
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
  /** How many parts to make: all threads, or fewer where that is faster (see `Pace`). */
  int count() const { return used_; }
  int most() const { return count_; }
  void use(int count) { used_ = count; }

  void run(int parts, const std::function<void(int)>& work) {
    if (used_ == 1 || parts == 1) {
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
  /** About a tenth of a millisecond: what lies between two updates of a loop in JavaScript, too. */
  static constexpr int SPINS = 8000;

  void share(int id) {
    for (int part = id; part < parts_; part += count_) (*work_)(part);
  }
  void serve(int id) {
    const FlushDenormals flush;
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
  int used_;
  std::vector<std::thread> workers_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::atomic<unsigned> round_{0};
  std::atomic<int> busy_{0};
  bool closing_ = false;
  const std::function<void(int)>* work_ = nullptr;
  int parts_ = 0;
};

// How many threads an update is fastest with: few where it is short, since each waking and waiting costs microseconds, and where other
// programs are at work, since all wait for the one whose core is taken. Trials of 1, 2, 4 ... threads in turn, again and again, as that
// changes. The count changes no bit of the results, so that timing may decide it.
class Pace {
 public:
  explicit Pace(Threads& threads) : threads_(threads) {
    for (int n = 1; n < threads.most(); n *= 2) counts_.push_back(n);
    counts_.push_back(threads.most());
    again();
  }
  /** Forgets what was measured. */
  void again() {
    updates_ = 0;
    settled_ = counts_.size() == 1;
    took_.assign(counts_.size(), 0.0);
  }
  template <class F> auto timed(const F& update) {
    if (settled_) {
      if (++updates_ == PERIOD) again();
      return update();
    }
    const size_t which = updates_++ % counts_.size();
    threads_.use(counts_[which]);
    const auto begin = std::chrono::steady_clock::now();
    const auto result = update();
    took_[which] += std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    if (which + 1 == counts_.size()) {
      const auto shortest = std::min_element(took_.begin(), took_.end());
      settled_ = updates_ == TURNS * counts_.size() || *shortest > LONG;
      if (settled_) threads_.use(counts_[shortest - took_.begin()]);
    }
    return result;
  }

 private:
  /** Updates with each count in a trial, and updates from one trial to the next. */
  static constexpr size_t TURNS = 4, PERIOD = 300;
  /** Seconds beside which what holds up an update by chance is short, so that one turn will do. */
  static constexpr double LONG = 0.005;
  Threads& threads_;
  std::vector<int> counts_;
  /** By count: seconds of its updates, whatever held them up. */
  std::vector<double> took_;
  size_t updates_ = 0;
  bool settled_ = false;
};
