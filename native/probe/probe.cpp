// What this processor can do.
#include "densenet4j_probe.h"

#include <sched.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>

extern "C" {

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

int64_t dn_processors(void) {
  // The system refuses a set that is smaller than its own, so ever larger ones are tried.
  for (int most = 1024; most <= 1 << 20; most *= 2) {
    cpu_set_t* set = CPU_ALLOC(most);
    if (set == nullptr) break;
    const bool known = sched_getaffinity(0, CPU_ALLOC_SIZE(most), set) == 0;
    const int count = known ? CPU_COUNT_S(CPU_ALLOC_SIZE(most), set) : 0;
    CPU_FREE(set);
    if (known) return count;
  }
  return sysconf(_SC_NPROCESSORS_ONLN);
}
}
