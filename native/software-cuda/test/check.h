// A check that reports and counts, for test executables: end main with `return checks_failed();`.
#ifndef DENSENET4J_SOFTWARE_CUDA_TEST_CHECK_H
#define DENSENET4J_SOFTWARE_CUDA_TEST_CHECK_H

#include <cstdio>
#include <string>

inline int& failed_checks() {
  static int count = 0;
  return count;
}

inline bool check(bool holds, const char* file, int line, const char* what, const std::string& detail = "") {
  if (!holds && failed_checks()++ < 20) std::fprintf(stderr, "%s:%d: %s %s\n", file, line, what, detail.c_str());
  return holds;
}

inline int checks_failed() {
  if (failed_checks()) std::fprintf(stderr, "%d checks failed\n", failed_checks());
  return failed_checks() ? 1 : 0;
}

#define CHECK(condition) check((condition), __FILE__, __LINE__, #condition)
#define CHECK_SAYING(condition, detail) check((condition), __FILE__, __LINE__, #condition, (detail))

#endif
