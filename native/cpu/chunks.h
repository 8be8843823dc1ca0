// Work is cut into chunks by the shape alone, never by the number of threads, and every reduction adds its chunks in
// order: that is why results have the same bits on any number of threads.
#ifndef DENSENET4J_CPU_CHUNKS_H
#define DENSENET4J_CPU_CHUNKS_H

#include <algorithm>
#include <atomic>
#include <cstdint>

#include "threads.h"

namespace dn {

constexpr int64_t kMostChunks = 32;

// `units` equal pieces of work in at most `most` chunks of whole units.
class Chunks {
 public:
  explicit Chunks(int64_t units, int64_t most = kMostChunks) : units_(units), count_(units < most ? units : most) {}

  int64_t count() const { return count_; }
  int64_t begin(int64_t chunk) const { return units_ * chunk / count_; }
  int64_t end(int64_t chunk) const { return begin(chunk + 1); }

  // body(chunk, first unit, last unit, thread). A thread starts with its share of the chunks, the same in every operation,
  // so that it finds in its caches what it left there; then it takes what others have not begun.
  template <class Body>
  void parallel(int64_t threads, const Body& body) const {
    const int64_t shares = std::max<int64_t>(std::min(threads, count_), 1);
    Share share[kMostChunks];
    for (int64_t s = 0; s < shares; s++) share[s].next = count_ * s / shares;
    dn::parallel(shares, [&](int thread) {
      for (int64_t i = 0; i < shares; i++) {
        const int64_t s = (thread + i) % shares, behind = count_ * (s + 1) / shares;
        for (int64_t chunk; (chunk = share[s].next.fetch_add(1, std::memory_order_relaxed)) < behind;) {
          body(chunk, begin(chunk), end(chunk), thread);
        }
      }
    });
  }

 private:
  struct alignas(64) Share {
    std::atomic<int64_t> next;
  };

  int64_t units_;
  int64_t count_;
};

}  // namespace dn
#endif
