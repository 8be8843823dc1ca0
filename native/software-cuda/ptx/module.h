// A PTX module made ready to run.
#ifndef DENSENET4J_SOFTWARE_CUDA_MODULE_H
#define DENSENET4J_SOFTWARE_CUDA_MODULE_H

#include "executor.h"
#include "program.h"

namespace software_cuda {

class DecodedKernel : public Kernel {
 public:
  DecodedKernel(const Syntax& syntax, const FunctionSyntax& function);

  const std::string& name() const override { return name_; }
  const std::vector<Parameter>& parameters() const override { return parameters_; }
  uint32_t parameter_bytes() const override;
  uint32_t static_shared_bytes() const override { return program_.shared_bytes; }
  uint32_t local_bytes() const override { return program_.local_bytes; }
  uint32_t max_threads() const override { return max_threads_; }

  const Program& program() const { return program_; }
  void place(size_t variable, uint64_t address);

 private:
  std::string name_;
  std::vector<Parameter> parameters_;
  uint32_t max_threads_;
  Program program_;
};

}  // namespace software_cuda
#endif
