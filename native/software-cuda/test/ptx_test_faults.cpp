// What a GPU would punish, and what it would not but that is wrong: planted, and found.
#include "ptx_test.h"

namespace software_cuda {

namespace {

const char kRegisters[] =
    ".reg .pred %p<4>;\n.reg .b32 %r<20>;\n.reg .b64 %rd<10>;\n.reg .f32 %f<9>;\n.shared .align 16 .b8 tile[256];\n"
    "ld.param.u64 %rd1, [to];\nmov.u32 %r1, %tid.x;\nmul.wide.u32 %rd2, %r1, 4;\nadd.s64 %rd3, %rd1, %rd2;\n"
    "mov.u32 %r2, tile;\nshl.b32 %r3, %r1, 2;\nadd.s32 %r4, %r2, %r3;\n";

std::string text_of(const std::string& body) { return kernel_text(".param .u64 to", kRegisters + body); }

// Runs on a block of 64 threads that may write 256 bytes.
std::vector<uint32_t> results(const std::string& body, const Schedule& schedule = {}, uint32_t threads = 64) {
  const auto module = parse(text_of(body));
  TestMemory memory;
  const uint64_t to = memory.allocate(256);
  launch(*module->kernel("test"), {{1, 1, 1}, {threads, 1, 1}}, arguments(to), memory, schedule);
  return memory.download<uint32_t>(to, 64);
}

void expect_fault(KernelFault::Kind kind, const std::string& body, const std::vector<std::string>& said) {
  for (const Schedule& schedule : all_schedules()) {
    const Fault fault = fault_of([&] { results(body, schedule); });
    CHECK_SAYING(fault.happened && fault.kind == kind, fault.what);
    for (const std::string& part : said) CHECK_SAYING(fault.what.find(part) != std::string::npos, fault.what);
  }
}

void expect_parse_error(const std::string& body, const std::string& said) {
  try {
    parse(text_of(body));
    CHECK_SAYING(false, body);
  } catch (const PtxError& error) {
    CHECK_SAYING(std::string(error.what()).find(said) != std::string::npos, error.what());
    CHECK_SAYING(std::string(error.what()).find("line 17") != std::string::npos, error.what());
  }
}

void test_memory_faults() {
  using Kind = KernelFault::Kind;
  expect_fault(Kind::kMisalignedAddress, "st.global.v2.u32 [%rd3], {%r1, %r1};",
               {"kernel test", "line 17", "st.global.v2.u32"});
  expect_fault(Kind::kIllegalAddress, "st.global.u32 [%rd3+4], %r1;",
               {"thread (63,0,0)", "block (0,0,0)", "no allocation"});
  expect_fault(Kind::kIllegalAddress, "mov.u64 %rd4, 0; ld.global.u32 %r5, [%rd4];", {"no allocation"});
  expect_fault(Kind::kIllegalAddress, "st.shared.u32 [%r4+252], %r1;", {"shared memory of 256 bytes"});
  expect_fault(Kind::kIllegalAddress, "ld.shared.u32 %r5, [%r4+-4];", {"thread (0,0,0)"});
  expect_fault(Kind::kIllegalAddress, ".local .align 4 .b8 own[8];\nmov.u64 %rd4, own; ld.local.u32 %r5, [%rd4+8];",
               {"local memory of 8 bytes"});
  // A shared address is none of global memory, and the reverse.
  expect_fault(Kind::kIllegalAddress, "cvt.u64.u32 %rd4, %r2; cvta.shared.u64 %rd4, %rd4; ld.global.u32 %r5, [%rd4];",
               {"another state space"});
  expect_fault(Kind::kIllegalAddress, "ld.shared.u32 %r5, [%rd3];", {"shared memory"});
  expect_fault(Kind::kIllegalAddress,
               "add.s64 %rd4, %rd1, 256; ld.global.v2.u32 {%r5, %r6}, [%rd4+-8]; ld.global.u8 %r7, [%rd1+255];"
               "ld.global.u8 %r7, [%rd1+256];", {"ld.global.u8 %r7, [%rd1+256]"});
  expect_fault(Kind::kTrap, "setp.eq.u32 %p1, %r1, 5; @%p1 trap;", {"thread (5,0,0)"});
}

void test_barrier_faults() {
  using Kind = KernelFault::Kind;
  expect_fault(Kind::kBarrier, "setp.lt.u32 %p1, %r1, 16; @%p1 bra A; bar.sync 0; A: bar.sync 1;", {"bar.sync"});
  expect_fault(Kind::kBarrier, "setp.lt.u32 %p1, %r1, 32; @%p1 bar.sync 0; bar.sync 1;", {"cannot go on"});
  expect_fault(Kind::kBarrier, "setp.lt.u32 %p1, %r1, 32; @%p1 exit; bar.sync 0, 64;", {"cannot go on"});
  // Threads that have ended are not waited for.
  results("setp.lt.u32 %p1, %r1, 40; @%p1 exit; bar.sync 0;");
}

void test_collective_faults() {
  using Kind = KernelFault::Kind;
  expect_fault(Kind::kUndefinedBehaviour, "shfl.sync.bfly.b32 %r5, %r1, 1, 31, 0xffff;",
               {"not in its own member mask"});
  expect_fault(Kind::kUndefinedBehaviour,
               "setp.lt.u32 %p1, %r1, 16; @%p1 exit; shfl.sync.bfly.b32 %r5, %r1, 1, 31, -1;",
               {"shfl.sync.bfly.b32", "ended"});
  expect_fault(Kind::kUndefinedBehaviour,
               "setp.eq.u32 %p1, %r1, 3; @%p1 bra A; vote.sync.any.pred %p2, %p1, -1; A: bar.sync 0;", {"lane 3"});
  expect_fault(Kind::kUndefinedBehaviour,
               "and.b32 %r5, %r1, 1; setp.eq.u32 %p1, %r5, 0; selp.b32 %r6, -1, 0xfffffffe, %p1;"
               "setp.eq.u32 %p2, %r1, 0; @%p2 mov.u32 %r6, -1; bar.warp.sync %r6;",
               {"bar.warp.sync"});
  const Fault fault = fault_of([] { results("shfl.sync.idx.b32 %r5, %r1, 0, 31, -1;", {}, 40); });
  CHECK_SAYING(fault.happened && fault.what.find("does not exist") != std::string::npos, fault.what);
}

bool all_right(const std::string& body, const std::vector<uint32_t>& expected) {
  for (const Schedule& schedule : all_schedules()) {
    if (results(body, schedule) != expected) return false;
  }
  return true;
}

// Reads what another thread wrote: right with a barrier in between, wrong in some schedule without.
void test_missing_barriers() {
  std::vector<uint32_t> mirrored, neighbours;
  for (uint32_t t = 0; t < 64; t++) {
    mirrored.push_back(63 - t);
    neighbours.push_back(t ^ 1);
  }
  const std::string write = "st.shared.u32 [%r4], %r1;";
  const std::string read_mirrored =
      "sub.s32 %r5, 252, %r3; add.s32 %r5, %r5, %r2; ld.shared.u32 %r6, [%r5]; st.global.u32 [%rd3], %r6;";
  const std::string read_neighbour = "xor.b32 %r5, %r4, 4; ld.shared.u32 %r6, [%r5]; st.global.u32 [%rd3], %r6;";
  CHECK(all_right(write + "bar.sync 0;" + read_mirrored, mirrored));
  CHECK(!all_right(write + read_mirrored, mirrored));
  CHECK(all_right(write + "bar.warp.sync -1;" + read_neighbour, neighbours));
  CHECK(!all_right(write + read_neighbour, neighbours));
  // What nobody wrote is poison.
  CHECK(results("ld.shared.u32 %r6, [%r4]; st.global.u32 [%rd3], %r6;") == std::vector<uint32_t>(64, ~0u));
}

void test_asynchronous_copies() {
  std::vector<uint32_t> numbers;
  for (uint32_t t = 0; t < 64; t++) numbers.push_back(t);
  const std::string start =
      "st.global.u32 [%rd3], %r1; cp.async.ca.shared.global [%r4], [%rd3], 4; cp.async.commit_group;";
  const std::string read = "ld.shared.u32 %r6, [%r4]; st.global.u32 [%rd3], %r6;";
  CHECK(all_right(start + "cp.async.wait_group 0;" + read, numbers));
  CHECK(results(start + read) == std::vector<uint32_t>(64, ~0u));
  CHECK(results(start + "cp.async.wait_group 1;" + read) == std::vector<uint32_t>(64, ~0u));
  CHECK(results("st.global.u32 [%rd3], %r1; cp.async.ca.shared.global [%r4], [%rd3], 4, 0; cp.async.wait_all;" +
                read) ==
        std::vector<uint32_t>(64, 0u));
}

// An address that names no state space reaches global and shared memory, within the same bounds.
void test_generic_addresses() {
  std::vector<uint32_t> numbers;
  for (uint32_t t = 0; t < 64; t++) numbers.push_back(t);
  const std::string shared = "cvt.u64.u32 %rd4, %r4; cvta.shared.u64 %rd4, %rd4;";
  CHECK(all_right(shared + "st.u32 [%rd3], %r1; ld.u32 %r5, [%rd3]; st.u32 [%rd4], %r5; ld.u32 %r6, [%rd4];"
                           "st.u32 [%rd3], %r6;",
                  numbers));
  using Kind = KernelFault::Kind;
  expect_fault(Kind::kIllegalAddress, "st.u32 [%rd3+4], %r1;", {"thread (63,0,0)", "no allocation"});
  expect_fault(Kind::kIllegalAddress, shared + "st.u32 [%rd4+4], %r1;", {"thread (63,0,0)", "shared memory of 256"});
  expect_fault(Kind::kMisalignedAddress, shared + "ld.u32 %r5, [%rd4+2];", {"not aligned"});
}

// Lanes that wait for what others of their warp do must not keep them from doing it.
void test_progress() {
  const std::string spin =
      "setp.ne.u32 %p1, %r1, 0; @%p1 bra SKIP; st.shared.u32 [%r2], 0; SKIP: bar.sync 0; setp.eq.u32 %p2, %r1, 63;"
      "@%p2 bra SET; WAIT: ld.volatile.shared.u32 %r5, [%r2]; setp.ne.u32 %p3, %r5, 7; @%p3 bra WAIT; bra END;"
      "SET: mov.u32 %r6, 7; st.volatile.shared.u32 [%r2], %r6; END: ret;";
  for (const Schedule& schedule : all_schedules()) results(spin, schedule);
}

// A loop that never ends is ended: plain, at a barrier, among lanes that run apart, on several threads. A block that
// ends in time is not, but too many of them are.
void test_endless_loops() {
  constexpr uint64_t kMost = 1 << 18;
  const std::string waiting = "FOREVER: bar.sync 0; bra FOREVER;";
  const std::string apart =
      "setp.lt.u32 %p1, %r1, 7; @%p1 bra FOREVER; bra END; FOREVER: add.u32 %r5, %r5, %r1; bra FOREVER; END: ret;";
  const std::string reason = "the launch does not end within 262144 instructions";
  const auto run = [&](const std::string& body, Dimensions grid, const Schedule& schedule, unsigned host_threads) {
    const auto module = parse(text_of(body));
    TestMemory memory;
    launch(*module->kernel("test"), {grid, {64, 1, 1}}, arguments(memory.allocate(256)), memory, schedule,
           host_threads, kMost);
  };
  for (const Schedule& schedule : all_schedules()) {
    for (const std::string& body : {std::string("FOREVER: bra FOREVER;"), waiting, apart}) {
      for (const unsigned host_threads : {1u, 3u}) {
        const Fault fault = fault_of([&] { run(body, {5, 1, 1}, schedule, host_threads); });
        CHECK_SAYING(fault.happened && fault.kind == KernelFault::Kind::kTimeout, fault.what);
        CHECK_SAYING(fault.what.find(reason) != std::string::npos, fault.what);
      }
    }
  }
  // 2 warps of 25,000 rounds of 3 instructions: 150,000; three times that is too much.
  const std::string rounds =
      "mov.u32 %r5, 25000; AGAIN: sub.u32 %r5, %r5, 1; setp.ne.u32 %p1, %r5, 0; @%p1 bra AGAIN;";
  CHECK(!fault_of([&] { run(rounds, {1, 1, 1}, {}, 1); }).happened);
  CHECK(fault_of([&] { run(rounds, {3, 1, 1}, {}, 1); }).kind == KernelFault::Kind::kTimeout);
}

void test_unknown() {
  expect_parse_error("frobnicate.u32 %r1, %r2;", "frobnicate");
  expect_parse_error("add.rz.u32 %r1, %r2, %r3;", ".rz");
  expect_parse_error("ld.shared::cluster.u32 %r1, [%r2];", "shared::cluster");
  expect_parse_error("add.u32 %r1, %r2, %rd3;", "size");
  expect_parse_error("mov.u32 %r1, nowhere;", "nowhere");
  expect_parse_error("bra nowhere;", "nowhere");
  expect_parse_error("mapa.u32 %r1, %r2, 0;", "mapa");
  expect_parse_error("mov.b32 {}, %r1;", "vectors of this form");
  expect_parse_error(".local .align 0 .b8 own[8];", "power of two");
  expect_parse_error(".local .b8 own[4294967296][4294967296];", "too large");
  expect_parse_error(".local .b8 own[4294967296]; ld.local.u8 %r5, [own];", "no room");
}

}  // namespace

void test_faults() {
  test_memory_faults();
  test_barrier_faults();
  test_collective_faults();
  test_missing_barriers();
  test_asynchronous_copies();
  test_generic_addresses();
  test_progress();
  test_endless_loops();
  test_unknown();
}

}  // namespace software_cuda
