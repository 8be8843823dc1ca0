// Decodes a kernel and the functions that it calls.
#ifndef DENSENET4J_SOFTWARE_CUDA_DECODER_H
#define DENSENET4J_SOFTWARE_CUDA_DECODER_H

#include <vector>

#include "program.h"

namespace software_cuda {

// Where functions lie in a program's code. Every statement is one instruction; each function ends with a return.
class CodeLayout {
 public:
  explicit CodeLayout(const Syntax& syntax) : syntax_(syntax) {}

  // Null if there is none.
  const FunctionSyntax* find(std::string_view name) const;
  // Where it begins; to be decoded if it is new.
  uint32_t begin_of(const FunctionSyntax& function);
  // The functions in the order of their code. Grows while they are decoded.
  const std::vector<const FunctionSyntax*>& functions() const { return functions_; }
  void add_call(const FunctionSyntax& caller, const FunctionSyntax& callee) { calls_.emplace_back(&caller, &callee); }
  // Whether a function calls itself, through others or not.
  bool is_recursive() const;

 private:
  const Syntax& syntax_;
  std::vector<const FunctionSyntax*> functions_;
  std::vector<uint32_t> begins_;
  std::vector<std::pair<const FunctionSyntax*, const FunctionSyntax*>> calls_;
  uint32_t end_ = 0;
};

// Throws PtxError.
Program decode(const Syntax& syntax, const FunctionSyntax& kernel);

}  // namespace software_cuda
#endif
