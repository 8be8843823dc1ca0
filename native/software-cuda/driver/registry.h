// Objects that callers know by handle. A handle is a serial number that is never given twice, so that one of a
// destroyed object is recognised, and one that is dereferenced crashes.
#ifndef DENSENET4J_SOFTWARE_CUDA_REGISTRY_H
#define DENSENET4J_SOFTWARE_CUDA_REGISTRY_H

#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include "errors.h"

namespace software_cuda {

inline uint64_t next_serial() {
  static uint64_t last = 0;
  return ++last;
}

// T has a field `handle`.
template <class Handle, class T>
class Registry {
 public:
  // `unknown`: what a call returns that is given a handle of none of these.
  explicit Registry(CUresult unknown = CUDA_ERROR_INVALID_HANDLE) : unknown_(unknown) {}

  Handle add(const std::shared_ptr<T>& object) {
    object->handle = reinterpret_cast<Handle>(kFirst + 16 * next_serial());
    objects_.emplace(object->handle, object);
    return object->handle;
  }

  // Null if there is none.
  std::shared_ptr<T> find(Handle handle) const {
    const auto found = objects_.find(handle);
    return found == objects_.end() ? nullptr : found->second;
  }

  std::shared_ptr<T> get(Handle handle) const {
    std::shared_ptr<T> found = find(handle);
    require(found != nullptr, unknown_);
    return found;
  }

  void remove(Handle handle) { objects_.erase(handle); }

  // In order of creation; a copy, so that objects may be removed meanwhile.
  std::vector<std::shared_ptr<T>> all() const {
    std::vector<std::shared_ptr<T>> result;
    for (const auto& each : objects_) result.push_back(each.second);
    return result;
  }

  // Those of one context.
  template <class Owner>
  std::vector<std::shared_ptr<T>> of(const Owner* context) const {
    std::vector<std::shared_ptr<T>> result;
    for (const auto& each : objects_) {
      if (each.second->context == context) result.push_back(each.second);
    }
    return result;
  }

  size_t size() const { return objects_.size(); }

 private:
  static constexpr uintptr_t kFirst = 0x5c0000000000;
  CUresult unknown_;
  std::map<Handle, std::shared_ptr<T>> objects_;
};

}  // namespace software_cuda
#endif
