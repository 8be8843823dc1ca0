// What calls that this device does not offer do.
#ifndef DENSENET4J_SOFTWARE_CUDA_STUBS_H
#define DENSENET4J_SOFTWARE_CUDA_STUBS_H

namespace software_cuda {

// Names the call on stderr the first time; CUDA_ERROR_NOT_SUPPORTED.
int unsupported(const char* name);

}  // namespace software_cuda

// A function of the C interface with whatever parameters: none of them is looked at.
#define DENSENET4J_UNSUPPORTED(name) \
  extern "C" int name() { return software_cuda::unsupported(#name); }
#endif
