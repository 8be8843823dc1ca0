// Accesses to shared memory that no barrier orders: found in every schedule, and none where barriers do.
#include "ptx_test.h"

namespace software_cuda {

namespace {

// %r1: the thread; %r3: its four bytes of a tile; %r4: those of the thread as far from the end; %r5: of its neighbour in
// the warp; %p1: in the first warp; %rd3: four bytes of its own in global memory.
const char kBegin[] =
    ".reg .pred %p<4>;\n.reg .b32 %r<20>;\n.reg .b64 %rd<10>;\n.shared .align 16 .b8 tile[1024];\n"
    "mov.u32 %r1, %tid.x;\nmov.u32 %r2, tile;\nshl.b32 %r6, %r1, 2;\nadd.s32 %r3, %r2, %r6;\nadd.s32 %r4, %r2, 252;\n"
    "sub.s32 %r4, %r4, %r6;\nxor.b32 %r5, %r3, 4;\nsetp.lt.u32 %p1, %r1, 32;\nld.param.u64 %rd1, [to];\n"
    "mul.wide.u32 %rd2, %r1, 4;\nadd.s64 %rd3, %rd1, %rd2;\n";

const std::string kWrite = "st.shared.u32 [%r3], %r1;\n";
const std::string kRead = "ld.shared.u32 %r7, [%r3];\n";
const std::string kReadMirrored = "ld.shared.u32 %r7, [%r4];\n";
const std::string kReadNeighbour = "ld.shared.u32 %r7, [%r5];\n";
const std::string kWarpBarrier = "bar.warp.sync -1;\n";
const std::string kBarrier = "bar.sync 0;\n";

// Of a block of 64 threads, with the detector.
Fault fault_in(const std::string& body, Schedule schedule) {
  schedule.races = true;
  const auto module = parse(kernel_text(".param .u64 to", kBegin + body));
  TestMemory memory;
  const uint64_t to = memory.allocate(256);
  return fault_of([&] {
    launch(*module->kernel("test"), {{3, 1, 1}, {64, 1, 1}}, arguments(to), memory, schedule);
  });
}

void expect_race(const std::string& body, const std::vector<std::string>& said = {}) {
  for (const Schedule& schedule : all_schedules()) {
    const Fault fault = fault_in(body, schedule);
    CHECK_SAYING(fault.happened && fault.kind == KernelFault::Kind::kRace, body + fault.what);
    for (const std::string& part : said) CHECK_SAYING(fault.what.find(part) != std::string::npos, fault.what);
  }
}

void expect_none(const std::string& body) {
  for (const Schedule& schedule : all_schedules()) {
    const Fault fault = fault_in(body, schedule);
    CHECK_SAYING(!fault.happened, body + fault.what);
  }
}

void test_barriers() {
  expect_race(kWrite + kReadMirrored,
              {"kernel test", "st.shared.u32 [%r3], %r1", "ld.shared.u32 %r7, [%r4]", "PTX line 20", "PTX line 21",
               "block (", "shared memory at "});
  expect_none(kWrite + kBarrier + kReadMirrored);
  expect_race(kWrite + kBarrier + kReadMirrored + kWrite);
  expect_none(kWrite + kBarrier + kReadMirrored + kBarrier + kWrite);
  expect_race("st.shared.u32 [%r2], %r1;\n");
  expect_race("@%p1 st.shared.u32 [%r2], 1;\n@!%p1 st.shared.u16 [%r2+2], 1;\n");
  expect_none("@%p1 st.shared.u16 [%r2], 1;\n@!%p1 st.shared.u16 [%r2+2], 1;\n");
  // By an address of no state space.
  expect_race("cvt.u64.u32 %rd4, %r3; cvta.shared.u64 %rd4, %rd4; st.u32 [%rd4], %r1;\n" + kReadMirrored, {"st.u32"});
  // A barrier orders what is before it for all that are behind it, not only for the next.
  expect_none(kWrite + kBarrier + kBarrier + kReadMirrored);
  // Reads are remembered of all warps, also behind the write of one.
  expect_race("ld.shared.u32 %r7, [%r2];\n@%p1 st.shared.u32 [%r2], 1;\n");
}

// The lanes of a warp, too, need a barrier, if only their own.
void test_lanes() {
  expect_race(kWrite + kReadNeighbour, {"lane ", "of the same warp", "st.shared.u32 [%r3], %r1", "ld.shared.u32 %r7"});
  expect_none(kWrite + kWarpBarrier + kReadNeighbour);
  expect_race(kWrite + kWarpBarrier + kReadNeighbour + kWrite);
  expect_none(kWrite + kWarpBarrier + kReadNeighbour + kWarpBarrier + kWrite);
  expect_none(kWrite + kBarrier + kReadNeighbour);
  // Lanes meet at a shuffle, which orders no memory.
  expect_race(kWrite + "shfl.sync.bfly.b32 %r8, %r1, 1, 31, -1;\n" + kReadNeighbour);
  // Of what a mask names: neighbours, or lanes with their own twins elsewhere.
  const std::string pair = "and.b32 %r8, %r1, 30;\nshl.b32 %r8, 3, %r8;\nbar.warp.sync %r8;\n";
  expect_none(kWrite + pair + kReadNeighbour);
  expect_race(kWrite + pair + "xor.b32 %r5, %r3, 8;\n" + kReadNeighbour);
  expect_none(kWrite + pair + kWarpBarrier + "xor.b32 %r5, %r3, 8;\n" + kReadNeighbour);
  // Lanes may write the same in one instruction.
  expect_none("@%p1 st.shared.u32 [%r2], 1;\n");
  expect_race("@%p1 st.shared.u32 [%r2], 1;\n@%p1 st.shared.u32 [%r2], 2;\n");
  expect_none(kWrite + kRead + kWrite);
}

// What arrives at a named barrier is before what waits at it, and not the reverse.
void test_named_barriers() {
  const std::string first = "@!%p1 bra SECOND;\n", second = "bra END;\nSECOND:\n", end = "END: ret;\n";
  expect_none(first + kWrite + "bar.arrive 1, 64;\n" + second + "bar.sync 1, 64;\n" + kReadMirrored + end);
  expect_race(first + "bar.arrive 1, 64;\n" + kWrite + second + "bar.sync 1, 64;\n" + kReadMirrored + end);
  // A slot that is passed on, and given back.
  expect_none(first + kWrite + "bar.arrive 1, 64;\nbar.sync 2, 64;\n" + kWrite + second + "bar.sync 1, 64;\n" +
              kReadMirrored + "bar.arrive 2, 64;\n" + end);
  expect_race(first + kWrite + "bar.arrive 1, 64;\nbar.sync 2, 64;\n" + kWrite + second + "bar.sync 1, 64;\n" +
              "bar.arrive 2, 64;\n" + kReadMirrored + end);
  // A barrier of one warp orders nothing.
  expect_race(kWrite + "@%p1 bar.sync 1, 32;\n@!%p1 bar.sync 2, 32;\n" + kReadMirrored);
}

void test_copies() {
  const std::string copy = "cp.async.ca.shared.global [%r3], [%rd3], 4;\ncp.async.commit_group;\n";
  const std::string wait = "cp.async.wait_group 0;\n";
  expect_none(copy + wait + kBarrier + kReadMirrored);
  expect_race(copy + wait + kReadMirrored, {"cp.async.ca"});
  expect_race(copy + kBarrier + kReadMirrored, {"has not waited for the copy"});
  expect_race(copy + kBarrier + wait + kReadMirrored, {"cp.async.ca"});
  expect_race("@!%p1 bra SECOND;\n" + copy + kBarrier + wait + "bra END;\nSECOND:\n" + kBarrier + kReadMirrored +
              "END: ret;\n", {"cp.async.ca"});
  expect_race(copy + kRead, {"of the same warp copies to it"});
  expect_race(copy + kWrite + wait, {"of the same warp copies to it"});
  expect_none(copy + wait + kRead);
  expect_race(copy + wait + kReadNeighbour, {"cp.async.ca"});
  expect_none(copy + wait + kWarpBarrier + kReadNeighbour);
  // Before a copy begins nobody may read what is there any more.
  expect_race(kWrite + kBarrier + kReadMirrored + copy + wait);
  expect_none(kWrite + kBarrier + kReadMirrored + kBarrier + copy + wait);
}

// Two slots that copies fill in turn, of four rounds: a slot is filled anew only behind a barrier after its reading.
std::string ring(const std::string& before_filling, const std::string& after_waiting) {
  return "mov.u32 %r9, 0;\ncp.async.ca.shared.global [%r3], [%rd3], 4;\ncp.async.commit_group;\nROUND:\n" +
      before_filling +
      "and.b32 %r10, %r9, 1;\nshl.b32 %r10, %r10, 8;\nxor.b32 %r11, %r10, 256;\nadd.s32 %r12, %r3, %r11;\n"
      "cp.async.ca.shared.global [%r12], [%rd3], 4;\ncp.async.commit_group;\ncp.async.wait_group 1;\n" + after_waiting +
      "add.s32 %r12, %r4, %r10;\nld.shared.u32 %r7, [%r12];\nadd.s32 %r9, %r9, 1;\nsetp.lt.u32 %p2, %r9, 4;\n"
      "@%p2 bra ROUND;\n";
}

void test_rings() {
  expect_none(ring(kBarrier, kBarrier));
  expect_race(ring("", kBarrier));
  expect_race(ring(kBarrier, ""));
}

void test_atomics() {
  expect_none("red.shared.add.u32 [%r2], 1;\n");
  expect_race("@%p1 red.shared.add.u32 [%r2], 1;\n@!%p1 ld.shared.u32 %r7, [%r2];\n", {"red.shared.add.u32"});
  expect_none("red.shared.add.u32 [%r2], 1;\n" + kBarrier + "ld.shared.u32 %r7, [%r2];\n");
}

// Without the setting, a race is no fault.
void test_setting() {
  const auto module = parse(kernel_text(".param .u64 to", kBegin + kWrite + kReadMirrored));
  TestMemory memory;
  const uint64_t to = memory.allocate(256);
  launch(*module->kernel("test"), {{1, 1, 1}, {64, 1, 1}}, arguments(to), memory);
}

}  // namespace

void test_races() {
  test_barriers();
  test_lanes();
  test_named_barriers();
  test_copies();
  test_rings();
  test_atomics();
  test_setting();
}

}  // namespace software_cuda
