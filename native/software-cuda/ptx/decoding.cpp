#include "decoding.h"

#include <algorithm>
#include <cstring>

namespace software_cuda {

namespace {

uint64_t float_bits(const Expression& e, Type type) {
  double value;
  if (e.kind == Expression::Kind::kFloat32) {
    float narrow;
    const auto bits = static_cast<uint32_t>(e.bits);
    std::memcpy(&narrow, &bits, sizeof narrow);
    if (bytes_of(type) == 4) return e.bits;
    value = narrow;
  } else if (e.kind == Expression::Kind::kFloat64) {
    std::memcpy(&value, &e.bits, sizeof value);
  } else {
    value = static_cast<double>(static_cast<int64_t>(e.bits));
  }
  uint64_t bits = 0;
  if (bytes_of(type) == 8) {
    std::memcpy(&bits, &value, sizeof value);
  } else {
    const auto narrow = static_cast<float>(value);
    std::memcpy(&bits, &narrow, sizeof narrow);
  }
  return bits;
}

}  // namespace

Decoding::Decoding(const Statement& from, Names& names_to_use, CodeLayout& code, Program& to)
    : names(names_to_use),
      layout(code),
      program(to),
      statement(from),
      modifiers_(from.opcode.begin() + 1, from.opcode.end()) {}

void Decoding::fail(const std::string& reason) const { fail_at(statement.line, statement.text, reason); }

void Decoding::fail_type() const { fail("the opcode is not known with this type"); }

void Decoding::expect_no_modifiers() const {
  if (!modifiers_.empty()) fail("the modifier ." + std::string(modifiers_[0]) + " is not known with this opcode");
}

bool Decoding::has(std::string_view modifier) const {
  return std::find(modifiers_.begin(), modifiers_.end(), modifier) != modifiers_.end();
}

bool Decoding::take(std::string_view modifier) {
  const auto found = std::find(modifiers_.begin(), modifiers_.end(), modifier);
  if (found == modifiers_.end()) return false;
  modifiers_.erase(found);
  return true;
}

void Decoding::ignore(std::initializer_list<std::string_view> modifiers) {
  for (const auto modifier : modifiers) take(modifier);
}

Type Decoding::type() {
  for (auto m = modifiers_.begin(); m != modifiers_.end(); ++m) {
    if (const auto type = type_named(*m)) {
      modifiers_.erase(m);
      return *type;
    }
  }
  fail("a type is missing");
}

size_t Decoding::vector_size() { return take("v2") ? 2 : take("v4") ? 4 : take("v8") ? 8 : 1; }

Space Decoding::space() {
  if (take("global")) return Space::kGlobal;
  if (take("const")) return Space::kConst;
  if (take("shared::cta") || take("shared")) return Space::kShared;
  if (take("local")) return Space::kLocal;
  if (take("param::entry") || take("param::func") || take("param")) return Space::kParam;
  return Space::kGeneric;
}

Rounding Decoding::rounding(Rounding otherwise) {
  if (take("rn")) return Rounding::kNearest;
  if (take("rz")) return Rounding::kZero;
  if (take("rm")) return Rounding::kDown;
  if (take("rp")) return Rounding::kUp;
  if (take("rna")) return Rounding::kNearestAway;
  return otherwise;
}

const Expression& Decoding::operand(size_t index) const {
  if (index >= statement.operands.size()) fail("an operand is missing");
  return statement.operands[index];
}

void Decoding::expect_operands(size_t least, size_t most) const {
  if (operands() < least || operands() > most) {
    fail("the opcode does not take " + std::to_string(operands()) + " operands");
  }
}

std::optional<Type> Decoding::register_type(const Expression& e) {
  if (e.kind != Expression::Kind::kName || e.offset) return std::nullopt;
  const auto found = names.find_register(statement.scope, e.name);
  if (!found) return std::nullopt;
  return found->type;
}

Slot Decoding::in(const Expression& e, Type type) {
  const uint32_t bytes = register_bytes(type);
  switch (e.kind) {
    case Expression::Kind::kInteger:
      if (type == Type::kF32 || type == Type::kF64) return names.constant(float_bits(e, type), bytes);
      return names.constant(bytes == 8 ? e.bits : e.bits & ((uint64_t{1} << bytes * 8) - 1), bytes);
    case Expression::Kind::kFloat32:
    case Expression::Kind::kFloat64:
      if (bytes < 4) fail("a 16-bit operand cannot be such a number");
      return names.constant(float_bits(e, type), bytes);
    case Expression::Kind::kName:
      break;
    default:
      fail("a register or number is expected");
  }
  if (const auto found = names.find_register(statement.scope, e.name); found && !e.offset) {
    if (found->type == Type::kPred || register_bytes(found->type) != bytes) {
      fail(std::string(e.name) + " has another size than the operand");
    }
    return found->slot;
  }
  if (const auto special = names.find_special(e.name, bytes)) return *special;
  if (const auto variable = names.find_variable(statement.scope, e.name)) {
    return names.address_constant(*variable, e.offset, bytes);
  }
  fail("the name " + std::string(e.name) + " is not known");
}

Slot Decoding::out(const Expression& e, Type type) {
  if (e.kind != Expression::Kind::kName) fail("a register is expected");
  if (e.name == "_") return names.new_register(type);
  const auto found = names.find_register(statement.scope, e.name);
  if (!found) fail("the register " + std::string(e.name) + " is not known");
  if (found->type == Type::kPred || register_bytes(found->type) != register_bytes(type)) {
    fail(std::string(e.name) + " has another size than the result");
  }
  return found->slot;
}

Slot Decoding::predicate_in(const Expression& e) {
  if (e.kind == Expression::Kind::kNot) return predicate_in(e.elements[0]) ^ kNegated;
  if (e.kind == Expression::Kind::kInteger) return names.mask_constant(e.bits != 0);
  return predicate_register(e);
}

Slot Decoding::predicate_out(const Expression& e) {
  if (e.kind == Expression::Kind::kName && e.name == "_") return names.new_register(Type::kPred);
  return predicate_register(e);
}

Slot Decoding::predicate_register(const Expression& e) {
  if (e.kind != Expression::Kind::kName) fail("a predicate is expected");
  const auto found = names.find_register(statement.scope, e.name);
  if (!found || found->type != Type::kPred) fail("a predicate is expected");
  return found->slot;
}

uint64_t Decoding::number(size_t index) const {
  const Expression& e = operand(index);
  if (e.kind != Expression::Kind::kInteger) fail("a number is expected");
  return e.bits;
}

Slot Decoding::base_of(const Expression& e, Space& space, int64_t& offset, bool& wide) {
  const Expression& inner = e.kind == Expression::Kind::kMemory ? e.elements[0] : e;
  if (inner.kind == Expression::Kind::kInteger) {
    wide = true;
    return names.constant(inner.bits, 8);
  }
  if (inner.kind != Expression::Kind::kName) fail("an address is expected");
  offset = inner.offset;
  if (const auto found = names.find_register(statement.scope, inner.name)) {
    const uint32_t bytes = bytes_of(found->type);
    if (bytes != 4 && bytes != 8) fail(std::string(inner.name) + " cannot hold an address");
    wide = bytes == 8;
    return found->slot;
  }
  const auto variable = names.find_variable(statement.scope, inner.name);
  if (!variable) fail("the name " + std::string(inner.name) + " is not known");
  const bool parameter = space == Space::kParam && variable->space == Space::kLocal;
  if (space != variable->space && !parameter) fail(std::string(inner.name) + " lies in another state space");
  space = variable->space;
  wide = true;
  return names.address_constant(*variable, 0, 8);
}

void Decoding::address(const Expression& e, Space space) {
  i.a = base_of(e, space, i.offset, i.wide_address);
  i.space = space == Space::kConst ? Space::kGlobal : space;
}

std::vector<Expression> Decoding::elements(const Expression& e, size_t count) const {
  std::vector<Expression> all = e.kind == Expression::Kind::kVector ? e.elements : std::vector<Expression>{e};
  if (all.size() != count) fail("the vector does not have as many elements as the opcode says");
  return all;
}

void Decoding::add_extra(Slot slot) { program.extra.push_back(slot); }

const Opcodes& opcodes() {
  static const Opcodes kOpcodes = [] {
    Opcodes all;
    add_moves(all);
    add_memory_accesses(all);
    add_integer_arithmetic(all);
    add_float_arithmetic(all);
    add_comparisons(all);
    add_logic(all);
    add_conversions(all);
    add_control_flow(all);
    add_bits(all);
    add_carries(all);
    add_elementary_functions(all);
    add_barriers(all);
    add_collectives(all);
    add_atomics(all);
    add_async_operations(all);
    add_tensor_operations(all);
    return all;
  }();
  return kOpcodes;
}

}  // namespace software_cuda
