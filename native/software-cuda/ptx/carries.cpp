// Integer arithmetic of many words: .cc sets the warp's carry flags; addc, subc and madc use them.
#include "arithmetic.h"

namespace software_cuda {

namespace {

enum : uint8_t { kReads = 1, kWrites = 2, kSubtracts = 4, kHigh = 8 };

// The sum a + b + carry or difference a - b - carry, and what does not fit.
template <class T>
T combine(T a, T b, bool carry, bool subtracts, bool& carries) {
  using Wide = unsigned __int128;
  const Wide sum = subtracts ? static_cast<Wide>(a) - b - carry : static_cast<Wide>(a) + b + carry;
  carries = (sum >> (8 * sizeof(T)) & 1) != 0;
  return static_cast<T>(sum);
}

template <class T>
T product(T a, T b, bool high, bool is_signed) {
  using Wide = unsigned __int128;
  if (!high) return static_cast<T>(static_cast<Wide>(a) * b);
  using S = std::make_signed_t<T>;
  if (is_signed) return static_cast<T>(static_cast<__int128>(static_cast<S>(a)) * static_cast<S>(b) >> (8 * sizeof(T)));
  return static_cast<T>(static_cast<Wide>(a) * b >> (8 * sizeof(T)));
}

// value: 1 if the factors of a product are signed; c is absent where there is no product.
template <class T>
void with_carry(Warp& warp, const Instruction& i, Mask active) {
  const T* a = warp.registers.from<T>(i.a);
  const T* b = warp.registers.from<T>(i.b);
  const T* c = i.c == kNoSlot ? nullptr : warp.registers.from<T>(i.c);
  T* d = warp.registers.to<T>(i.d);
  for_each_lane(active, [&](int lane) {
    const bool carry = i.mode & kReads && (warp.carry >> lane & 1);
    bool carries;
    const T first = c ? product(a[lane], b[lane], i.mode & kHigh, i.value) : a[lane];
    d[lane] = combine(first, c ? c[lane] : b[lane], carry, i.mode & kSubtracts, carries);
    if (i.mode & kWrites) warp.carry = (warp.carry & ~(Mask{1} << lane)) | static_cast<Mask>(carries) << lane;
  });
}

void decode_with(Decoding& at, Type type, unsigned mode, bool multiplies) {
  if (at.take("cc")) mode |= kWrites;
  if (multiplies) {
    if (at.take("hi")) {
      mode |= kHigh;
    } else if (!at.take("lo")) {
      at.fail("one of .lo and .hi is missing");
    }
  }
  at.i.mode = static_cast<uint8_t>(mode);
  at.i.value = is_signed(type);
  take_operands(at, type, multiplies ? 4 : 3);
  if (bytes_of(type) == 4) at.i.run = &with_carry<uint32_t>;
  if (bytes_of(type) == 8) at.i.run = &with_carry<uint64_t>;
  if (!at.i.run || !is_integer(type)) at.fail_type();
}

void decode_addc(Decoding& at) { decode_with(at, at.type(), kReads, false); }
void decode_subc(Decoding& at) { decode_with(at, at.type(), kReads | kSubtracts, false); }
void decode_madc(Decoding& at) { decode_with(at, at.type(), kReads, true); }

}  // namespace

void decode_carrying_arithmetic(Decoding& at, Type type) {
  decode_with(at, type, at.opcode() == "sub" ? kWrites | kSubtracts : unsigned{kWrites}, at.opcode() == "mad");
}

void add_carries(Opcodes& opcodes) {
  opcodes["addc"] = &decode_addc;
  opcodes["subc"] = &decode_subc;
  opcodes["madc"] = &decode_madc;
}

}  // namespace software_cuda
