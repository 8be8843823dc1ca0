// Runs one instruction on many values and compares with plain C++.
#ifndef DENSENET4J_SOFTWARE_CUDA_PTX_TEST_LANES_H
#define DENSENET4J_SOFTWARE_CUDA_PTX_TEST_LANES_H

#include <limits>
#include <random>
#include <type_traits>

#include "ptx_test.h"

namespace software_cuda {

template <class T>
std::string bits_type() {
  return sizeof(T) == 2 ? ".b16" : sizeof(T) == 4 ? ".b32" : ".b64";
}

// Bits of a value in hexadecimal-free form, for messages.
template <class T>
std::string shown(T value) {
  uint64_t bits = 0;
  std::memcpy(&bits, &value, sizeof value);
  return std::to_string(bits);
}

template <class T>
bool same(T a, T b) {
  if (a != a && b != b) return true;
  return std::memcmp(&a, &b, sizeof a) == 0;
}

// The edges of a type's range, and random bits.
template <class T>
std::vector<T> interesting(size_t count, unsigned seed) {
  std::vector<T> values;
  using Limits = std::numeric_limits<T>;
  if constexpr (std::is_floating_point_v<T>) {
    values = {T{0}, -T{0}, T{1}, T{-1}, T{0.5}, T{1.5}, T{2.5}, T{-2.5}, T{255.5}, T{65504}, T{1e9}, T{-3e10},
        Limits::max(),
              Limits::min(), Limits::denorm_min(), -Limits::min() / 4, Limits::infinity(), -Limits::infinity(),
                  Limits::quiet_NaN()};
  } else {
    values = {T{0}, T{1}, static_cast<T>(~T{0}), Limits::min(), Limits::max(), static_cast<T>(Limits::max() - 1),
        T{2}, T{31}, T{32}, T{33}};
  }
  std::mt19937_64 generator(seed);
  while (values.size() < count) {
    uint64_t bits = generator();
    if (std::is_integral_v<T>) bits >>= generator() % (8 * sizeof(T));
    T value;
    std::memcpy(&value, &bits, sizeof value);
    if constexpr (std::is_floating_point_v<T>) {
      const auto number = static_cast<double>(static_cast<int64_t>(generator()) >> 20);
      if (generator() % 2) value = static_cast<T>(number / 0x1p22);
    }
    values.push_back(value);
  }
  return values;
}

// `instruction` makes %d of %a, %b and %c; %p and %q are predicates, %t and %u further words, %w and %v of 64 bits.
template <class D, class A, class B, class C>
std::vector<D> run_instruction(const std::string& instruction, const std::vector<A>& a, const std::vector<B>& b,
                               const std::vector<C>& c) {
  const auto load = [](const std::string& name, const std::string& type, size_t bytes) {
    return "ld.param.u64 %y, [" + name + "];\nmad.wide.u32 %y, %x, " + std::to_string(bytes) + ", %y;\nld.global" +
        type + " %" +
           name + ", [%y];\n";
  };
  const std::string body =
      ".reg .pred %p, %q;\n.reg .b32 %x, %n, %t, %u;\n.reg .b64 %y, %w, %v;\n.reg " + bits_type<D>() + " %d;\n.reg " +
          bits_type<A>() +
      " %a;\n.reg " + bits_type<B>() + " %b;\n.reg " + bits_type<C>() +
      " %c;\nmov.u32 %x, %tid.x;\nmov.u32 %n, %ctaid.x;\nmad.lo.u32 %x, %n, 256, %x;\nld.param.u32 %n, [count];\n"
      "setp.ge.u32 %p, %x, %n;\n@%p exit;\n" +
      load("a", bits_type<A>(), sizeof(A)) + load("b", bits_type<B>(), sizeof(B)) +
          load("c", bits_type<C>(), sizeof(C)) + instruction +
      "\nld.param.u64 %y, [d];\nmad.wide.u32 %y, %x, " + std::to_string(sizeof(D)) + ", %y;\nst.global" +
          bits_type<D>() + " [%y], %d;";
  const auto module =
      parse(kernel_text(".param .u64 d, .param .u64 a, .param .u64 b, .param .u64 c, .param .u32 count", body));
  TestMemory memory;
  const auto count = static_cast<uint32_t>(a.size());
  const uint64_t d = memory.allocate(count * sizeof(D));
  launch(*module->kernel("test"), {{(count + 255) / 256, 1, 1}, {256, 1, 1}},
         arguments(d, memory.upload(a), memory.upload(b), memory.upload(c), count), memory);
  return memory.download<D>(d, count);
}

// Every value of a with some of b and c.
template <class D, class A, class B = A, class C = A, class Oracle>
void check_instruction(const std::string& instruction, const Oracle& oracle) {
  const auto few_a = interesting<A>(40, 1);
  const auto few_b = interesting<B>(37, 2);
  const auto few_c = interesting<C>(31, 3);
  std::vector<A> a;
  std::vector<B> b;
  std::vector<C> c;
  for (size_t i = 0; i < few_a.size() * few_b.size(); i++) {
    a.push_back(few_a[i % few_a.size()]);
    b.push_back(few_b[i / few_a.size()]);
    c.push_back(few_c[i * 7 % few_c.size()]);
  }
  const auto d = run_instruction<D>(instruction, a, b, c);
  for (size_t i = 0; i < a.size(); i++) {
    const D expected = oracle(a[i], b[i], c[i]);
    if (same(d[i], expected)) continue;
    CHECK_SAYING(false, instruction + " of " + shown(a[i]) + ", " + shown(b[i]) + ", " + shown(c[i]) + " is " +
                 shown(d[i]) +
                            ", not " + shown(expected));
    return;
  }
}

}  // namespace software_cuda
#endif
