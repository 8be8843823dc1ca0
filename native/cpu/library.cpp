// The library's own calls: instruction sets, last error, arenas.
#include <omp.h>
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

namespace dn {

int invalid(const char* operation, const char* what, int64_t found, int64_t expected) {
  std::snprintf(last_error, sizeof last_error, "%s: %s is %" PRId64 ", at least %" PRId64 " is needed", operation, what,
                found, expected);
  return DN_INVALID_ARGUMENT;
}

}  // namespace dn

extern "C" {

const char* dn_isa(void) {
#if defined(__AVX512BF16__)
  return "avx512_bf16";
#elif defined(__AVX512F__)
  return "avx512";
#elif defined(__AVX2__)
  return "avx2";
#else
  return "generic";
#endif
}

const char* dn_best_isa(void) {
#if defined(__x86_64__)
  // The levels x86-64-v4 and x86-64-v3, that the kernels are compiled for.
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512cd")) {
    return __builtin_cpu_supports("avx512bf16") ? "avx512_bf16" : "avx512";
  }
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi2")) return "avx2";
#endif
  return "generic";
}

const char* dn_cpu_features(void) {
  static char text[128];
#if defined(__x86_64__)
  std::snprintf(text, sizeof text, "%s%s%s%s", __builtin_cpu_supports("avx2") ? "avx2," : "",
                __builtin_cpu_supports("fma") ? "fma," : "", __builtin_cpu_supports("avx512f") ? "avx512f," : "",
                __builtin_cpu_supports("avx512bf16") ? "avx512bf16," : "");
  const size_t length = std::strlen(text);
  if (length > 0) text[length - 1] = '\0';
#endif
  return text;
}

int64_t dn_processors(void) { return omp_get_num_procs(); }

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
