// Calls that this device does not offer.
#include "stubs.h"

#include <cuda.h>

#include <mutex>
#include <set>
#include <string>

#include "errors.h"

namespace software_cuda {

int unsupported(const char* name) {
  static std::mutex mutex;
  static auto* const named = new std::set<std::string>();
  const std::lock_guard<std::mutex> lock(mutex);
  if (named->insert(name).second) say(std::string(name) + " is not supported by this device");
  return CUDA_ERROR_NOT_SUPPORTED;
}

}  // namespace software_cuda
