// bra, brx, call, ret, exit, trap and what does nothing.
#include "decoder.h"
#include "lanes.h"

namespace software_cuda {

namespace {

uint32_t target_of(Decoding& at, std::string_view label) {
  const auto found = at.names.find_label(at.statement.scope, label);
  if (!found) at.fail("the label " + std::string(label) + " is not known");
  return at.layout.begin_of(at.names.function()) + static_cast<uint32_t>(*found);
}

void decode_bra(Decoding& at) {
  at.take("uni");
  at.expect_operands(1);
  at.i.flow = Flow::kBranch;
  at.i.target = target_of(at, at.operand(0).name);
}

void decode_brx(Decoding& at) {
  at.take("uni");
  if (!at.take("idx")) at.fail(".idx is missing");
  at.expect_operands(2);
  const auto* targets = at.names.find_branch_targets(at.statement.scope, at.operand(1).name);
  if (!targets) at.fail("the table of branch targets " + std::string(at.operand(1).name) + " is not known");
  std::vector<uint32_t> table;
  for (const auto label : *targets) table.push_back(target_of(at, label));
  at.i.flow = Flow::kIndexedBranch;
  at.i.a = at.in(0, Type::kU32);
  at.i.target = static_cast<uint32_t>(at.program.branch_tables.size());
  at.program.branch_tables.push_back(std::move(table));
}

// Copies between the variables of the caller and those of the function.
std::vector<ParameterCopy> copies(Decoding& at, const FunctionSyntax& function, const std::vector<Declaration>& formal,
                                  const std::vector<Expression>& actual, bool to_function) {
  if (formal.size() != actual.size()) at.fail("the call does not have as many parameters as the function");
  std::vector<ParameterCopy> list;
  for (size_t p = 0; p < formal.size(); p++) {
    const auto variable = at.names.find_variable(at.statement.scope, actual[p].name);
    if (!variable || variable->space != Space::kLocal) {
      at.fail("parameters must be variables of the state space .param");
    }
    const uint32_t inside = at.names.place_of(function, formal[p]);
    const auto outside = static_cast<uint32_t>(variable->offset);
    const auto bytes = static_cast<uint32_t>(formal[p].bytes);
    list.push_back({to_function ? outside : inside, to_function ? inside : outside, bytes});
  }
  return list;
}

void trap_assertion(Warp& warp, const Instruction&, Mask active) {
  warp.fail(KernelFault::Kind::kTrap, __builtin_ctz(active), "an assertion of the kernel does not hold");
}

void decode_call(Decoding& at) {
  at.take("uni");
  at.expect_operands(1, 3);
  const bool has_results = at.operand(0).kind == Expression::Kind::kList;
  const size_t name_at = has_results ? 1 : 0;
  const Expression& name = at.operand(name_at);
  if (name.name == "__assertfail") {
    at.i.run = &trap_assertion;
    return;
  }
  const FunctionSyntax* function = at.layout.find(name.name);
  if (!function || !function->defined) {
    at.fail("the function " + std::string(name.name) + " is not defined in this module");
  }
  const bool has_arguments = at.operands() > name_at + 1;
  const std::vector<Expression> none;
  Call call;
  call.arguments = copies(at, *function, function->parameters,
                          has_arguments ? at.operand(name_at + 1).elements : none, true);
  call.results = copies(at, *function, function->results, has_results ? at.operand(0).elements : none, false);
  call.target = at.layout.begin_of(*function);
  at.layout.add_call(at.names.function(), *function);
  at.i.flow = Flow::kCall;
  at.i.target = static_cast<uint32_t>(at.program.calls.size());
  at.program.calls.push_back(std::move(call));
}

void decode_ret(Decoding& at) {
  at.take("uni");
  at.expect_operands(0);
  at.i.flow = Flow::kReturn;
}

void decode_exit(Decoding& at) {
  at.expect_operands(0);
  at.i.flow = Flow::kExit;
}

void trap(Warp& warp, const Instruction&, Mask active) {
  warp.fail(KernelFault::Kind::kTrap, __builtin_ctz(active), "the kernel gives up");
}

void decode_trap(Decoding& at) {
  at.expect_operands(0);
  at.i.run = &trap;
}

void decode_nanosleep(Decoding& at) {
  at.type();
  at.expect_operands(1);
  at.i.run = &do_nothing;
}

// Kernels run one after the other: what a kernel depends on has ended before it begins.
void decode_griddepcontrol(Decoding& at) {
  if (!at.take("wait") && !at.take("launch_dependents")) at.fail("one of .wait and .launch_dependents is missing");
  at.expect_operands(0);
  at.i.run = &do_nothing;
}

}  // namespace

void add_control_flow(Opcodes& opcodes) {
  opcodes["bra"] = &decode_bra;
  opcodes["brx"] = &decode_brx;
  opcodes["call"] = &decode_call;
  opcodes["ret"] = &decode_ret;
  opcodes["exit"] = &decode_exit;
  opcodes["trap"] = &decode_trap;
  opcodes["nanosleep"] = &decode_nanosleep;
  opcodes["griddepcontrol"] = &decode_griddepcontrol;
}

}  // namespace software_cuda
