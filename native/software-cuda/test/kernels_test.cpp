// Runs kernels of the fatbin against plain C++: software_cuda_kernels_test on the software device in all its schedules,
// cuda_kernels_test on a GPU, with the libcuda.so.1 that the system finds. Prints the device's name.
// Usage: PROGRAM FATBIN [fused [OPERATION] | gpu]
// fused: the fused engine's kernels, of which FATBIN may be PTX; gpu: all, and fails on the software device
#include "kernels_test_tiles.h"

#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>

#include "densenet4j_software_cuda.h"

// NVIDIA's driver has no such function.
extern "C" __attribute__((weak)) int dn_software_cuda_set(const char* key, const char* value);

namespace kernels_test {

void require(CUresult result, const std::string& what) {
  if (result == CUDA_SUCCESS) return;
  const char* name = nullptr;
  cuGetErrorName(result, &name);
  fail(what + ": " + (name != nullptr ? name : "unknown error") + " (" + std::to_string(result) + ")");
}

Device::Device(const std::string& fatbin) {
  std::ifstream file(fatbin, std::ios::binary);
  std::vector<char> image((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  image.push_back('\0');  // PTX ends so
  if (image.size() == 1) fail("cannot read " + fatbin);
  require(cuInit(0), "cuInit");
  require(cuDeviceGet(&device_, 0), "cuDeviceGet");
  require(cuDeviceGetAttribute(&multiprocessors_, CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT, device_),
          "cuDeviceGetAttribute");
  require(cuDevicePrimaryCtxRetain(&context_, device_), "cuDevicePrimaryCtxRetain");
  require(cuCtxSetCurrent(context_), "cuCtxSetCurrent");
  require(cuModuleLoadData(&module_, image.data()), "cuModuleLoadData");
}

Device::~Device() {
  cuModuleUnload(module_);
  cuDevicePrimaryCtxRelease(device_);
}

std::string Device::name() const {
  char name[256];
  require(cuDeviceGetName(name, sizeof(name), device_), "cuDeviceGetName");
  return name;
}

int Device::shared_bytes() const {
  int bytes;
  require(cuDeviceGetAttribute(&bytes, CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN, device_),
          "cuDeviceGetAttribute");
  return bytes;
}

void Device::run(const char* kernel, const Geometry& g, void** arguments) const {
  CUfunction function;
  require(cuModuleGetFunction(&function, module_, kernel), kernel);
  if (g.shared_bytes > 0) {
    const auto most = static_cast<int>(g.shared_bytes);
    require(cuFuncSetAttribute(function, CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES, most), kernel);
  }
  require(cuLaunchKernel(function, g.x, g.y, 1, g.threads, 1, 1, g.shared_bytes, nullptr, arguments, nullptr), kernel);
  require(cuCtxSynchronize(), kernel);
}

std::vector<int64_t> words(const dn_control& control) {
  std::vector<int64_t> packed(sizeof(control) / sizeof(int64_t));
  std::memcpy(packed.data(), &control, sizeof(control));
  return packed;
}

std::vector<Shape> shapes() {
  std::vector<Shape> all;
  for (int64_t channels : {1, 7, 12, 13, 32, 207}) {
    for (int64_t pixels : {1, 3, 1000}) all.push_back({pixels, channels});
  }
  return all;
}

std::string name(const char* kernel, const Shape& shape, const Layout& to, const Layout& from) {
  return std::string(kernel) + " of " + std::to_string(shape.pixels) + " pixels, " + std::to_string(shape.channels) +
         " channels, from offset " + std::to_string(from.offset) + " of +" + std::to_string(from.wider) + " to " +
         std::to_string(to.offset) + " of +" + std::to_string(to.wider);
}

}  // namespace kernels_test

namespace {

struct Run {
  const char* schedule;
  const char* drift;
  const char* races;
  unsigned blocks;
};

constexpr Run kRuns[] = {{"forward", "0", "1", 0}, {"reverse", "0", "0", 2}, {"random:7", "0", "0", 0},
                         {"forward", "1", "0", 2}, {"reverse", "1", "0", 0}, {"random:11", "1", "0", 2}};

// Of kernels whose tests choose their blocks.
constexpr Run kFusedRuns[] = {{"forward", "0", "0", 0}, {"reverse", "0", "1", 0}, {"random:7", "1", "0", 0}};

// A GPU schedules as it likes; what differs is how many blocks there are.
constexpr Run kGpuRuns[] = {{"of the GPU", "of the GPU", "", 0}, {"of the GPU", "of the GPU", "", 2}};

void test(kernels_test::Device& device) {
  kernels_test::test_concat(device);
  kernels_test::test_dropout(device);
  kernels_test::test_softmax_xent(device);
  kernels_test::test_sgd_nesterov(device);
  kernels_test::test_filter_transpose(device);
  kernels_test::test_bn(device);
  kernels_test::test_progress_mark(device);
  kernels_test::test_weights(device);
  kernels_test::test_input_normalize(device);
}

struct FusedTest {
  const char* name;
  void (*run)(const kernels_test::Device& device);
};

constexpr FusedTest kFusedTests[] = {{"bnrelu_conv1x1_fprop", kernels_test::test_bnrelu_conv1x1_fprop},
                                     {"bnrelu_conv1x1_bprop", kernels_test::test_bnrelu_conv1x1_bprop},
                                     {"bnrelu_conv3x3_fprop", kernels_test::test_bnrelu_conv3x3_fprop},
                                     {"bnrelu_conv3x3_bprop", kernels_test::test_bnrelu_conv3x3_bprop},
                                     {"bottleneck_infer", kernels_test::test_bottleneck_infer},
                                     {"bottleneck_infer_layers", kernels_test::test_bottleneck_infer_layers},
                                     {"transition", kernels_test::test_transition},
                                     {"stem_conv", kernels_test::test_stem_conv},
                                     {"bnrelu_maxpool", kernels_test::test_bnrelu_maxpool},
                                     {"head", kernels_test::test_head},
                                     {"consumer_gradients", kernels_test::test_consumer_gradients},
                                     {"dropout_correction", kernels_test::test_dropout_correction}};

// All, or the one of that name.
void test_fused(const kernels_test::Device& device, const char* name) {
  if (device.shared_bytes() < kernels_test::kMostShared) {
    std::printf("skipped: the fused engine's kernels, whose tests need the shared memory of sm_90\n");
    return;
  }
  bool found = false;
  for (const FusedTest& each : kFusedTests) {
    if (name != nullptr && std::strcmp(name, each.name) != 0) continue;
    each.run(device);
    found = true;
  }
  kernels_test::require_both_orders();
  if (!found) kernels_test::fail(std::string("there is no test of ") + name);
}

}  // namespace

int main(int count, char** arguments) {
  const bool gpu = count == 3 && std::strcmp(arguments[2], "gpu") == 0;
  const bool fused = (count == 3 || count == 4) && std::strcmp(arguments[2], "fused") == 0;
  if (count != 2 && !gpu && !fused) {
    std::fprintf(stderr, "usage: kernels_test FATBIN [fused [OPERATION] | gpu]\n");
    return 2;
  }
  const bool software = dn_software_cuda_set != nullptr;
  if (gpu && software) {
    std::fprintf(stderr, "expected a GPU, found the software device: take its folder out of LD_LIBRARY_PATH\n");
    return 1;
  }
  const Run* run = fused ? std::begin(kFusedRuns) : software ? std::begin(kRuns) : std::begin(kGpuRuns);
  const Run* end = fused ? std::end(kFusedRuns) : software ? std::end(kRuns) : std::end(kGpuRuns);
  try {
    kernels_test::Device device(arguments[1]);
    std::printf("%s\n", device.name().c_str());
    for (; run != end; run++) {
      if (software &&
          (dn_software_cuda_set("schedule", run->schedule) != 0 || dn_software_cuda_set("drift", run->drift) != 0 ||
           dn_software_cuda_set("races", run->races) != 0)) {
        kernels_test::fail("the software device refuses the schedule");
      }
      device.limit_blocks(run->blocks);
      if (!fused) test(device);
      if (fused || gpu) test_fused(device, count == 4 ? arguments[3] : nullptr);
    }
  } catch (const std::exception& error) {
    std::fprintf(stderr, "schedule %s, drift %s, races %s, blocks %u: %s\n", run->schedule, run->drift, run->races,
                 run->blocks, error.what());
    return 1;
  }
  return 0;
}
