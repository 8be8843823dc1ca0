// Damaged PTX is refused with an error, or loaded: nothing else may come of it.
#include "lexer.h"
#include "mutations.h"
#include "ptx_test.h"

namespace software_cuda {

namespace {

constexpr int kRoundsOfEach = 400;

const std::vector<std::string>& hostile() {
  static const std::vector<std::string> kHostile = {
      "{", "}", "(", ")", "[", "]", "<", ">", ",", ";", ":", "::", "|", "!", "@", "=", "+", "-", "\"", "/*", "//", "_",
      ".", "..", "%", "$", "%r", "%p1", "%rd1", "%tid.x", "%clock64", "0", "-1", "1", "3", "255", "65536", "4294967295",
      "4294967296", "18446744073709551615", "99999999999999999999999", "0x", "0xffffffffffffffff", "0f", "0f7fc00000",
      "0d0", "0b", "1e999", "1.5", ".align 0", ".align 3", ".align 18446744073709551615", ".pred", ".v2", ".v4",
      ".v8", ".b8", ".u16", ".u64", ".f64", ".bf16x2", ".extern", ".shared .b8 s[4294967296];",
      ".local .b64 l[2305843009213693952];", ".global .u32 g[4][4611686018427387904];", ".param .b8 q[0];",
      ".reg .b32 %r<4294967295>;", "{}", "[]", "()", "{_}", "{%r1, %r1}", "{%r1, %r1, %r1, %r1}", "ret;", "exit;",
      std::string(1, '\0'), "\xff", "\n", std::string(5000, '{'), std::string(5000, '!'), std::string(5000, '('),
      std::string(5000, '['), std::string(5000, '-'), std::string(5000, 'a')};
  return kHostile;
}

// The tokens of a text, each with the blanks before it.
std::vector<std::string> parts_of(const std::string& text) {
  std::vector<std::string> parts;
  const char* end = text.data();
  for (const Token& token : tokens_of(text)) {
    const char* next = token.text.data() + token.text.size();
    parts.emplace_back(end, next);
    end = next;
  }
  return parts;
}

// What is read of a module that loads is read without fault too.
void load(const std::string& text) {
  try {
    const auto module = parse(text);
    for (size_t v = 0; v < module->variables().size(); v++) module->place(v, 0x7d00'0000'0000);
  } catch (const PtxError& error) {
    CHECK(*error.what() != '\0');
  }
}

// A kernel with instructions of every family.
const char kInstructions[] = R"(
.reg .pred %p<4>; .reg .b16 %h<4>; .reg .b32 %r<9>; .reg .b64 %rd<9>; .reg .f32 %f<9>; .reg .f64 %d<3>;
.shared .align 16 .b8 tile[256]; .local .align 8 .b8 own[16];
{ .param .b32 inner; st.param.b32 [inner], %r1; call.uni (inner), twice, (inner); ld.param.b32 %r1, [inner]; }
ld.param.u64 %rd1, [to]; mov.b32 %r1, {%h1, %h2}; mov.b64 {%r1, %r2}, %rd1; mov.u32 %r2, tile; mov.pred %p1, !%p2;
cp.async.ca.shared.global [%r2], [%rd1], 16; cp.async.cg.shared.global [%r2], [%rd1], 16, 8; cp.async.wait_group 1;
ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%r1, %r2, %r3, %r4}, [%r2];
mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%f1, %f2, %f3, %f4}, {%r1, %r2, %r3, %r4}, {%r5, %r6},
{%f1, %f2, %f3, %f4};
shfl.sync.bfly.b32 %r5|%p1, %r1, 1, 31, -1; vote.sync.ballot.b32 %r1, %p1, -1; redux.sync.add.s32 %r1, %r2, -1;
match.any.sync.b32 %r1, %r2, -1; activemask.b32 %r1; bar.red.popc.u32 %r1, 0, %p1; barrier.sync 1, 64;
atom.global.add.f32 %f1, [%rd1+4], %f2; atom.shared.cas.b32 %r1, [%r2], %r3, %r4; red.global.add.u64 [%rd1], 1;
lop3.b32 %r1, %r2, %r3, %r4, 0x96; bfe.u32 %r1, %r2, 3, 5; bfi.b32 %r1, %r2, %r3, 3, 5; prmt.b32 %r1, %r2, %r3, 0x5410;
shf.l.wrap.b32 %r1, %r2, %r3, 7; mad.wide.s32 %rd2, %r1, -4, %rd1; add.cc.u32 %r1, %r2, 1; addc.u32 %r1, %r2, 1;
cvt.rn.bf16x2.f32 %r1, %f1, %f2; cvt.rzi.s64.f64 %rd1, %d1; setp.lt.and.f32 %p1|%p2, %f1, 0f3f800000, !%p3;
ex2.approx.ftz.f32 %f1, %f2; div.rn.f64 %d1, %d2, 1.5; fma.rn.f32 %f1, %f2, -1.0, %f3; ld.global.v4.u32
{%r1, %r2, %r3, %r4}, [%rd1+16]; st.local.u64 [own+8], %rd1; slct.b32.s32 %r1, %r2, %r3, %r4; cvta.to.global.u64 %rd2, %rd1;
table: .branchtargets A, B; brx.idx %r1, table; A: @%p1 bra B; @!%p2 trap; B: nanosleep.u32 20;)";

std::string instructions() {
  const std::string kernel = kernel_text(".param .u64 to, .param .align 8 .b8 more[24]", kInstructions);
  const std::string rest =
      ".const .align 4 .f32 weights[2][2] = {{1.5, 0f3f800000}, {-1, 2}};\n.extern .shared .align 16 .b8 dynamic[];\n"
      ".func (.param .b32 doubled) twice(.param .b32 single) {\n.reg .b32 %r<3>;\nld.param.b32 %r1, [single];\n"
      "shl.b32 %r2, %r1, 1;\nst.param.b32 [doubled], %r2;\nret;\n}\n.visible .entry";
  const std::string mark = ".visible .entry";
  return std::string(kernel).replace(kernel.find(mark), mark.size(), rest);
}

void test_deep_nesting() {
  for (const char* each : {"{", "!", "(", "["}) {
    std::string deep;
    for (int i = 0; i < 1000000; i++) deep += each;
    load(kernel_text("", ".reg .b32 %r<2>;\nmov.b32 %r1, " + deep + ";"));
    load(kernel_text("", deep));
    load(".global .b32 x[2] = " + deep + ";\n");
  }
}

}  // namespace

void test_damaged_texts() {
  Mutations mutations(23);
  for (const std::string& text : {instructions(), read_ptx("elementwise"), read_ptx("reductions"), read_ptx("gemm")}) {
    parse(text);
    const std::vector<std::string> parts = parts_of(text);
    for (int round = 0; round < kRoundsOfEach; round++) {
      load(mutations.damaged_text(parts, hostile()));
      load(mutations.damaged_bytes(text));
    }
  }
  test_deep_nesting();
}

}  // namespace software_cuda
