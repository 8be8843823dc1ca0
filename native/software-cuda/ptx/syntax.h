// A PTX module as the parser reads it: names are not yet resolved.
#ifndef DENSENET4J_SOFTWARE_CUDA_SYNTAX_H
#define DENSENET4J_SOFTWARE_CUDA_SYNTAX_H

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "types.h"

namespace software_cuda {

enum class Space : uint8_t { kGeneric, kGlobal, kConst, kShared, kLocal, kParam };

struct Expression {
  enum class Kind {
    kName,      // a register, a variable plus offset, a label or a function
    kInteger,   // bits
    kFloat32,   // bits of a float
    kFloat64,   // bits of a double
    kVector,    // {elements}
    kList,      // (elements)
    kMemory,    // [element plus offset]
    kPair,      // element | element
    kNot        // ! element
  };
  Kind kind = Kind::kName;
  std::string_view name;
  uint64_t bits = 0;
  int64_t offset = 0;
  std::vector<Expression> elements;
};

struct Statement {
  int line = 0;
  std::string_view text;
  size_t scope = 0;
  std::string_view guard;  // a predicate, or empty
  bool guard_negated = false;
  std::vector<std::string_view> opcode;  // its parts between points
  std::vector<Expression> operands;
};

// A variable in any state space but that of registers.
struct Declaration {
  std::string_view name;
  Space space = Space::kGlobal;
  uint64_t bytes = 0;
  uint64_t alignment = 1;
  bool external = false;
  std::vector<std::byte> initial;  // empty: zeros
  int line = 0;
};

// Such as %r<10>.
struct RegisterRange {
  std::string_view prefix;
  uint32_t count;
  Type type;
};

// A pair of braces. Names of an inner scope hide those of outer ones.
struct Scope {
  size_t parent;
  std::map<std::string_view, Type> registers;
  std::vector<RegisterRange> ranges;
  std::map<std::string_view, Declaration> variables;
  std::map<std::string_view, size_t> labels;  // index of the statement that follows
  std::map<std::string_view, std::vector<std::string_view>> branch_targets;
};

struct FunctionSyntax {
  std::string_view name;
  bool entry = false;
  bool defined = false;
  int line = 0;
  std::vector<Declaration> results, parameters;
  uint32_t max_threads = 1024;
  std::vector<Scope> scopes;  // the first is the body
  std::vector<Statement> statements;
};

struct Syntax {
  std::vector<Declaration> variables;
  std::vector<FunctionSyntax> functions;
};

constexpr size_t kNoScope = ~size_t{0};

}  // namespace software_cuda
#endif
