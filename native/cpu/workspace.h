// Carves an operation's scratch memory into arrays. The same layout code runs twice: with a null base it only counts
// the bytes (dn_<op>_workspace), with the caller's memory it hands out pointers.
#ifndef DENSENET4J_CPU_WORKSPACE_H
#define DENSENET4J_CPU_WORKSPACE_H

#include <cstddef>
#include <cstdint>

namespace dn {

class Workspace {
 public:
  explicit Workspace(void* base) : base_(static_cast<char*>(base)) {}

  template <class T>
  T* take(int64_t count) {
    T* at = base_ == nullptr ? nullptr : reinterpret_cast<T*>(base_ + bytes_);
    bytes_ += (count * static_cast<int64_t>(sizeof(T)) + kAlignment - 1) / kAlignment * kAlignment;
    return at;
  }

  int64_t bytes() const { return bytes_; }

 private:
  static constexpr int64_t kAlignment = 64;
  char* base_;
  int64_t bytes_ = 0;
};

// An array that every thread has its own copy of.
template <class T>
class PerThread {
 public:
  PerThread(Workspace& workspace, int64_t threads, int64_t count)
      : stride_((count * static_cast<int64_t>(sizeof(T)) + 63) / 64 * 64 / static_cast<int64_t>(sizeof(T))),
        base_(workspace.take<T>(threads * stride_)) {}

  T* of(int thread) const { return base_ + thread * stride_; }

 private:
  int64_t stride_;
  T* base_;
};

}  // namespace dn
#endif
