// Loaded before the C library, ends the process without notice at its n-th rename or fsync: END_AT_SYNC=n before the
// call, END_AT_SYNC=-n after it. With 0 it only counts, and writes the count to END_AT_SYNC_FILE when the process ends.
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <dlfcn.h>
#include <unistd.h>

namespace {

std::atomic<long> calls{0};

long limit() {
  const char* text = std::getenv("END_AT_SYNC");
  return text == nullptr ? 0 : std::atol(text);
}

void end_if(bool now) {
  if (now) {
    _exit(137);
  }
}

template <typename Call>
int counted(Call call) {
  const long number = ++calls;
  end_if(limit() == number);
  const int result = call();
  end_if(limit() == -number);
  return result;
}

template <typename Function>
Function next(const char* name) {
  return reinterpret_cast<Function>(dlsym(RTLD_NEXT, name));
}

struct Report {
  ~Report() {
    const char* path = std::getenv("END_AT_SYNC_FILE");
    if (path == nullptr) {
      return;
    }
    if (std::FILE* file = std::fopen(path, "w")) {
      std::fprintf(file, "%ld", calls.load());
      std::fclose(file);
    }
  }
} report;

}  // namespace

extern "C" {

__attribute__((visibility("default"))) int rename(const char* from, const char* to) {
  static const auto call = next<int (*)(const char*, const char*)>("rename");
  return counted([&] { return call(from, to); });
}

__attribute__((visibility("default"))) int fsync(int file) {
  static const auto call = next<int (*)(int)>("fsync");
  return counted([&] { return call(file); });
}

__attribute__((visibility("default"))) int fdatasync(int file) {
  static const auto call = next<int (*)(int)>("fdatasync");
  return counted([&] { return call(file); });
}
}
