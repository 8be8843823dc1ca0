// mma.sync: d = a b + c with a (16, k) in rows and b (k, 8) in columns, spread over the lanes of a warp. Products are
// summed in float, in order of k: real tensor cores round otherwise.
#include "half.h"
#include "lanes.h"

namespace software_cuda {

namespace {

constexpr int kRows = 16, kColumns = 8;

// How the elements of a type lie in registers.
struct Tf32Element {
  static constexpr int kInRegister = 1;
  static float value(uint32_t bits, int) { return bit_cast<float>(bits & 0xffffe000u); }
};

template <class H>
struct PairElement {
  static constexpr int kInRegister = 2;
  static float value(uint32_t bits, int element) {
    return static_cast<float>(H{static_cast<uint16_t>(bits >> 16 * element)}.value());
  }
};

// Operands in `extra`: four of d, then a, b, and four of c. A register of a holds neighbouring columns of one row:
// rows l / 4 and l / 4 + 8 in turn, then the same of the columns' second half.
template <class Element, int k>
class Product {
 public:
  static constexpr int kPerRegister = Element::kInRegister;
  static constexpr int kHalf = 4 * kPerRegister;  // columns that one register of all lanes spans
  static constexpr int kBs = k / kHalf, kAs = 2 * kBs;

  static void run(Warp& warp, const Instruction& i, Mask) {
    const Slot* d = &warp.grid().program.extra[i.extra];
    const Slot* a = d + 4;
    const Slot* b = a + kAs;
    const Slot* c = b + kBs;
    Product product;
    product.load(warp.registers, a, b, c);
    product.multiply();
    for (int r = 0; r < 4; r++) product.store(warp.registers.to<float>(d[r]), r);
  }

 private:
  // A row of the sums. The compiler does not find by itself that it stays in a register.
  typedef float Row __attribute__((vector_size(kColumns * sizeof(float))));

  void load(const Registers& registers, const Slot* a, const Slot* b, const Slot* c) {
    for (int r = 0; r < kAs; r++) load_a(registers.from<uint32_t>(a[r]), r % 2 * 8, r / 2 * kHalf);
    for (int r = 0; r < kBs; r++) load_b(registers.from<uint32_t>(b[r]), r * kHalf);
    for (int r = 0; r < 4; r++) {
      const float* values = registers.from<float>(c[r]);
      for (int lane = 0; lane < kWarpLanes; lane++) sums_[lane / 4 + r / 2 * 8][lane % 4 * 2 + r % 2] = values[lane];
    }
  }

  void load_a(const uint32_t* values, int row, int column) {
    for (int lane = 0; lane < kWarpLanes; lane++) {
      float* to = &a_[row + lane / 4][column + lane % 4 * kPerRegister];
      for (int e = 0; e < kPerRegister; e++) to[e] = Element::value(values[lane], e);
    }
  }

  void load_b(const uint32_t* values, int row) {
    for (int lane = 0; lane < kWarpLanes; lane++) {
      for (int e = 0; e < kPerRegister; e++) {
        b_[row + lane % 4 * kPerRegister + e][lane / 4] = Element::value(values[lane], e);
      }
    }
  }

  void multiply() {
    for (int row = 0; row < kRows; row++) {
      Row sums = sums_[row];
      for (int inner = 0; inner < k; inner++) sums += a_[row][inner] * b_[inner];
      sums_[row] = sums;
    }
  }

  void store(float* d, int r) const {
    for (int lane = 0; lane < kWarpLanes; lane++) d[lane] = sums_[lane / 4 + r / 2 * 8][lane % 4 * 2 + r % 2];
  }

  float a_[kRows][k];
  Row b_[k], sums_[kRows];
};

template <class Element, int k>
void choose(Decoding& at) {
  using P = Product<Element, k>;
  constexpr size_t kCounts[] = {4, P::kAs, P::kBs, 4};
  at.expect_operands(4);
  for (size_t operand = 0; operand < 4; operand++) {
    for (const Expression& e : at.elements(at.operand(operand), kCounts[operand])) {
      at.add_extra(operand == 0 ? at.out(e, Type::kF32) : at.in(e, operand == 3 ? Type::kF32 : Type::kB32));
    }
  }
  at.i.run = &P::run;
}

void decode_mma(Decoding& at) {
  take_all_lanes(at);
  const bool m16n8k16 = at.take("m16n8k16"), m16n8k8 = !m16n8k16 && at.take("m16n8k8"), m16n8k4 = at.take("m16n8k4");
  if (!at.take("row") || !at.take("col")) at.fail("a must be in rows and b in columns");
  const Type d = at.type(), a = at.type(), b = at.type(), c = at.type();
  if (d != Type::kF32 || c != Type::kF32 || a != b) at.fail("these types of the operands are not known");
  if (m16n8k16 && a == Type::kBf16) choose<PairElement<Bfloat16>, 16>(at);
  if (m16n8k16 && a == Type::kF16) choose<PairElement<Float16>, 16>(at);
  if (m16n8k8 && a == Type::kBf16) choose<PairElement<Bfloat16>, 8>(at);
  if (m16n8k8 && a == Type::kF16) choose<PairElement<Float16>, 8>(at);
  if (m16n8k8 && a == Type::kTf32) choose<Tf32Element, 8>(at);
  if (m16n8k4 && a == Type::kTf32) choose<Tf32Element, 4>(at);
  if (!at.i.run) at.fail("this shape is not known with these types");
}

}  // namespace

void add_mma(Opcodes& opcodes) { opcodes["mma"] = &decode_mma; }

}  // namespace software_cuda
