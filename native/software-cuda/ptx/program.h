// A kernel decoded: what the interpreter runs. Registers are arrays of 32 lanes in one file of bytes per warp; operands
// that do not change (immediates, addresses of variables) are such arrays too, in a file that all warps share.
#ifndef DENSENET4J_SOFTWARE_CUDA_PROGRAM_H
#define DENSENET4J_SOFTWARE_CUDA_PROGRAM_H

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "syntax.h"

namespace software_cuda {

constexpr int kWarpLanes = 32;
constexpr size_t kBarriers = 16;  // of a block

// Bit l stands for lane l.
using Mask = uint32_t;
constexpr Mask kAllLanes = ~Mask{0};

// An operand: its byte offset in the file of registers, or of constants. A predicate is one Mask.
using Slot = uint32_t;
constexpr Slot kConstant = 1u << 31;
constexpr Slot kNegated = 1u << 30;  // predicates only
constexpr Slot kOffsetOfSlot = kNegated - 1;
constexpr Slot kNoSlot = ~Slot{0};

class Warp;
struct Instruction;
// Runs an instruction for the active lanes, at least one.
using Run = void (*)(Warp&, const Instruction&, Mask active);

enum class Flow : uint8_t {
  kPlain,
  kBranch,
  kIndexedBranch,
  kCall,
  kReturn,
  kExit,
  kCollective,   // waits for all lanes that `members` names, then runs for them at once
  kWarpBarrier,  // a collective whose lanes may wait at different instructions
  kBarrier       // of the block
};

enum class Rounding : uint8_t { kNearest, kZero, kDown, kUp, kNearestAway };

enum class BarrierKind : uint8_t { kSync, kArrive, kAnd, kOr, kPopc };

struct Instruction {
  Run run = nullptr;
  Slot guard = kNoSlot;
  Flow flow = Flow::kPlain;
  Rounding rounding = Rounding::kNearest;
  Space space = Space::kGeneric;
  BarrierKind barrier = BarrierKind::kSync;
  bool wide_address = false;
  bool flush = false;     // .ftz
  bool saturate = false;  // .sat
  bool aligned = true;    // all lanes of the warp arrive together
  uint8_t count = 1;      // of elements
  uint8_t mode = 0;       // of the opcode's own
  Slot d = kNoSlot, a = kNoSlot, b = kNoSlot, c = kNoSlot;
  Slot p = kNoSlot;        // a second result, a predicate
  Slot members = kNoSlot;  // of a collective
  uint32_t extra = 0;      // index of further operands in Program::extra
  uint32_t target = 0;     // of a branch, or index of the call
  int64_t offset = 0;      // of an address
  uint64_t value = 0;      // of the opcode's own
  uint32_t source = 0;     // index in Program::sources
};

struct ParameterCopy {
  uint32_t from, to, bytes;  // in local memory
};

struct Call {
  uint32_t target;
  std::vector<ParameterCopy> arguments, results;
};

enum class Special : uint8_t {
  kTidX, kTidY, kTidZ, kNtidX, kNtidY, kNtidZ, kCtaidX, kCtaidY, kCtaidZ, kNctaidX, kNctaidY, kNctaidZ, kZero,
  kLane, kWarp, kWarps, kLaneMaskEq, kLaneMaskLe, kLaneMaskLt, kLaneMaskGe, kLaneMaskGt, kDynamicShared, kTotalShared,
  kOne, kThirtyTwo
};

struct Program {
  struct Source {
    int line;
    std::string text;
  };
  struct SpecialRegister {
    Special special;
    Slot slot;
    uint32_t bytes;
  };
  // A constant that holds the address of a variable.
  struct Relocation {
    size_t variable;
    int64_t offset;
    Slot slot;
    uint32_t bytes;
  };

  std::vector<Instruction> code;
  std::vector<Slot> extra;
  std::vector<uint64_t> constants;
  std::vector<Call> calls;
  std::vector<std::vector<uint32_t>> branch_tables;
  std::vector<Source> sources;  // of instructions
  std::vector<SpecialRegister> specials;
  std::vector<Relocation> relocations;
  uint32_t register_bytes = 0;
  uint32_t local_bytes = 0;
  uint32_t shared_bytes = 0;
};

// Where shared, local and parameter memory lie among generic addresses.
constexpr uint64_t kSharedWindow = 0x0000'0100'0000'0000;
constexpr uint64_t kLocalWindow = 0x0000'0200'0000'0000;
constexpr uint64_t kParamWindow = 0x0000'0300'0000'0000;
constexpr uint64_t kWindowBytes = uint64_t{1} << 32;

}  // namespace software_cuda
#endif
