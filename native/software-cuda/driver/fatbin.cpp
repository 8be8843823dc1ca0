// The container that nvcc packs code for several architectures into.
#include "fatbin.h"

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "errors.h"

namespace software_cuda {

namespace {

constexpr uint32_t kMagic = 0xba55ed50, kWrapperMagic = 0x466243b1, kElfMagic = 0x464c457f;
constexpr uint16_t kPtx = 1;
constexpr uint64_t kLz4 = 0x2000, kZstd = 0x8000;
// Such as sm_90a: runs on that architecture and no later one.
constexpr uint64_t kSpecific = 0x100000;
constexpr uint64_t kHeader = 16, kEntryHeader = 64;

template <class T>
T read(const std::byte* at) {
  T value;
  std::memcpy(&value, at, sizeof value);
  return value;
}

struct Entry {
  uint16_t kind;
  uint32_t header_bytes;
  uint64_t payload_bytes;
  uint32_t compressed_bytes;
  int architecture;
  uint64_t flags;
  uint64_t uncompressed_bytes;
  const std::byte* payload;
};

Entry read_entry(const std::byte* at, uint64_t left) {
  const auto damaged = [](bool is) { require(!is, CUDA_ERROR_INVALID_IMAGE); };
  damaged(left < kEntryHeader);
  Entry entry{read<uint16_t>(at),      read<uint32_t>(at + 4),
              read<uint64_t>(at + 8),  read<uint32_t>(at + 16),
              read<int32_t>(at + 28),  read<uint64_t>(at + 40),
              read<uint64_t>(at + 56), at + read<uint32_t>(at + 4)};
  damaged(entry.header_bytes < kEntryHeader || entry.header_bytes > left);
  damaged(entry.payload_bytes > left - entry.header_bytes || entry.compressed_bytes > entry.payload_bytes);
  return entry;
}

// Reads LZ4's blocks: literals, then a match of what has been written already.
class Lz4 {
 public:
  Lz4(const std::byte* from, size_t bytes) : at_(from), end_(from + bytes) {}

  std::string text(size_t bytes) {
    // A byte of length stands for 255 at most.
    require(bytes / 255 <= static_cast<size_t>(end_ - at_), CUDA_ERROR_INVALID_IMAGE);
    text_.reserve(bytes);
    while (at_ < end_) {
      const unsigned token = next();
      const size_t literals = length(token >> 4);
      require(literals <= static_cast<size_t>(end_ - at_), CUDA_ERROR_INVALID_IMAGE);
      text_.append(reinterpret_cast<const char*>(at_), literals);
      at_ += literals;
      // The last sequence has no match.
      if (at_ == end_) break;
      const size_t low = next(), distance = low | size_t{next()} << 8;
      const size_t match = length(token & 15) + 4;
      require(distance > 0 && distance <= text_.size() && text_.size() + match <= bytes, CUDA_ERROR_INVALID_IMAGE);
      for (size_t i = 0; i < match; ++i) text_.push_back(text_[text_.size() - distance]);
    }
    require(text_.size() == bytes, CUDA_ERROR_INVALID_IMAGE);
    return std::move(text_);
  }

 private:
  unsigned next() {
    require(at_ < end_, CUDA_ERROR_INVALID_IMAGE);
    return std::to_integer<unsigned>(*at_++);
  }

  size_t length(size_t start) {
    if (start != 15) return start;
    for (;;) {
      const unsigned more = next();
      start += more;
      if (more != 255) return start;
    }
  }

  const std::byte* at_;
  const std::byte* end_;
  std::string text_;
};

std::string text_of(const Entry& entry) {
  if ((entry.flags & kZstd) != 0) {
    throw Failure(CUDA_ERROR_INVALID_IMAGE, "the PTX is packed with zstd: build the fatbin with --compress-mode=none");
  }
  std::string text;
  if ((entry.flags & kLz4) != 0) {
    text = Lz4(entry.payload, entry.compressed_bytes).text(entry.uncompressed_bytes);
  } else {
    text.assign(reinterpret_cast<const char*>(entry.payload), entry.payload_bytes);
  }
  return text.substr(0, text.find('\0'));
}

std::string ptx_of_fatbin(const std::byte* fatbin, int architecture, uint64_t most) {
  require(most >= kHeader, CUDA_ERROR_INVALID_IMAGE);
  const uint16_t header_bytes = read<uint16_t>(fatbin + 6);
  const std::byte* at = fatbin + header_bytes;
  uint64_t left = read<uint64_t>(fatbin + 8);
  require(header_bytes >= kHeader && header_bytes <= most && left <= most - header_bytes, CUDA_ERROR_INVALID_IMAGE);
  Entry best{};
  while (left > 0) {
    const Entry entry = read_entry(at, left);
    const bool specific = (entry.flags & kSpecific) != 0;
    const bool fits = entry.kind == kPtx && entry.architecture <= architecture &&
                      (!specific || entry.architecture == architecture);
    if (fits && (best.payload == nullptr || entry.architecture > best.architecture)) best = entry;
    at += entry.header_bytes + entry.payload_bytes;
    left -= entry.header_bytes + entry.payload_bytes;
  }
  if (best.payload == nullptr) {
    throw Failure(CUDA_ERROR_NO_BINARY_FOR_GPU, "the fatbin has no PTX for architectures up to sm_" +
                                                    std::to_string(architecture) + ", which is all this device runs");
  }
  return text_of(best);
}

void check_target(const std::string& ptx, int architecture) {
  const std::string directive = ".target sm_";
  const size_t found = ptx.find(directive);
  if (found == std::string::npos) throw Failure(CUDA_ERROR_INVALID_PTX, "the module is not PTX: it names no .target");
  const int target = std::atoi(ptx.c_str() + found + directive.size());
  if (target <= architecture) return;
  throw Failure(CUDA_ERROR_INVALID_PTX, "the PTX is for sm_" + std::to_string(target) + ", the device has sm_" +
                                            std::to_string(architecture));
}

// Byte by byte, since text may be shorter than the magic.
bool begins_with(const std::byte* image, uint64_t most, uint32_t magic) {
  for (unsigned i = 0; i < 4; ++i) {
    if (i >= most || image[i] != static_cast<std::byte>(magic >> 8 * i & 0xff)) return false;
  }
  return true;
}

}  // namespace

std::string ptx_of_image(const void* image, int architecture, uint64_t most) {
  const auto* bytes = static_cast<const std::byte*>(image);
  if (begins_with(bytes, most, kElfMagic)) {
    throw Failure(CUDA_ERROR_NO_BINARY_FOR_GPU, "the module is machine code of a GPU, and this device runs PTX only");
  }
  if (begins_with(bytes, most, kWrapperMagic)) {
    // It holds an address, which means nothing in a file.
    require(most == kSizeUnknown, CUDA_ERROR_INVALID_IMAGE);
    bytes = read<const std::byte*>(bytes + 8);
    require(bytes != nullptr && begins_with(bytes, most, kMagic), CUDA_ERROR_INVALID_IMAGE);
  }
  std::string ptx;
  if (begins_with(bytes, most, kMagic)) {
    ptx = ptx_of_fatbin(bytes, architecture, most);
  } else {
    const char* text = reinterpret_cast<const char*>(bytes);
    ptx.assign(text, most == kSizeUnknown ? std::strlen(text) : strnlen(text, most));
  }
  check_target(ptx, architecture);
  return ptx;
}

}  // namespace software_cuda
