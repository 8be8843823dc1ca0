// Barriers of the block: bar.sync, bar.red, bar.arrive and the same of the name barrier; and of the warp.
#include "lanes.h"
#include "races.h"

namespace software_cuda {

namespace {

void read_reduction(Decoding& at) {
  if (at.take("popc")) {
    if (at.type() != Type::kU32) at.fail("a popc reduction has the type .u32");
    at.i.barrier = BarrierKind::kPopc;
    at.i.d = at.out(0, Type::kU32);
    return;
  }
  at.i.barrier = at.take("and") ? BarrierKind::kAnd : BarrierKind::kOr;
  if (at.i.barrier == BarrierKind::kOr && !at.take("or")) at.fail("the reduction is not known");
  if (at.type() != Type::kPred) at.fail("this reduction has the type .pred");
  at.i.d = at.predicate_out(at.operand(0));
}

// Operands: barrier, and the number of threads if it is not all; in between what a reduction needs.
void decode_block_barrier(Decoding& at) {
  at.take("cta");
  at.i.flow = Flow::kBarrier;
  at.i.aligned = at.take("aligned") || at.opcode() == "bar";
  size_t first = 0, last = at.operands();
  if (at.take("red")) {
    read_reduction(at);
    at.expect_operands(3, 4);
    at.i.c = at.predicate_in(--last);
    first = 1;
  } else if (at.take("arrive")) {
    at.i.barrier = BarrierKind::kArrive;
    at.expect_operands(2);
  } else if (at.take("sync")) {
    at.expect_operands(1, 2);
  } else {
    at.fail("one of .sync, .arrive and .red is missing");
  }
  at.i.a = at.in(first, Type::kU32);
  if (last > first + 1) at.i.b = at.in(first + 1, Type::kU32);
}

void order_lanes(Warp& warp, const Instruction&, Mask lanes) {
  if (warp.races) warp.races->order(warp.index(), lanes);
}

void decode_barrier(Decoding& at) {
  if (!at.take("warp")) return decode_block_barrier(at);
  if (!at.take("sync")) at.fail(".sync is missing");
  at.expect_operands(1);
  at.i.flow = Flow::kWarpBarrier;
  at.i.run = &order_lanes;
  at.i.members = at.in(0, Type::kB32);
}

}  // namespace

void add_barriers(Opcodes& opcodes) {
  opcodes["bar"] = &decode_barrier;
  opcodes["barrier"] = &decode_barrier;
}

}  // namespace software_cuda
