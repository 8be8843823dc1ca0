// cp.async and its groups.
#include "lanes.h"

namespace software_cuda {

namespace {

// a, offset: where to, in shared memory; b, and value as its offset: where from; c: how many bytes are read, or absent.
void start_copy(Warp& warp, const Instruction& i, Mask active) {
  for_each_lane(active, [&](int lane) {
    const uint64_t to = warp.memory.address(warp.registers, i, i.a, lane);
    const uint64_t from = i.mode ? warp.registers.from<uint64_t>(i.b)[lane] + i.value
                                 : static_cast<uint32_t>(warp.registers.from<uint32_t>(i.b)[lane] + i.value);
    const uint32_t bytes = i.count;
    const uint32_t used = i.c == kNoSlot ? bytes : warp.registers.from<uint32_t>(i.c)[lane];
    if (used > bytes) {
      warp.fail(KernelFault::Kind::kUndefinedBehaviour, lane,
                "it reads " + std::to_string(used) + " bytes to write " + std::to_string(bytes));
    }
    std::byte* destination = warp.memory.at(Space::kShared, to, bytes, Access::kCopy, lane);
    if (from & (bytes - 1)) {
      warp.fail(KernelFault::Kind::kMisalignedAddress, lane,
                "the source is not aligned to " + std::to_string(bytes) + " bytes");
    }
    const std::byte* source = used ? warp.memory.find_global(from, used, lane) : nullptr;
    warp.copies.add(lane, destination, source, bytes, used);
  });
}

void commit(Warp& warp, const Instruction&, Mask active) { warp.copies.commit(active); }
void wait_group(Warp& warp, const Instruction& i, Mask active) {
  warp.copies.wait(active, static_cast<uint32_t>(i.value));
}
void wait_all(Warp& warp, const Instruction&, Mask active) { warp.copies.wait_all(active); }

void decode_copy(Decoding& at) {
  const bool cached = at.take("ca");
  if (!cached && !at.take("cg")) at.fail("one of .ca and .cg is missing");
  if (!at.take("shared") && !at.take("shared::cta")) at.fail("the destination must be shared memory");
  if (!at.take("global")) at.fail("the source must be global memory");
  at.ignore({"L2::64B", "L2::128B", "L2::256B"});
  at.expect_operands(3, 4);
  const uint64_t bytes = at.number(2);
  if (bytes != 16 && (!cached || (bytes != 4 && bytes != 8))) at.fail("copies of that size do not exist");
  at.address(at.operand(0), Space::kShared);
  Space from = Space::kGlobal;
  int64_t offset = 0;
  bool wide = true;
  at.i.b = at.base_of(at.operand(1), from, offset, wide);
  at.i.value = static_cast<uint64_t>(offset);
  at.i.mode = wide;
  at.i.count = static_cast<uint8_t>(bytes);
  if (at.operands() == 4) at.i.c = at.in(3, Type::kU32);
  at.i.run = &start_copy;
}

void decode_cp(Decoding& at) {
  if (!at.take("async")) at.fail("only cp.async is known");
  if (at.take("commit_group")) {
    at.expect_operands(0);
    at.i.run = &commit;
  } else if (at.take("wait_group")) {
    at.expect_operands(1);
    at.i.value = at.number(0);
    at.i.run = &wait_group;
  } else if (at.take("wait_all")) {
    at.expect_operands(0);
    at.i.run = &wait_all;
  } else {
    decode_copy(at);
  }
}

}  // namespace

void add_async_operations(Opcodes& opcodes) { opcodes["cp"] = &decode_cp; }

}  // namespace software_cuda
