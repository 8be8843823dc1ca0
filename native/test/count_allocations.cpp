// Preloaded into a process under test (LD_PRELOAD): counts the allocations that the kernels ask for, told by the library
// that the call comes from. Memory itself comes from the C library (glibc) as ever.
#include <dlfcn.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdint>
#include <cstring>

#define EXPORT extern "C" __attribute__((visibility("default")))

extern "C" {
void* __libc_malloc(size_t bytes);
void* __libc_calloc(size_t count, size_t bytes);
void* __libc_realloc(void* memory, size_t bytes);
void* __libc_memalign(size_t alignment, size_t bytes);
}

namespace {

std::atomic<bool> counting{false};
std::atomic<int64_t> allocations{0};

void count(const void* caller) {
  if (!counting) return;
  Dl_info library;
  if (dladdr(caller, &library) == 0) return;
  if (strstr(library.dli_fname, "libdensenet4j_cpu_")) allocations++;
}

}  // namespace

// Starts counting from 0.
EXPORT void count_allocations_start() {
  allocations = 0;
  counting = true;
}

// Stops counting; the number of calls since the start.
EXPORT int64_t count_allocations_stop() {
  counting = false;
  return allocations;
}

EXPORT void* malloc(size_t bytes) noexcept {
  count(__builtin_return_address(0));
  return __libc_malloc(bytes);
}

EXPORT void* calloc(size_t items, size_t bytes) noexcept {
  count(__builtin_return_address(0));
  return __libc_calloc(items, bytes);
}

EXPORT void* realloc(void* memory, size_t bytes) noexcept {
  count(__builtin_return_address(0));
  return __libc_realloc(memory, bytes);
}

EXPORT void* aligned_alloc(size_t alignment, size_t bytes) noexcept {
  count(__builtin_return_address(0));
  return __libc_memalign(alignment, bytes);
}

EXPORT int posix_memalign(void** memory, size_t alignment, size_t bytes) noexcept {
  count(__builtin_return_address(0));
  *memory = __libc_memalign(alignment, bytes);
  return *memory == nullptr ? ENOMEM : 0;
}

EXPORT void* mmap(void* at, size_t bytes, int protection, int flags, int file, off_t offset) noexcept {
  count(__builtin_return_address(0));
  return reinterpret_cast<void*>(syscall(SYS_mmap, at, bytes, protection, flags, file, offset));
}

// A new thread allocates its stack.
using Body = void*(void*);
EXPORT int pthread_create(pthread_t* thread, const pthread_attr_t* attributes, Body* body, void* argument) noexcept {
  count(__builtin_return_address(0));
  using Create = int(pthread_t*, const pthread_attr_t*, Body*, void*);
  static Create* const create = reinterpret_cast<Create*>(dlsym(RTLD_NEXT, "pthread_create"));
  return create(thread, attributes, body, argument);
}
