// ldmatrix, stmatrix and movmatrix: 8x8 matrices of 16-bit elements, two neighbours of a row in each lane.
#include "lanes.h"

namespace software_cuda {

namespace {

// Row r of matrix m begins at the address in lane 8 * m + r. Lane l holds two elements of row l / 4, from column
// 2 * (l % 4); mode 1: of the transposed matrix.
struct Rows {
  Rows(Warp& warp, const Instruction& i, Access access) : transposed(i.mode) {
    for (int lane = 0; lane < 8 * i.count; lane++) {
      const uint64_t address = warp.memory.address(warp.registers, i, i.a, lane);
      rows[lane] = reinterpret_cast<uint16_t*>(warp.memory.at(i.space, address, 16, access, lane));
    }
  }

  uint16_t& at(int matrix, int lane, int element) const {
    const int row = lane / 4, column = lane % 4 * 2 + element;
    return transposed ? rows[8 * matrix + column][row] : rows[8 * matrix + row][column];
  }

  uint16_t* rows[kWarpLanes];
  bool transposed;
};

void load_matrices(Warp& warp, const Instruction& i, Mask) {
  const Rows rows(warp, i, Access::kReadTogether);
  uint32_t values[4][kWarpLanes];
  for (int m = 0; m < i.count; m++) {
    for (int lane = 0; lane < kWarpLanes; lane++) {
      values[m][lane] = rows.at(m, lane, 0) | static_cast<uint32_t>(rows.at(m, lane, 1)) << 16;
    }
  }
  const Slot* registers = &warp.grid().program.extra[i.extra];
  for (int m = 0; m < i.count; m++) std::memcpy(warp.registers.to<uint32_t>(registers[m]), values[m], sizeof values[m]);
}

void store_matrices(Warp& warp, const Instruction& i, Mask) {
  const Rows rows(warp, i, Access::kWrite);
  const Slot* registers = &warp.grid().program.extra[i.extra];
  for (int m = 0; m < i.count; m++) {
    const uint32_t* values = warp.registers.from<uint32_t>(registers[m]);
    for (int lane = 0; lane < kWarpLanes; lane++) {
      rows.at(m, lane, 0) = static_cast<uint16_t>(values[lane]);
      rows.at(m, lane, 1) = static_cast<uint16_t>(values[lane] >> 16);
    }
  }
}

void transpose_matrix(Warp& warp, const Instruction& i, Mask) {
  uint16_t matrix[8][8];
  std::memcpy(matrix, warp.registers.from<uint16_t>(i.a), sizeof matrix);
  uint16_t transposed[8][8];
  for (int r = 0; r < 8; r++) {
    for (int c = 0; c < 8; c++) transposed[c][r] = matrix[r][c];
  }
  std::memcpy(warp.registers.to<uint16_t>(i.d), transposed, sizeof transposed);
}

template <bool loads>
void decode_matrices(Decoding& at) {
  take_all_lanes(at);
  if (!at.take("m8n8")) at.fail("only matrices of the shape .m8n8 are known");
  at.i.count = at.take("x4") ? 4 : at.take("x2") ? 2 : 1;
  if (at.i.count == 1) at.take("x1");
  at.i.mode = at.take("trans");
  const Space space = at.space();
  const Type type = at.type();
  if (type != Type::kB16) at.fail_type();
  at.expect_operands(2);
  at.address(at.operand(loads ? 1 : 0), space);
  if (space == Space::kGlobal) at.fail("matrices must be in shared memory");
  for (const Expression& e : at.elements(at.operand(loads ? 0 : 1), at.i.count)) {
    at.add_extra(loads ? at.out(e, Type::kB32) : at.in(e, Type::kB32));
  }
  at.i.run = loads ? &load_matrices : &store_matrices;
}

void decode_movmatrix(Decoding& at) {
  take_all_lanes(at);
  if (!at.take("m8n8") || !at.take("trans")) at.fail("only .m8n8.trans is known");
  if (at.type() != Type::kB16) at.fail("only the type .b16 is known");
  take_operands(at, Type::kB32, 2);
  at.i.run = &transpose_matrix;
}

}  // namespace

void add_tensor_operations(Opcodes& opcodes) {
  opcodes["ldmatrix"] = &decode_matrices<true>;
  opcodes["stmatrix"] = &decode_matrices<false>;
  opcodes["movmatrix"] = &decode_movmatrix;
  add_mma(opcodes);
}

}  // namespace software_cuda
