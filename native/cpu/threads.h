// Several threads at once: see threads.cpp.
#ifndef DENSENET4J_CPU_THREADS_H
#define DENSENET4J_CPU_THREADS_H

#include <cstdint>

// Runs body(context, thread) on at most `threads` threads at the same time: always on the caller's, as thread 0, and on
// each other one that comes before the caller's has ended. So the body is a loop that takes what nobody has begun yet.
// Returns when all bodies have ended.
extern "C" void dn_parallel(int64_t threads, void (*body)(const void* context, int thread), const void* context);

namespace dn {

// The like with body(thread).
template <class Body>
void parallel(int64_t threads, const Body& body) {
  dn_parallel(
      threads, [](const void* context, int thread) { (*static_cast<const Body*>(context))(thread); }, &body);
}

}  // namespace dn
#endif
