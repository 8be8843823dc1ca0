// Host memory behind an allocation: poisoned with 0xff bytes, between two guard bands.
#ifndef DENSENET4J_SOFTWARE_CUDA_PAGES_H
#define DENSENET4J_SOFTWARE_CUDA_PAGES_H

#include <cstddef>
#include <string>

namespace software_cuda {

class Pages {
 public:
  // Nothing.
  Pages() = default;
  // Throws std::bad_alloc.
  explicit Pages(size_t bytes);
  Pages(Pages&& other) noexcept;
  Pages& operator=(Pages&& other) noexcept;
  ~Pages();

  // The first byte, aligned to 1024.
  std::byte* data() const { return base_ == nullptr ? nullptr : base_ + kGuard; }

  // Where a guard band was written to, such as "3 bytes from 0 bytes past its end", or empty. Mends the bands.
  std::string damage() const;

 private:
  static constexpr size_t kGuard = 1024;
  std::byte* base_ = nullptr;
  size_t bytes_ = 0;
  size_t mapped_ = 0;
};

}  // namespace software_cuda
#endif
