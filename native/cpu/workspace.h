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

// Arrays that are written by one thread each while others write the next ones. Processors fetch lines ahead of those
// in use, within a page: from what is nearer than that a thread would keep taking lines that another one writes.
template <class T>
class Apart {
 public:
  Apart(Workspace& workspace, int64_t arrays, int64_t count)
      : stride_((count * static_cast<int64_t>(sizeof(T)) + 63 + kPage) / 64 * 64 / static_cast<int64_t>(sizeof(T))),
        base_(workspace.take<T>(arrays * stride_)) {}

  T* of(int64_t index) const { return base_ + index * stride_; }

 private:
  static constexpr int64_t kPage = 4096;

  int64_t stride_;
  T* base_;
};

// An array that every thread has its own copy of.
template <class T>
using PerThread = Apart<T>;

}  // namespace dn
#endif
