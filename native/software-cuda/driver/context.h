// Contexts and the calling thread's stack of them.
#ifndef DENSENET4J_SOFTWARE_CUDA_CONTEXT_H
#define DENSENET4J_SOFTWARE_CUDA_CONTEXT_H

#include <cuda.h>

#include <map>
#include <memory>

namespace software_cuda {

struct Stream;

struct Context {
  CUcontext handle;
  unsigned flags = 0;
  // A primary context that nobody retains, or that was reset, is not alive; the next who retains it brings it to life
  // again under the same handle.
  bool primary = false;
  bool alive = false;
  // Of a primary context: how often it has been retained and not released.
  unsigned references = 0;
  // The sticky error.
  CUresult lost = CUDA_SUCCESS;
  std::shared_ptr<Stream> legacy, per_thread;
  std::map<CUlimit, size_t> limits;
};

// The thread's, alive and without a sticky error; throws Failure otherwise.
Context& current_context();

// Gives a context its default streams.
void begin(Context& context);

// Reports what is left in a context and destroys it.
void end(Context& context);

}  // namespace software_cuda
#endif
