#include "module.h"

#include <algorithm>

#include "decoder.h"
#include "names.h"
#include "parser.h"

namespace software_cuda {

namespace {

class DecodedModule : public Module {
 public:
  explicit DecodedModule(std::string_view ptx) : text_(ptx), syntax_(parse_syntax(text_)) {
    for (const FunctionSyntax& f : syntax_.functions) {
      if (f.entry && f.defined) kernels_.push_back(std::make_unique<DecodedKernel>(syntax_, f));
    }
    for (size_t v = 0; v < syntax_.variables.size(); v++) add_variable(v);
  }

  const Kernel* kernel(std::string_view name) const override {
    const auto found = std::find_if(kernels_.begin(), kernels_.end(), [name](const auto& k) {
      return k->name() == name;
    });
    return found == kernels_.end() ? nullptr : found->get();
  }

  const std::vector<Variable>& variables() const override { return variables_; }

  void place(size_t index, uint64_t address) override {
    for (auto& kernel : kernels_) kernel->place(indices_.at(index), address);
  }

 private:
  void add_variable(size_t index) {
    const Declaration& d = syntax_.variables[index];
    if (d.space == Space::kShared) return;
    variables_.push_back({std::string(d.name), d.bytes, d.initial});
    indices_.push_back(index);
  }

  std::string text_;
  Syntax syntax_;
  std::vector<std::unique_ptr<DecodedKernel>> kernels_;
  std::vector<Variable> variables_;
  std::vector<size_t> indices_;  // of variables_ in the syntax
};

}  // namespace

DecodedKernel::DecodedKernel(const Syntax& syntax, const FunctionSyntax& function)
    : name_(function.name),
      parameters_(layout_of(function.parameters)),
      max_threads_(function.max_threads),
      program_(decode(syntax, function)) {}

uint32_t DecodedKernel::parameter_bytes() const {
  return parameters_.empty() ? 0 : parameters_.back().offset + parameters_.back().bytes;
}

void DecodedKernel::place(size_t variable, uint64_t address) {
  for (const auto& relocation : program_.relocations) {
    if (relocation.variable != variable) continue;
    fill_constant(program_, relocation.slot, address + static_cast<uint64_t>(relocation.offset), relocation.bytes);
  }
}

std::unique_ptr<Module> parse(std::string_view ptx) { return std::make_unique<DecodedModule>(ptx); }

}  // namespace software_cuda
