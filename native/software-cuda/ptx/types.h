// The types of PTX operands.
#ifndef DENSENET4J_SOFTWARE_CUDA_TYPES_H
#define DENSENET4J_SOFTWARE_CUDA_TYPES_H

#include <cstdint>
#include <optional>
#include <string_view>

namespace software_cuda {

enum class Type : uint8_t {
  kPred,
  kB8, kB16, kB32, kB64,
  kU8, kU16, kU32, kU64,
  kS8, kS16, kS32, kS64,
  kF16, kBf16, kF16x2, kBf16x2, kTf32, kF32, kF64,
  kU16x2, kS16x2
};

// Of a name without its point, such as "u32".
std::optional<Type> type_named(std::string_view name);

// 0 for predicates.
uint32_t bytes_of(Type type);

bool is_signed(Type type);
bool is_float(Type type);
// Neither a predicate nor a floating-point type.
bool is_integer(Type type);
// Two floating-point numbers of 16 bits.
bool is_pair(Type type);

// Of a register for a type: 8-bit values lie in wider ones.
uint32_t register_bytes(Type type);
// Untyped bits of a register of that size.
Type bits_type(uint32_t bytes);

}  // namespace software_cuda
#endif
