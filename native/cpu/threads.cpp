// Teams of threads that compute together, as long as the process lives.
//
// On a machine where others want to run as well, a thread that spins keeps the one it waits for from the processor. So who
// waits spins for some tens of microseconds, longer than the gaps between the operations of a step; offers the processor
// to others for longer than any chunk takes, because to be woken costs as much as a small operation; then sleeps. And
// nobody waits for a thread that has not come yet: the others do its share.
#include "threads.h"

#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <climits>
#include <csignal>
#include <mutex>

namespace {

using Body = void (*)(const void*, int);
using Clock = std::chrono::steady_clock;

constexpr std::chrono::microseconds kAlone(50), kAwake(2000);

void pause() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

// Whether ready() holds within kAwake.
template <class Ready>
bool spin(const Ready& ready) {
  const auto start = Clock::now();
  for (auto waited = Clock::duration::zero(); waited < kAwake; waited = Clock::now() - start) {
    for (int i = 0; i < 16; i++) {
      if (ready()) return true;
      pause();
    }
    if (waited > kAlone) sched_yield();
  }
  return false;
}

// Sleeps unless the word has changed already; may return early.
void sleep_while(std::atomic<uint32_t>& word, uint32_t value) {
  syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, value, nullptr, nullptr, 0);
}

void wake(std::atomic<uint32_t>& word, int most) {
  syscall(SYS_futex, &word, FUTEX_WAKE_PRIVATE, most, nullptr, nullptr, 0);
}

// A caller's thread and those that help it. Its memory is never given back, because they never end.
class Team {
 public:
  Team* next_idle = nullptr;

  void run(int64_t threads, Body body, const void* context) {
    while (helpers_ < threads - 1 && add_helper()) helpers_++;
    threads_ = threads;
    body_ = body;
    context_ = context;
    gate_.store(kOpen, std::memory_order_release);
    round_.fetch_add(1);
    if (sleepers_.load() > 0) wake(round_, INT_MAX);
    body(context, 0);
    close_gate();
  }

 private:
  struct Start {
    Team* team;
    int thread;
    uint32_t round;
  };

  // The bits of gate_ beside the number of helpers within: they may come in, the caller sleeps until all have left.
  static constexpr uint32_t kOpen = 1u << 31, kAwaited = 1u << 30;

  // With all signals blocked: they are for the threads of the program. Where the system allows no more threads those that
  // there are do everything.
  bool add_helper() {
    auto* start = new Start{this, helpers_ + 1, round_.load()};
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pthread_t thread;
    const bool started = pthread_create(&thread, nullptr, &Team::begin, start) == 0;
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    if (started) {
      pthread_detach(thread);
    } else {
      delete start;
    }
    return started;
  }

  static void* begin(void* argument) {
    const Start start = *static_cast<Start*>(argument);
    delete static_cast<Start*>(argument);
    start.team->help(start.thread, start.round);
    return nullptr;
  }

  [[noreturn]] void help(int thread, uint32_t round) {
    for (;;) {
      round = round_after(round);
      if (!enter()) continue;
      if (thread < threads_) body_(context_, thread);
      if (gate_.fetch_sub(1, std::memory_order_acq_rel) - 1 == kAwaited) wake(gate_, 1);
    }
  }

  uint32_t round_after(uint32_t round) {
    if (!spin([&] { return round_.load(std::memory_order_relaxed) != round; })) {
      sleepers_.fetch_add(1);
      while (round_.load() == round) sleep_while(round_, round);
      sleepers_.fetch_sub(1);
    }
    return round_.load();
  }

  // Not if the caller has ended already.
  bool enter() {
    uint32_t gate = gate_.load(std::memory_order_relaxed);
    while (gate & kOpen) {
      if (gate_.compare_exchange_weak(gate, gate + 1, std::memory_order_acq_rel)) return true;
    }
    return false;
  }

  void close_gate() {
    gate_.fetch_and(~kOpen, std::memory_order_acq_rel);
    if (spin([&] { return gate_.load(std::memory_order_acquire) == 0; })) return;
    uint32_t gate = gate_.fetch_or(kAwaited, std::memory_order_acq_rel) | kAwaited;
    while (gate != kAwaited) {
      sleep_while(gate_, gate);
      gate = gate_.load(std::memory_order_acquire);
    }
    gate_.store(0, std::memory_order_relaxed);
  }

  // Each on a line of its own: they are written by different threads at different times.
  alignas(64) std::atomic<uint32_t> round_{0};
  alignas(64) std::atomic<uint32_t> gate_{0};
  alignas(64) std::atomic<uint32_t> sleepers_{0};
  alignas(64) int64_t threads_ = 0;
  Body body_ = nullptr;
  const void* context_ = nullptr;
  int helpers_ = 0;
};

std::mutex idle_lock;
Team* idle = nullptr;

// The one that was used last is the likeliest to spin still.
Team* take_team() {
  const std::lock_guard<std::mutex> guard(idle_lock);
  if (idle == nullptr) return new Team;
  Team* team = idle;
  idle = team->next_idle;
  return team;
}

void give_back(Team* team) {
  const std::lock_guard<std::mutex> guard(idle_lock);
  team->next_idle = idle;
  idle = team;
}

}  // namespace

extern "C" void dn_parallel(int64_t threads, Body body, const void* context) {
  if (threads <= 1) {
    body(context, 0);
    return;
  }
  Team* team = take_team();
  team->run(threads, body, context);
  give_back(team);
}
