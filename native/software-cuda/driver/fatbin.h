// Finds PTX in what cuModuleLoadData is given.
#ifndef DENSENET4J_SOFTWARE_CUDA_FATBIN_H
#define DENSENET4J_SOFTWARE_CUDA_FATBIN_H

#include <cstdint>
#include <string>

namespace software_cuda {

constexpr uint64_t kSizeUnknown = ~uint64_t{0};

// The PTX text of an image, which is a fatbin, a fatbin's wrapper as nvcc embeds it, or PTX with a zero at its end. Of
// a fatbin the entry of the highest architecture up to `architecture`, such as 90. An image says itself how long it is;
// nothing beyond `most` bytes is read. Throws Failure.
std::string ptx_of_image(const void* image, int architecture, uint64_t most = kSizeUnknown);

}  // namespace software_cuda
#endif
