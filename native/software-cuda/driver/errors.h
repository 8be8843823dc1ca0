// How the driver's own code says that a call failed: an exception that carries CUDA's code.
#ifndef DENSENET4J_SOFTWARE_CUDA_ERRORS_H
#define DENSENET4J_SOFTWARE_CUDA_ERRORS_H

#include <cuda.h>

#include <stdexcept>
#include <string>

namespace software_cuda {

class Failure : public std::runtime_error {
 public:
  explicit Failure(CUresult code, const std::string& why = "") : std::runtime_error(why), code(code) {}

  const CUresult code;
};

inline void require(bool condition, CUresult otherwise) {
  if (!condition) throw Failure(otherwise);
}

// CUDA_ERROR_INVALID_VALUE unless.
inline void require(bool condition) { require(condition, CUDA_ERROR_INVALID_VALUE); }

// CUDA_ERROR_... of a code, or null if there is no such code.
const char* error_name(CUresult code);

// One line on stderr.
void say(const std::string& line);

}  // namespace software_cuda
#endif
