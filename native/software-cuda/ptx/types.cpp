#include "types.h"

#include <algorithm>
#include <unordered_map>

namespace software_cuda {

std::optional<Type> type_named(std::string_view name) {
  static const std::unordered_map<std::string_view, Type> kTypes = {
      {"pred", Type::kPred},   {"b8", Type::kB8},         {"b16", Type::kB16},   {"b32", Type::kB32},
      {"b64", Type::kB64},     {"u8", Type::kU8},         {"u16", Type::kU16},   {"u32", Type::kU32},
      {"u64", Type::kU64},     {"s8", Type::kS8},         {"s16", Type::kS16},   {"s32", Type::kS32},
      {"s64", Type::kS64},     {"f16", Type::kF16},       {"bf16", Type::kBf16}, {"f16x2", Type::kF16x2},
      {"tf32", Type::kTf32},   {"bf16x2", Type::kBf16x2}, {"f32", Type::kF32},   {"f64", Type::kF64},
      {"u16x2", Type::kU16x2}, {"s16x2", Type::kS16x2}};
  const auto found = kTypes.find(name);
  if (found == kTypes.end()) return std::nullopt;
  return found->second;
}

uint32_t bytes_of(Type type) {
  switch (type) {
    case Type::kPred:
      return 0;
    case Type::kB8:
    case Type::kU8:
    case Type::kS8:
      return 1;
    case Type::kB16:
    case Type::kU16:
    case Type::kS16:
    case Type::kF16:
    case Type::kBf16:
      return 2;
    case Type::kB64:
    case Type::kU64:
    case Type::kS64:
    case Type::kF64:
      return 8;
    default:
      return 4;
  }
}

bool is_signed(Type type) {
  return type == Type::kS8 || type == Type::kS16 || type == Type::kS32 || type == Type::kS64;
}

bool is_float(Type type) { return type >= Type::kF16 && type <= Type::kF64; }

bool is_integer(Type type) { return type >= Type::kB8 && type <= Type::kS64; }

bool is_pair(Type type) { return type == Type::kF16x2 || type == Type::kBf16x2; }

uint32_t register_bytes(Type type) { return std::max(2u, bytes_of(type)); }

Type bits_type(uint32_t bytes) { return bytes == 8 ? Type::kB64 : bytes == 4 ? Type::kB32 : Type::kB16; }

}  // namespace software_cuda
