// The library's own calls: last error, arenas.
#include <sys/mman.h>

#include <atomic>
#include <cerrno>
#include <cinttypes>
#include <cstdio>
#include <cstring>

#include "operation.h"

namespace {

thread_local char last_error[256] = "no error";
std::atomic<int64_t> live_bytes{0};

}  // namespace

extern "C" {

int dn_invalid(const char* operation, const char* what, int64_t found, int64_t expected) {
  std::snprintf(last_error, sizeof last_error, "%s: %s is %" PRId64 ", at least %" PRId64 " is needed", operation, what,
                found, expected);
  return DN_INVALID_ARGUMENT;
}

const char* dn_last_error(void) { return last_error; }

void* dn_arena_allocate(int64_t bytes) {
  void* arena = mmap(nullptr, static_cast<size_t>(bytes), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (arena == MAP_FAILED) {
    std::snprintf(last_error, sizeof last_error, "arena of %" PRId64 " bytes: %s", bytes, std::strerror(errno));
    return nullptr;
  }
  // Advice only: an arena is read in long runs, and larger pages spare address translations.
  madvise(arena, static_cast<size_t>(bytes), MADV_HUGEPAGE);
  live_bytes += bytes;
  return arena;
}

void dn_arena_free(void* arena, int64_t bytes) {
  munmap(arena, static_cast<size_t>(bytes));
  live_bytes -= bytes;
}

int64_t dn_arena_live_bytes(void) { return live_bytes; }
}
