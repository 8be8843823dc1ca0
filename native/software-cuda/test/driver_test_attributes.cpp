// Launches with attributes.
#include <cstring>

#include "driver_test.h"

namespace driver_test {

namespace {

constexpr int kThreads = 64;
constexpr unsigned kSharedBytes = kThreads * sizeof(int32_t);

// A kernel that turns the order of some numbers around.
struct Reversal {
  Reversal() {
    OK(cuModuleLoadData(&module, read_file("driver_test_kernels.ptx").c_str()));
    OK(cuModuleGetFunction(&function, module, "reverse"));
    OK(cuStreamCreate(&stream, CU_STREAM_NON_BLOCKING));
    int32_t numbers[kThreads];
    for (int32_t i = 0; i < kThreads; ++i) numbers[i] = i;
    OK(cuMemcpyHtoD(values, numbers, sizeof numbers));
  }

  ~Reversal() {
    cuStreamDestroy(stream);
    cuMemFree(values);
    cuModuleUnload(module);
  }

  CUresult launch(CUlaunchAttribute* attributes, unsigned count) {
    const CUlaunchConfig config{1, 1, 1, kThreads, 1, 1, kSharedBytes, stream, attributes, count};
    void* parameters[] = {&values};
    return cuLaunchKernelEx(&config, function, parameters, nullptr);
  }

  // The first of the numbers.
  int32_t first() const {
    OK(cuStreamSynchronize(stream));
    return peek(values);
  }

  CUdeviceptr values = allocate(kThreads * sizeof(int32_t));
  CUmodule module;
  CUfunction function;
  CUstream stream;
};

CUlaunchAttribute attribute(CUlaunchAttributeID id, int value) {
  CUlaunchAttribute result;
  std::memset(&result, 0, sizeof result);
  result.id = id;
  result.value.programmaticStreamSerializationAllowed = value;
  return result;
}

void programmatic_launches_are_counted_and_run_in_order() {
  const Device device;
  Reversal reversal;
  dn_software_cuda_reset_counts();
  CUlaunchAttribute attributes[] = {attribute(CU_LAUNCH_ATTRIBUTE_IGNORE, 0),
                                    attribute(CU_LAUNCH_ATTRIBUTE_PROGRAMMATIC_STREAM_SERIALIZATION, 1)};
  OK(reversal.launch(nullptr, 0));
  CHECK(dn_software_cuda_count("programmatic_launches") == 0 && reversal.first() == kThreads - 1);
  OK(reversal.launch(attributes, 2));
  OK(reversal.launch(attributes, 2));
  CHECK(dn_software_cuda_count("programmatic_launches") == 2 && reversal.first() == kThreads - 1);
  attributes[1].value.programmaticStreamSerializationAllowed = 0;
  OK(reversal.launch(attributes, 2));
  CHECK(dn_software_cuda_count("programmatic_launches") == 2 && reversal.first() == 0);
  CHECK(dn_software_cuda_count("launches") == 4);
}

void programmatic_launches_are_captured() {
  const Device device;
  Reversal reversal;
  CUlaunchAttribute early = attribute(CU_LAUNCH_ATTRIBUTE_PROGRAMMATIC_STREAM_SERIALIZATION, 1);
  OK(cuStreamBeginCapture(reversal.stream, CU_STREAM_CAPTURE_MODE_GLOBAL));
  for (int i = 0; i < 3; ++i) OK(reversal.launch(&early, 1));
  CUgraph graph;
  OK(cuStreamEndCapture(reversal.stream, &graph));
  size_t nodes, edges;
  OK(cuGraphGetNodes(graph, nullptr, &nodes));
  OK(cuGraphGetEdges(graph, nullptr, nullptr, nullptr, &edges));
  CHECK(nodes == 3 && edges == 2);
  CUgraphExec executable;
  OK(cuGraphInstantiate(&executable, graph, 0));
  OK(cuGraphLaunch(executable, reversal.stream));
  CHECK(reversal.first() == kThreads - 1);
  OK(cuGraphExecDestroy(executable));
  OK(cuGraphDestroy(graph));
}

void other_attributes_are_refused() {
  const Device device;
  Reversal reversal;
  CUlaunchAttribute cooperative = attribute(CU_LAUNCH_ATTRIBUTE_COOPERATIVE, 1);
  CHECK_CODE(reversal.launch(&cooperative, 1), CUDA_ERROR_NOT_SUPPORTED);
  CHECK_CODE(reversal.launch(nullptr, 1), CUDA_ERROR_INVALID_VALUE);
  CHECK_CODE(cuLaunchKernelEx(nullptr, reversal.function, nullptr, nullptr), CUDA_ERROR_INVALID_VALUE);
  CUlaunchAttribute early = attribute(CU_LAUNCH_ATTRIBUTE_PROGRAMMATIC_STREAM_SERIALIZATION, 1);
  CHECK(dn_software_cuda_set("refuse", "programmatic_launch") == 0);
  CHECK_CODE(reversal.launch(&early, 1), CUDA_ERROR_NOT_SUPPORTED);
  CHECK(dn_software_cuda_set("refuse", "") == 0);
  CHECK(reversal.first() == 0);
}

}  // namespace

std::vector<Test> attribute_tests() {
  return {{"programmatic_launches_are_counted_and_run_in_order", programmatic_launches_are_counted_and_run_in_order},
          {"programmatic_launches_are_captured", programmatic_launches_are_captured},
          {"other_attributes_are_refused", other_attributes_are_refused}};
}

}  // namespace driver_test
