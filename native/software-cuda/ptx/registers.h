// The registers of one warp.
#ifndef DENSENET4J_SOFTWARE_CUDA_REGISTERS_H
#define DENSENET4J_SOFTWARE_CUDA_REGISTERS_H

#include <cstddef>
#include <cstring>
#include <vector>

#include "program.h"

namespace software_cuda {

class Registers {
 public:
  explicit Registers(const Program& program)
      : constants_(reinterpret_cast<const std::byte*>(program.constants.data())),
        file_(program.register_bytes / 8 + 1) {}

  void poison() { std::memset(file_.data(), 0xFF, file_.size() * sizeof(uint64_t)); }

  template <class T>
  const T* from(Slot slot) const {
    const std::byte* base = slot & kConstant ? constants_ : reinterpret_cast<const std::byte*>(file_.data());
    return reinterpret_cast<const T*>(base + (slot & kOffsetOfSlot));
  }

  template <class T>
  T* to(Slot slot) {
    return reinterpret_cast<T*>(reinterpret_cast<std::byte*>(file_.data()) + slot);
  }

  Mask predicate(Slot slot) const { return *from<Mask>(slot) ^ (slot & kNegated ? kAllLanes : 0); }

  void set_predicate(Slot slot, Mask value, Mask active) {
    Mask& to_set = *to<Mask>(slot);
    to_set = (to_set & ~active) | (value & active);
  }

 private:
  const std::byte* constants_;
  std::vector<uint64_t> file_;
};

// Calls f(lane) for each lane of a mask, in order.
template <class F>
inline void for_each_lane(Mask lanes, const F& f) {
  for (; lanes; lanes &= lanes - 1) f(__builtin_ctz(lanes));
}

}  // namespace software_cuda
#endif
