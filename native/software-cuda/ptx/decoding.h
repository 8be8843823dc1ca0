// One statement while it becomes an instruction. Every opcode family has a file that does this for its opcodes, beside
// what they do.
#ifndef DENSENET4J_SOFTWARE_CUDA_DECODING_H
#define DENSENET4J_SOFTWARE_CUDA_DECODING_H

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "lexer.h"
#include "names.h"

namespace software_cuda {

class CodeLayout;

class Decoding {
 public:
  Decoding(const Statement& statement, Names& names, CodeLayout& layout, Program& program);

  // Modifiers: what follows the opcode, in any order. take() says whether it is there, and strikes it off; what is left
  // at the end is an error.
  bool take(std::string_view modifier);
  bool has(std::string_view modifier) const;
  // Those that do not change what a program computes here.
  void ignore(std::initializer_list<std::string_view> modifiers);
  // The one of these that is there; the last form fails if there is none.
  template <class T, size_t count>
  std::optional<T> take_one_of(const std::pair<std::string_view, T> (&choices)[count]) {
    for (const auto& [name, choice] : choices) {
      if (take(name)) return choice;
    }
    return std::nullopt;
  }
  template <class T, size_t count>
  T take_one_of(const std::pair<std::string_view, T> (&choices)[count], const char* otherwise) {
    const auto found = take_one_of(choices);
    if (!found) fail(otherwise);
    return *found;
  }
  // The first modifier that is a type.
  Type type();
  // How many elements a vector has: 1 if it is none.
  size_t vector_size();
  // The state space, kGeneric if none is named.
  Space space();
  Rounding rounding(Rounding otherwise = Rounding::kNearest);
  void expect_no_modifiers() const;
  std::string_view opcode() const { return statement.opcode[0]; }

  size_t operands() const { return statement.operands.size(); }
  const Expression& operand(size_t index) const;
  void expect_operands(size_t least, size_t most) const;
  void expect_operands(size_t count) const { expect_operands(count, count); }

  // Operands of exactly the type's size.
  Slot in(const Expression& e, Type type);
  Slot in(size_t index, Type type) { return in(operand(index), type); }
  Slot out(const Expression& e, Type type);
  Slot out(size_t index, Type type) { return out(operand(index), type); }
  Slot predicate_in(const Expression& e);
  Slot predicate_in(size_t index) { return predicate_in(operand(index)); }
  Slot predicate_out(const Expression& e);
  // The type of a register, if the operand is one.
  std::optional<Type> register_type(const Expression& e);
  // The value of an operand that must be a number.
  uint64_t number(size_t index) const;
  // Fills in space, base (as i.a), offset and width of an address. The state space of a variable refines what is asked.
  void address(const Expression& e, Space space);
  // An address as a plain base plus offset, in another slot.
  Slot base_of(const Expression& e, Space& space, int64_t& offset, bool& wide);
  // The elements of a vector, or the operand itself; there must be so many.
  std::vector<Expression> elements(const Expression& e, size_t count) const;
  void add_extra(Slot slot);

  [[noreturn]] void fail(const std::string& reason) const;
  [[noreturn]] void fail_type() const;

  Names& names;
  CodeLayout& layout;
  Program& program;
  const Statement& statement;
  Instruction i;

 private:
  Slot predicate_register(const Expression& e);

  std::vector<std::string_view> modifiers_;
};

using Decode = void (*)(Decoding&);

// What decodes an opcode.
using Opcodes = std::unordered_map<std::string_view, Decode>;

void add_moves(Opcodes& opcodes);
void add_memory_accesses(Opcodes& opcodes);
void add_integer_arithmetic(Opcodes& opcodes);
void add_float_arithmetic(Opcodes& opcodes);
void add_comparisons(Opcodes& opcodes);
void add_logic(Opcodes& opcodes);
void add_conversions(Opcodes& opcodes);
void add_control_flow(Opcodes& opcodes);
void add_bits(Opcodes& opcodes);
void add_carries(Opcodes& opcodes);
void add_elementary_functions(Opcodes& opcodes);
void add_barriers(Opcodes& opcodes);
void add_collectives(Opcodes& opcodes);
void add_atomics(Opcodes& opcodes);
void add_async_operations(Opcodes& opcodes);
void add_tensor_operations(Opcodes& opcodes);
void add_mma(Opcodes& opcodes);

const Opcodes& opcodes();

}  // namespace software_cuda
#endif
