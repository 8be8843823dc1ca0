// Launches that fail, by themselves or on request.
#ifndef DENSENET4J_SOFTWARE_CUDA_FAULTS_H
#define DENSENET4J_SOFTWARE_CUDA_FAULTS_H

#include <cuda.h>

#include <string>

#include "../ptx/executor.h"

namespace software_cuda {

struct Context;

// Counts a launch; throws Failure if it is the one that the setting `fail` means.
void begin_launch(const std::string& name);

CUresult code_of(KernelFault::Kind kind);

// Makes an error sticky: nothing that is enqueued will run.
void lose(Context& context, CUresult code, const std::string& why);

// Makes it a sticky error if something was written around an allocation of the context.
void check_guards(Context& context);

}  // namespace software_cuda
#endif
