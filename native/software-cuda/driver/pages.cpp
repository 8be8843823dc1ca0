// Memory that costs nothing until it is written to: every tile maps the same poisoned pages, copied on write.
#include "pages.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <new>
#include <utility>
#include <vector>

namespace software_cuda {

namespace {

constexpr size_t kTile = size_t{4} << 20;
constexpr std::byte kPoison{0xff};
constexpr std::byte kGuardByte{0xa7};

int make_poison() {
  const int file = memfd_create("poison", MFD_CLOEXEC);
  if (file < 0) throw std::bad_alloc();
  const std::vector<std::byte> tile(kTile, kPoison);
  for (size_t written = 0; written < kTile;) {
    const ssize_t step = write(file, tile.data() + written, kTile - written);
    if (step <= 0) {
      close(file);
      throw std::bad_alloc();
    }
    written += static_cast<size_t>(step);
  }
  return file;
}

int poison() {
  static const int file = make_poison();
  return file;
}

// Describes the bytes of a guard band that are not as they were, counted from `origin`, and mends them.
std::string check(std::byte* band, size_t bytes, const std::string& origin) {
  const auto hurt = [](std::byte each) { return each != kGuardByte; };
  std::byte* const first = std::find_if(band, band + bytes, hurt);
  if (first == band + bytes) return "";
  const auto count = std::count_if(band, band + bytes, hurt);
  std::memset(band, static_cast<int>(kGuardByte), bytes);
  return std::to_string(count) + " bytes from " + std::to_string(first - band) + " bytes past " + origin;
}

}  // namespace

Pages::Pages(size_t bytes) : bytes_(bytes) {
  const size_t page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  mapped_ = (bytes + 2 * kGuard + page - 1) / page * page;
  void* reserved = mmap(nullptr, mapped_, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (reserved == MAP_FAILED) throw std::bad_alloc();
  base_ = static_cast<std::byte*>(reserved);
  for (size_t at = 0; at < mapped_; at += kTile) {
    const size_t tile = std::min(kTile, mapped_ - at);
    const int flags = MAP_PRIVATE | MAP_FIXED | MAP_NORESERVE;
    if (mmap(base_ + at, tile, PROT_READ | PROT_WRITE, flags, poison(), 0) == MAP_FAILED) {
      munmap(base_, mapped_);
      throw std::bad_alloc();
    }
  }
  std::memset(base_, static_cast<int>(kGuardByte), kGuard);
  std::memset(base_ + kGuard + bytes, static_cast<int>(kGuardByte), kGuard);
}

Pages::Pages(Pages&& other) noexcept { *this = std::move(other); }

Pages& Pages::operator=(Pages&& other) noexcept {
  std::swap(base_, other.base_);
  std::swap(bytes_, other.bytes_);
  std::swap(mapped_, other.mapped_);
  return *this;
}

Pages::~Pages() {
  if (base_ != nullptr) munmap(base_, mapped_);
}

std::string Pages::damage() const {
  if (base_ == nullptr) return "";
  const std::string before = check(base_, kGuard, "1024 bytes before its start");
  const std::string after = check(base_ + kGuard + bytes_, kGuard, "its end");
  return before.empty() || after.empty() ? before + after : before + " and " + after;
}

}  // namespace software_cuda
