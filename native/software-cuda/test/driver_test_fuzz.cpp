// Damaged fatbins are refused with an error, or loaded: nothing else may come of it.
#include <algorithm>
#include <fstream>

#include "driver_test.h"
#include "mutations.h"

namespace driver_test {

namespace {

constexpr int kRoundsOfEach = 300;

// Bytes of headers count more than those of the text behind, of which the PTX interpreter's own test takes care.
std::string damaged(software_cuda::Mutations& mutations, const std::string& image) {
  const size_t head = std::min<size_t>(image.size(), 96);
  if (mutations.below(3) == 0) return mutations.damaged_bytes(image);
  std::string changed = image;
  for (size_t left = 1 + mutations.below(3); left > 0; --left) {
    changed[4 + mutations.below(head - 4)] = static_cast<char>(mutations.below(256));
  }
  return changed;
}

CUresult load(const std::string& image) {
  const std::string path = file("damaged.fatbin");
  {
    std::ofstream stream(path, std::ios::binary);
    stream.write(image.data(), static_cast<std::streamsize>(image.size()));
    CHECK(stream.flush().good());
  }
  CUmodule module;
  const CUresult result = cuModuleLoad(&module, path.c_str());
  switch (result) {
    case CUDA_SUCCESS:
      OK(cuModuleUnload(module));
      break;
    case CUDA_ERROR_INVALID_IMAGE:
    case CUDA_ERROR_INVALID_PTX:
    case CUDA_ERROR_NO_BINARY_FOR_GPU:
    case CUDA_ERROR_OUT_OF_MEMORY:
      break;
    default:
      CHECK_CODE(result, CUDA_SUCCESS);
  }
  CHECK(dn_software_cuda_count("modules") == 0);
  return result;
}

void damaged_fatbins_are_refused_or_loaded() {
  standard_error_of([] {
    const Device device;
    CHECK(dn_software_cuda_set("memory", "1048576") == 0);
    software_cuda::Mutations mutations(23);
    for (const char* name : {"driver_test_kernels_none.fatbin", "driver_test_kernels_speed.fatbin"}) {
      const std::string image = read_file(name);
      CHECK(load(image) == CUDA_SUCCESS);
      for (int round = 0; round < kRoundsOfEach; ++round) load(damaged(mutations, image));
    }
  });
}

// Each would have what lies behind it read, or more memory taken than there is.
void sizes_beyond_the_file_are_refused() {
  standard_error_of([] {
    const Device device;
    const std::string image = read_file("driver_test_kernels_none.fatbin");
    for (const size_t bytes : {size_t{0}, size_t{3}, size_t{4}, size_t{15}, size_t{16}, size_t{79}, image.size() - 1}) {
      CHECK(load(image.substr(0, bytes)) != CUDA_SUCCESS);
    }
    const std::string begin = ".version 8.0\n.target sm_80\n.address_size 64\n";
    CHECK(load(begin + ".global .b8 a[1099511627776];\n") == CUDA_ERROR_OUT_OF_MEMORY);
    CHECK(load(begin + ".global .b8 a[9000000000];\n.global .b8 b[9000000000];\n") == CUDA_ERROR_OUT_OF_MEMORY);
    CUmodule module;
    CHECK_CODE(cuModuleLoadData(&module, ""), CUDA_ERROR_INVALID_PTX);
  });
}

}  // namespace

std::vector<Test> fuzz_tests() {
  return {{"damaged_fatbins_are_refused_or_loaded", damaged_fatbins_are_refused_or_loaded},
          {"sizes_beyond_the_file_are_refused", sizes_beyond_the_file_are_refused}};
}

}  // namespace driver_test
