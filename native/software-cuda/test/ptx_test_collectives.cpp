// What lanes and blocks do together: shuffles, votes, reductions, barriers, atomics, matrices; calls and branches.
#include <algorithm>
#include <cmath>
#include <functional>

#include "ptx_test_lanes.h"

namespace software_cuda {

namespace {

using u32 = uint32_t;

// `body` makes %r9 of the thread's index %r1; runs on two warps, which see shared memory `tile`.
std::vector<u32> run_warps(const std::string& body, const Schedule& schedule) {
  const std::string begin =
      ".reg .pred %p<9>;\n.reg .b32 %r<40>;\n.reg .b64 %rd<10>;\n.reg .f32 %f<20>;\n.shared .align 16 .b8 tile[1024];\n"
      "ld.param.u64 %rd1, [to];\nmov.u32 %r1, %tid.x;\nmov.u32 %r2, %laneid;\nmul.wide.u32 %rd2, %r1, 4;"
      "\nadd.s64 %rd3, %rd1, %rd2;\n";
  const auto module = parse(kernel_text(".param .u64 to", begin + body + "\nst.global.u32 [%rd3], %r9;"));
  TestMemory memory;
  const uint64_t to = memory.allocate(256);
  launch(*module->kernel("test"), {{1, 1, 1}, {64, 1, 1}}, arguments(to), memory, schedule);
  return memory.download<u32>(to, 64);
}

void check_warps(const std::string& body, const std::function<u32(u32)>& expected) {
  for (const Schedule& schedule : all_schedules()) {
    const auto results = run_warps(body, schedule);
    for (u32 t = 0; t < 64; t++) {
      if (results[t] == expected(t)) continue;
      CHECK_SAYING(false, body + " in thread " + std::to_string(t) + ": " + std::to_string(results[t]));
      return;
    }
  }
}

void test_shuffles() {
  check_warps("shfl.sync.up.b32 %r9|%p1, %r1, 3, 0, -1; @!%p1 mov.u32 %r9, 99;", [](u32 t) {
    return t % 32 < 3 ? 99 : t - 3;
  });
  check_warps("shfl.sync.down.b32 %r9|%p1, %r1, 3, 31, -1; @!%p1 mov.u32 %r9, 99;", [](u32 t) {
    return t % 32 > 28 ? 99 : t + 3;
  });
  check_warps("shfl.sync.bfly.b32 %r9, %r1, 5, 31, -1;", [](u32 t) { return t ^ 5; });
  check_warps("shfl.sync.idx.b32 %r9, %r1, 35, 31, -1;", [](u32 t) { return t / 32 * 32 + 3; });
  // Segments of eight lanes.
  check_warps("shfl.sync.down.b32 %r9, %r1, 2, 0x1807, -1;", [](u32 t) { return t % 8 > 5 ? t : t + 2; });
  check_warps("shfl.sync.idx.b32 %r9, %r1, 1, 0x181f, -1;", [](u32 t) { return t / 8 * 8 + 1; });
  // Both sides of a branch, each with its own lanes.
  check_warps("setp.lt.u32 %p1, %r2, 12; @%p1 bra A; shfl.sync.bfly.b32 %r9, %r1, 1, 31, 0xfffff000; bra END;"
              "A: shfl.sync.bfly.b32 %r9, %r1, 2, 31, 0xfff; END:",
              [](u32 t) { return t % 32 < 12 ? t ^ 2 : t ^ 1; });
}

void test_votes() {
  check_warps("and.b32 %r3, %r2, 1; setp.eq.u32 %p1, %r3, 1; vote.sync.ballot.b32 %r9, %p1, -1;", [](u32) {
    return 0xaaaaaaaau;
  });
  check_warps("setp.eq.u32 %p1, %r1, 40; vote.sync.any.pred %p2, %p1, -1; selp.b32 %r9, 1, 0, %p2;", [](u32 t) {
    return u32{t >= 32};
  });
  check_warps("setp.lt.u32 %p1, %r1, 40; vote.sync.all.pred %p2, %p1, -1; selp.b32 %r9, 1, 0, %p2;", [](u32 t) {
    return u32{t < 32};
  });
  check_warps("setp.lt.u32 %p1, %r1, 32; vote.sync.uni.pred %p2, !%p1, -1; selp.b32 %r9, 1, 0, %p2;", [](u32) {
    return 1u;
  });
  check_warps("and.b32 %r3, %r2, 3; match.any.sync.b32 %r9, %r3, -1;", [](u32 t) { return 0x11111111u << t % 4; });
  check_warps("shr.u32 %r3, %r1, 5; match.all.sync.b32 %r9|%p1, %r3, -1; @!%p1 mov.u32 %r9, 1;", [](u32) {
    return ~0u;
  });
  check_warps("redux.sync.add.s32 %r9, %r1, -1;", [](u32 t) { return 31 * 16 + t / 32 * 32 * 32; });
  check_warps("sub.s32 %r3, 5, %r2; redux.sync.min.s32 %r9, %r3, -1;", [](u32) { return static_cast<u32>(5 - 31); });
  check_warps("elect.sync %r3|%p1, -1; selp.b32 %r9, 7, %r3, %p1;", [](u32 t) { return t % 32 ? 0u : 7u; });
  check_warps("mov.u32 %r9, %lanemask_lt;", [](u32 t) { return (1u << t % 32) - 1; });
}

void test_block_barriers() {
  check_warps("setp.lt.u32 %p1, %r1, 40; bar.red.popc.u32 %r9, 0, %p1;", [](u32) { return 40u; });
  check_warps("setp.eq.u32 %p1, %r1, 40; bar.red.or.pred %p2, 0, %p1; selp.b32 %r9, 1, 0, %p2;", [](u32) {
    return 1u;
  });
  check_warps("setp.lt.u32 %p1, %r1, 40; barrier.red.and.pred %p2, 1, 64, %p1; selp.b32 %r9, 1, 0, %p2;", [](u32) {
    return 0u;
  });
  // The first warp produces, the second one waits for it.
  check_warps("setp.ge.u32 %p1, %r1, 32; @%p1 bra WAIT; shl.b32 %r3, %r1, 2; mov.u32 %r4, tile; add.u32 %r4, %r4, %r3;"
              "st.shared.u32 [%r4], %r1; bar.arrive 3, 64; mov.u32 %r9, 5; bra END;"
              "WAIT: bar.sync 3, 64; shl.b32 %r3, %r2, 2; mov.u32 %r4, tile; add.u32 %r4, %r4, %r3;"
              " ld.shared.u32 %r9, [%r4]; END:",
              [](u32 t) { return t < 32 ? 5 : t - 32; });
}

void test_atomics() {
  const std::string zero = "st.shared.u32 [tile], 0; bar.sync 0;";
  const std::string read = "bar.sync 0; ld.shared.u32 %r9, [tile];";
  check_warps(zero + "red.shared.add.u32 [tile], %r1;" + read, [](u32) { return 63 * 32u; });
  check_warps(zero + "atom.shared.max.u32 %r3, [tile], %r1;" + read, [](u32) { return 63u; });
  check_warps(zero + "atom.shared.inc.u32 %r3, [tile], 9;" + read, [](u32) { return 64 % 10u; });
  check_warps(zero + "cvt.rn.f32.u32 %f1, %r1; red.shared.add.f32 [tile], %f1; bar.sync 0; ld.shared.f32 %f2, [tile];"
                     "cvt.rzi.u32.f32 %r9, %f2;",
              [](u32) { return 63 * 32u; });
  check_warps(zero + "mov.b32 %r3, 0x3f803f80; red.shared.add.noftz.bf16x2 [tile], %r3;" + read, [](u32) {
    return 0x42804280u;
  });
  // A lock that one lane of all takes.
  check_warps(zero + "atom.shared.cas.b32 %r3, [tile], 0, 1; setp.eq.u32 %p1, %r3, 0; bar.red.popc.u32 %r9, 0, %p1;",
              [](u32) {
    return 1u;
  });

  // Four floats at once, by blocks that run at the same time.
  const auto module =
      parse(kernel_text(".param .u64 to", ".reg .b64 %rd<3>;\n.reg .f32 %f<3>;\nld.param.u64 %rd1, [to];\n"
                                        "mov.f32 %f1, 0f3F800000;"
                                        "\nred.global.add.v4.f32 [%rd1], {%f1, %f1, %f1, %f1};"));
  TestMemory memory;
  const uint64_t to = memory.upload(std::vector<float>(4, 0.0f));
  launch(*module->kernel("test"), {{50, 2, 2}, {8, 4, 2}}, arguments(to), memory, {Order::kRandom, 3, false}, 3);
  CHECK(memory.download<float>(to, 4) == std::vector<float>(4, 12800.0f));
}

// Row r of matrix m in shared memory holds 64 m + 8 r and the numbers that follow.
const char kMatrices[] =
    "mov.u32 %r3, tile; shl.b32 %r4, %r2, 4; add.u32 %r3, %r3, %r4; shl.b32 %r4, %r2, 3; mov.u32 %r5, 0;"
    "FILL: cvt.u16.u32 %h, %r4; shl.b32 %r6, %r5, 1; add.u32 %r6, %r6, %r3; st.shared.u16 [%r6], %h;"
    " add.u32 %r4, %r4, 1;"
    "add.u32 %r5, %r5, 1; setp.lt.u32 %p1, %r5, 8; @%p1 bra FILL; bar.sync 0;";

void test_matrices() {
  const std::string begin = std::string(".reg .b16 %h;") + kMatrices;
  check_warps(begin + "ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%r10, %r11, %r12, %r9}, [%r3];", [](u32 t) {
    const u32 first = 192 + t % 32 / 4 * 8 + t % 4 * 2;
    return first | (first + 1) << 16;
  });
  check_warps(begin + "ldmatrix.sync.aligned.m8n8.x2.trans.shared.b16 {%r10, %r9}, [%r3];", [](u32 t) {
    const u32 first = 64 + t % 4 * 16 + t % 32 / 4;
    return first | (first + 8) << 16;
  });
  check_warps(begin +
              "ldmatrix.sync.aligned.m8n8.x1.shared.b16 {%r10}, [%r3];"
              " movmatrix.sync.aligned.m8n8.trans.b16 %r9, %r10;", [](u32 t) {
    const u32 first = t % 4 * 16 + t % 32 / 4;
    return first | (first + 8) << 16;
  });
  check_warps(begin + "ldmatrix.sync.aligned.m8n8.x1.shared.b16 {%r10}, [%r3]; bar.sync 0;"
                      "stmatrix.sync.aligned.m8n8.x1.trans.shared.b16 [%r3], {%r10}; bar.sync 0;"
                      " ld.shared.u32 %r9, [%r3];",
              [](u32 t) {
                const u32 lane = t % 32, first = lane < 8 ? lane : lane * 8;
                return first | (first + (lane < 8 ? 8 : 1)) << 16;
              });
}

// a[r][k] = r + k, b[k][c] = 1 for k = c: d is the first columns of a.
void test_mma() {
  const std::string sum_first =
      "mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {%f1, %f2, %f3, %f4}, {%r10, %r11, %r12, %r13},"
      " {%r14, %r15}, {%f5, %f5, %f5, %f5};"
      "cvt.rzi.u32.f32 %r9, %f4;";
  const std::string numbers =
      "shr.u32 %r3, %r2, 2; and.b32 %r4, %r2, 3; add.u32 %r5, %r3, %r4; mov.f32 %f5, 0f40A00000;"
      "cvt.rn.f32.u32 %f6, %r5; mov.b32 %r10, %f6; add.u32 %r6, %r5, 8; cvt.rn.f32.u32 %f6, %r6; mov.b32 %r11, %f6;"
      "add.u32 %r6, %r5, 4; cvt.rn.f32.u32 %f6, %r6; mov.b32 %r12, %f6; add.u32 %r6, %r5, 12;"
      " cvt.rn.f32.u32 %f6, %r6; mov.b32 %r13, %f6;"
      "setp.eq.u32 %p1, %r3, %r4; selp.b32 %r14, 0x3f800000, 0, %p1; add.u32 %r6, %r4, 4; setp.eq.u32 %p1, %r3, %r6;"
      "selp.b32 %r15, 0x3f800000, 0, %p1;";
  check_warps(numbers + sum_first, [](u32 t) { return (t % 32 / 4 + 8) + (t % 4 * 2 + 1) + 5; });
}

void test_branches() {
  check_warps("and.b32 %r3, %r1, 3; mov.u32 %r9, 1; TABLE: .branchtargets A, B, C, D;\nbrx.idx %r3, TABLE;"
              " A: add.u32 %r9, %r9, 1;"
              "B: add.u32 %r9, %r9, 10; C: add.u32 %r9, %r9, 100; D:",
              [](u32 t) { return (t % 4 < 1) + (t % 4 < 2) * 10 + (t % 4 < 3) * 100 + 1u; });
  // A loop that lanes leave at different times, and meet after.
  check_warps("mov.u32 %r9, 0; LOOP: setp.ge.u32 %p1, %r9, %r2; @%p1 bra DONE; add.u32 %r9, %r9, 1; bra LOOP;"
              "DONE: shfl.sync.bfly.b32 %r9, %r9, 1, 31, -1;",
              [](u32 t) { return t % 32 ^ 1; });
  // Braces hide names.
  check_warps("mov.u32 %r9, %r1; { .reg .b32 %r9; mov.u32 %r9, 5; bra INNER; INNER: } add.u32 %r9, %r9, 1;", [](u32 t) {
    return t + 1;
  });
}

void test_calls() {
  const std::string text =
      ".version 9.0\n.target sm_80\n.address_size 64\n"
      ".func (.param .b32 result) add_one(.param .b32 x) {\n.reg .b32 %r<3>;\nld.param.u32 %r1, [x];"
      "\nadd.u32 %r2, %r1, 1;\n"
      "st.param.b32 [result], %r2;\nret;\n}\n"
      ".func (.param .b32 result) add_two(.param .b32 x) {\n.reg .b32 %r<3>;\nld.param.u32 %r1, [x];\n"
      "{ .param .b32 in; .param .b32 out; st.param.b32 [in], %r1; call.uni (out), add_one, (in);"
      " ld.param.b32 %r1, [out]; }\n"
      "add.u32 %r2, %r1, 1;\nst.param.b32 [result], %r2;\nret;\n}\n"
      ".visible .entry test(.param .u64 to) {\n.reg .pred %p;\n.reg .b32 %r<5>;\n.reg .b64 %rd<4>;"
      "\nld.param.u64 %rd1, [to];\n"
      "mov.u32 %r1, %tid.x;\nmul.wide.u32 %rd2, %r1, 4;\nadd.s64 %rd3, %rd1, %rd2;\nsetp.lt.u32 %p, %r1, 20;\n"
      "{ .param .b32 in; .param .b32 out; st.param.b32 [in], %r1;\n@%p bra ONE;\ncall (out), add_two, (in);\nbra END;\n"
      "ONE: call (out), add_one, (in);\nEND: ld.param.b32 %r2, [out]; }\nst.global.u32 [%rd3], %r2;\nret;\n}\n";
  const auto module = parse(text);
  for (const Schedule& schedule : all_schedules()) {
    TestMemory memory;
    const uint64_t to = memory.allocate(256);
    launch(*module->kernel("test"), {{1, 1, 1}, {64, 1, 1}}, arguments(to), memory, schedule);
    const auto results = memory.download<u32>(to, 64);
    for (u32 t = 0; t < 64; t++) CHECK(results[t] == (t < 20 ? t + 1 : t + 2));
  }
}

}  // namespace

void test_collectives() {
  test_shuffles();
  test_votes();
  test_block_barriers();
  test_atomics();
  test_matrices();
  test_mma();
  test_branches();
  test_calls();
}

}  // namespace software_cuda
