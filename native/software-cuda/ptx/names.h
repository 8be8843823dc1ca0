// Resolves the names of a kernel and of the functions that it calls, and lays out registers, local and shared memory.
#ifndef DENSENET4J_SOFTWARE_CUDA_NAMES_H
#define DENSENET4J_SOFTWARE_CUDA_NAMES_H

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "executor.h"
#include "program.h"

namespace software_cuda {

struct Register {
  Slot slot;
  Type type;
};

// Where a variable lies: at an offset in its space, or at the address in a constant that is known later.
struct Location {
  Space space;
  uint64_t offset;
  std::optional<size_t> relocation;  // index of the variable in its module, or kDynamicShared
};

constexpr size_t kDynamicShared = ~size_t{0};

// Where a kernel's parameters lie.
std::vector<Parameter> layout_of(const std::vector<Declaration>& parameters);

class Names {
 public:
  Names(const Syntax& syntax, Program& program) : syntax_(syntax), program_(program) {}

  // Names are then those of this function.
  void enter(const FunctionSyntax& function) { function_ = &function; }
  const FunctionSyntax& function() const { return *function_; }

  std::optional<Register> find_register(size_t scope, std::string_view name);
  std::optional<Location> find_variable(size_t scope, std::string_view name);
  std::optional<size_t> find_label(size_t scope, std::string_view name) const;
  const std::vector<std::string_view>* find_branch_targets(size_t scope, std::string_view name) const;
  // A special register that does not change while a block runs; as wide as asked.
  std::optional<Slot> find_special(std::string_view name, uint32_t bytes);
  // The offset in local memory of a device function's parameter or result.
  uint32_t place_of(const FunctionSyntax& function, const Declaration& parameter);

  Slot constant(uint64_t bits, uint32_t bytes);
  Slot mask_constant(bool value);
  Slot address_constant(const Location& location, int64_t offset, uint32_t bytes);
  Slot new_register(Type type);

  // Lays out dynamic shared memory behind what is static.
  void finish();

 private:
  Slot new_constant(uint32_t bytes);
  std::optional<Type> declared(const Scope& scope, std::string_view name) const;
  uint64_t allocate(uint32_t& total, const Declaration& d) const;
  Location place(const Declaration& d, const void* owner);

  const Syntax& syntax_;
  Program& program_;
  const FunctionSyntax* function_ = nullptr;
  std::map<std::tuple<const FunctionSyntax*, size_t, std::string_view>, Register> registers_;
  std::map<std::pair<const void*, std::string_view>, Location> variables_;
  std::map<std::pair<uint64_t, uint32_t>, Slot> constants_;
  std::map<std::pair<Special, uint32_t>, Slot> specials_;
};

// Writes a value to all lanes of a constant.
void fill_constant(Program& program, Slot slot, uint64_t bits, uint32_t bytes);

}  // namespace software_cuda
#endif
