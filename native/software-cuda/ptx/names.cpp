#include "names.h"

#include <algorithm>
#include <cctype>
#include <cstring>

#include "lexer.h"

namespace software_cuda {

namespace {

std::optional<Special> special_named(std::string_view name) {
  static const std::map<std::string_view, Special> kSpecials = {
      {"%tid.x", Special::kTidX},
      {"%tid.y", Special::kTidY},
      {"%tid.z", Special::kTidZ},
      {"%ntid.x", Special::kNtidX},
      {"%ntid.y", Special::kNtidY},
      {"%ntid.z", Special::kNtidZ},
      {"%ctaid.x", Special::kCtaidX},
      {"%ctaid.y", Special::kCtaidY},
      {"%ctaid.z", Special::kCtaidZ},
      {"%nctaid.x", Special::kNctaidX},
      {"%nctaid.y", Special::kNctaidY},
      {"%nctaid.z", Special::kNctaidZ},
      {"%laneid", Special::kLane},
      {"%warpid", Special::kWarp},
      {"%nwarpid", Special::kWarps},
      {"%smid", Special::kZero},
      {"%nsmid", Special::kOne},
      {"%gridid", Special::kZero},
      {"%lanemask_eq", Special::kLaneMaskEq},
      {"%lanemask_lt", Special::kLaneMaskLt},
      {"%lanemask_le", Special::kLaneMaskLe},
      {"%lanemask_ge", Special::kLaneMaskGe},
      {"%lanemask_gt", Special::kLaneMaskGt},
      {"%dynamic_smem_size", Special::kDynamicShared},
      {"%total_smem_size", Special::kTotalShared},
      {"WARP_SZ", Special::kThirtyTwo},
  };
  const auto found = kSpecials.find(name);
  if (found == kSpecials.end()) return std::nullopt;
  return found->second;
}

template <class T>
void fill_lanes(std::byte* to, uint64_t bits) {
  for (int lane = 0; lane < kWarpLanes; lane++) {
    const T value = static_cast<T>(bits);
    std::memcpy(to + static_cast<size_t>(lane) * sizeof(T), &value, sizeof value);
  }
}

uint32_t slot_bytes(Type type) { return type == Type::kPred ? 8 : register_bytes(type) * kWarpLanes; }

// Of one thread's local memory, of shared memory, of a kernel's parameters.
constexpr uint64_t kMostBytes = uint64_t{1} << 24;

uint64_t aligned(uint64_t offset, uint64_t alignment) { return (offset + alignment - 1) / alignment * alignment; }

}  // namespace

std::vector<Parameter> layout_of(const std::vector<Declaration>& parameters) {
  std::vector<Parameter> layout;
  uint64_t end = 0;
  for (const Declaration& d : parameters) {
    const uint64_t begin = aligned(end, d.alignment);
    if (d.bytes > kMostBytes || begin > kMostBytes - d.bytes) fail_at(d.line, d.name, "there is no room for it");
    layout.push_back({static_cast<uint32_t>(begin), static_cast<uint32_t>(d.bytes)});
    end = begin + d.bytes;
  }
  return layout;
}

void fill_constant(Program& program, Slot slot, uint64_t bits, uint32_t bytes) {
  std::byte* to = reinterpret_cast<std::byte*>(program.constants.data()) + (slot & kOffsetOfSlot);
  if (bytes == 8) fill_lanes<uint64_t>(to, bits);
  if (bytes == 4) fill_lanes<uint32_t>(to, bits);
  if (bytes <= 2) fill_lanes<uint16_t>(to, bits);
}

std::optional<Type> Names::declared(const Scope& scope, std::string_view name) const {
  const auto found = scope.registers.find(name);
  if (found != scope.registers.end()) return found->second;
  for (const auto& [prefix, count, type] : scope.ranges) {
    if (name.size() <= prefix.size() || name.substr(0, prefix.size()) != prefix) continue;
    const std::string digits(name.substr(prefix.size()));
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    if (digits.size() > 9 || !std::all_of(digits.begin(), digits.end(), is_digit)) continue;
    if (static_cast<uint32_t>(std::stoul(digits)) < count) return type;
  }
  return std::nullopt;
}

std::optional<Register> Names::find_register(size_t scope, std::string_view name) {
  for (; scope != kNoScope; scope = function_->scopes[scope].parent) {
    const auto key = std::make_tuple(function_, scope, name);
    if (const auto known = registers_.find(key); known != registers_.end()) return known->second;
    if (const auto type = declared(function_->scopes[scope], name)) {
      return registers_.emplace(key, Register{new_register(*type), *type}).first->second;
    }
  }
  return std::nullopt;
}

std::optional<Location> Names::find_variable(size_t scope, std::string_view name) {
  for (; scope != kNoScope; scope = function_->scopes[scope].parent) {
    const auto& variables = function_->scopes[scope].variables;
    if (const auto found = variables.find(name); found != variables.end()) {
      return place(found->second, &function_->scopes[scope]);
    }
  }
  if (function_->entry) {
    const auto& parameters = function_->parameters;
    for (size_t p = 0; p < parameters.size(); p++) {
      if (parameters[p].name == name) return Location{Space::kParam, layout_of(parameters)[p].offset, std::nullopt};
    }
  } else {
    for (const auto* list : {&function_->parameters, &function_->results}) {
      for (const Declaration& d : *list) {
        if (d.name == name) return place(d, function_);
      }
    }
  }
  for (size_t v = 0; v < syntax_.variables.size(); v++) {
    const Declaration& d = syntax_.variables[v];
    if (d.name != name) continue;
    if (d.space == Space::kGlobal || d.space == Space::kConst) return Location{d.space, 0, v};
    return place(d, nullptr);
  }
  return std::nullopt;
}

uint64_t Names::allocate(uint32_t& total, const Declaration& d) const {
  const uint64_t offset = aligned(total, d.alignment);
  if (d.bytes > kMostBytes || offset > kMostBytes - d.bytes) fail_at(d.line, d.name, "there is no room for it");
  total = static_cast<uint32_t>(offset + d.bytes);
  return offset;
}

Location Names::place(const Declaration& d, const void* owner) {
  const auto key = std::make_pair(owner, d.name);
  if (const auto known = variables_.find(key); known != variables_.end()) return known->second;
  Location location{d.space, 0, std::nullopt};
  if (d.space == Space::kGlobal || d.space == Space::kConst) {
    fail_at(d.line, d.name, "variables of global memory within a function are not supported");
  } else if (d.space != Space::kShared) {
    location = {Space::kLocal, allocate(program_.local_bytes, d), std::nullopt};
  } else if (d.external) {
    location.relocation = kDynamicShared;
  } else {
    location.offset = allocate(program_.shared_bytes, d);
  }
  return variables_.emplace(key, location).first->second;
}

uint32_t Names::place_of(const FunctionSyntax& function, const Declaration& parameter) {
  return static_cast<uint32_t>(place(parameter, &function).offset);
}

std::optional<size_t> Names::find_label(size_t scope, std::string_view name) const {
  for (; scope != kNoScope; scope = function_->scopes[scope].parent) {
    const auto& labels = function_->scopes[scope].labels;
    if (const auto found = labels.find(name); found != labels.end()) return found->second;
  }
  return std::nullopt;
}

const std::vector<std::string_view>* Names::find_branch_targets(size_t scope, std::string_view name) const {
  for (; scope != kNoScope; scope = function_->scopes[scope].parent) {
    const auto& tables = function_->scopes[scope].branch_targets;
    if (const auto found = tables.find(name); found != tables.end()) return &found->second;
  }
  return nullptr;
}

std::optional<Slot> Names::find_special(std::string_view name, uint32_t bytes) {
  const auto special = special_named(name);
  if (!special) return std::nullopt;
  const auto [known, is_new] = specials_.try_emplace({*special, bytes}, kNoSlot);
  if (is_new) {
    known->second = new_register(bits_type(bytes));
    program_.specials.push_back({*special, known->second, bytes});
  }
  return known->second;
}

Slot Names::new_register(Type type) {
  const Slot slot = program_.register_bytes;
  program_.register_bytes += slot_bytes(type);
  return slot;
}

Slot Names::new_constant(uint32_t bytes) {
  const auto slot = static_cast<Slot>(program_.constants.size() * sizeof(uint64_t));
  program_.constants.resize(program_.constants.size() + std::max(2u, bytes) * kWarpLanes / sizeof(uint64_t));
  return slot | kConstant;
}

Slot Names::constant(uint64_t bits, uint32_t bytes) {
  const auto [known, is_new] = constants_.try_emplace({bits, bytes}, kNoSlot);
  if (is_new) {
    known->second = new_constant(bytes);
    fill_constant(program_, known->second, bits, bytes);
  }
  return known->second;
}

Slot Names::mask_constant(bool value) { return constant(value ? kAllLanes : 0, 4); }

Slot Names::address_constant(const Location& location, int64_t offset, uint32_t bytes) {
  if (!location.relocation) return constant(location.offset + static_cast<uint64_t>(offset), bytes);
  const Slot slot = new_constant(bytes);
  program_.relocations.push_back({*location.relocation, offset, slot, bytes});
  return slot;
}

void Names::finish() {
  bool dynamic = false;
  for (const auto& relocation : program_.relocations) dynamic |= relocation.variable == kDynamicShared;
  if (!dynamic) return;
  program_.shared_bytes = static_cast<uint32_t>(aligned(program_.shared_bytes, 16));
  for (const auto& relocation : program_.relocations) {
    if (relocation.variable != kDynamicShared) continue;
    fill_constant(program_, relocation.slot, program_.shared_bytes + static_cast<uint64_t>(relocation.offset),
                  relocation.bytes);
  }
}

}  // namespace software_cuda
