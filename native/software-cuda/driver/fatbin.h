// Finds PTX in what cuModuleLoadData is given.
#ifndef DENSENET4J_SOFTWARE_CUDA_FATBIN_H
#define DENSENET4J_SOFTWARE_CUDA_FATBIN_H

#include <string>

namespace software_cuda {

// The PTX text of an image, which is a fatbin, a fatbin's wrapper as nvcc embeds it, or PTX with a zero at its end. Of
// a fatbin the entry of the highest architecture up to `architecture`, such as 90. Throws Failure.
std::string ptx_of_image(const void* image, int architecture);

}  // namespace software_cuda
#endif
