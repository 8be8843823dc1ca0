// Work is cut into chunks by the shape alone, never by the number of threads, and every reduction adds its chunks in
// order: that is why results have the same bits on any number of threads.
#ifndef DENSENET4J_CPU_CHUNKS_H
#define DENSENET4J_CPU_CHUNKS_H

#include <omp.h>

#include <cstdint>

namespace dn {

constexpr int64_t kMostChunks = 32;

// `units` equal pieces of work in at most `most` chunks of whole units.
class Chunks {
 public:
  explicit Chunks(int64_t units, int64_t most = kMostChunks) : units_(units), count_(units < most ? units : most) {}

  int64_t count() const { return count_; }
  int64_t begin(int64_t chunk) const { return units_ * chunk / count_; }
  int64_t end(int64_t chunk) const { return begin(chunk + 1); }

  // body(chunk, first unit, last unit, thread)
  template <class Body>
  void parallel(int64_t threads, const Body& body) const {
#pragma omp parallel for schedule(dynamic, 1) num_threads(static_cast<int>(threads))
    for (int64_t chunk = 0; chunk < count_; chunk++) body(chunk, begin(chunk), end(chunk), omp_get_thread_num());
  }

 private:
  int64_t units_;
  int64_t count_;
};

}  // namespace dn
#endif
