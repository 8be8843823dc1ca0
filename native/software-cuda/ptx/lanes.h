// Runs an operation of one value per lane for the active lanes of a warp.
#ifndef DENSENET4J_SOFTWARE_CUDA_LANES_H
#define DENSENET4J_SOFTWARE_CUDA_LANES_H

#include <tuple>
#include <type_traits>
#include <utility>

#include "decoding.h"
#include "warp.h"

namespace software_cuda {

// An operation is an object with an operator() that takes the sources and returns the result. What varies between
// instructions it reads from the one it is made of, if it has such a constructor.
template <class Op>
inline Op make_operation(const Instruction& i) {
  if constexpr (std::is_constructible_v<Op, const Instruction&>) {
    return Op(i);
  } else {
    return Op();
  }
}

template <class Op, class D, class... S, size_t... index>
inline void run_lanes(Warp& warp, const Instruction& i, Mask active, std::index_sequence<index...>) {
  const Op op = make_operation<Op>(i);
  const Slot slots[] = {i.a, i.b, i.c};
  const std::tuple<const S*...> sources{warp.registers.from<S>(slots[index])...};
  D* d = warp.registers.to<D>(i.d);
  if (active == kAllLanes) {
#pragma GCC ivdep
    for (int lane = 0; lane < kWarpLanes; lane++) d[lane] = op(std::get<index>(sources)[lane]...);
  } else {
    for_each_lane(active, [&](int lane) { d[lane] = op(std::get<index>(sources)[lane]...); });
  }
}

// d = op(a, b, c), as many sources as S.
template <class Op, class D, class... S>
void lanewise(Warp& warp, const Instruction& i, Mask active) {
  run_lanes<Op, D, S...>(warp, i, active, std::index_sequence_for<S...>());
}

// The predicate d = op(a, b), or its bits combined further.
template <class Op, class... S, size_t... index>
inline Mask test_lanes(Warp& warp, const Instruction& i, Mask active, std::index_sequence<index...>) {
  const Op op = make_operation<Op>(i);
  const Slot slots[] = {i.a, i.b};
  const std::tuple<const S*...> sources{warp.registers.from<S>(slots[index])...};
  Mask result = 0;
  if (active == kAllLanes) {
    for (int lane = 0; lane < kWarpLanes; lane++) {
      result |= static_cast<Mask>(op(std::get<index>(sources)[lane]...)) << lane;
    }
  } else {
    for_each_lane(active, [&](int lane) {
      result |= static_cast<Mask>(op(std::get<index>(sources)[lane]...)) << lane;
    });
  }
  return result;
}

// Calls f with a value of the C++ type that holds an integer type; bits count as unsigned.
template <class F>
bool with_integer(Type type, const F& f) {
  switch (type) {
    case Type::kB16:
    case Type::kU16:
      f(uint16_t{});
      return true;
    case Type::kS16:
      f(int16_t{});
      return true;
    case Type::kB32:
    case Type::kU32:
      f(uint32_t{});
      return true;
    case Type::kS32:
      f(int32_t{});
      return true;
    case Type::kB64:
    case Type::kU64:
      f(uint64_t{});
      return true;
    case Type::kS64:
      f(int64_t{});
      return true;
    default:
      return false;
  }
}

// The same for operations that do not care for signs.
template <class F>
bool with_bits(Type type, const F& f) {
  switch (bytes_of(type)) {
    case 2:
      f(uint16_t{});
      return true;
    case 4:
      f(uint32_t{});
      return true;
    case 8:
      f(uint64_t{});
      return true;
    default:
      return false;
  }
}

// Takes the operands d, a, b, c (as many as there are) of one type.
inline void take_operands(Decoding& at, Type type, size_t count) {
  at.expect_operands(count);
  at.i.d = at.out(0, type);
  at.i.a = at.in(1, type);
  if (count > 2) at.i.b = at.in(2, type);
  if (count > 3) at.i.c = at.in(3, type);
}

// Of what all lanes of a warp must do together.
inline void take_all_lanes(Decoding& at) {
  if (!at.take("sync") || !at.take("aligned")) at.fail(".sync.aligned is missing");
  at.i.flow = Flow::kCollective;
  at.i.members = at.names.mask_constant(true);
}

// Runs what has no effect here.
inline void do_nothing(Warp&, const Instruction&, Mask) {}

}  // namespace software_cuda
#endif
