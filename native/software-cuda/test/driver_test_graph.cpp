// Graphs that are built node by node, and that are launched.
#include "driver_test.h"

namespace driver_test {

namespace {

CUgraphExec instantiate(CUgraph graph) {
  CUgraphExec executable;
  OK(cuGraphInstantiate(&executable, graph, 0));
  return executable;
}

CUDA_MEMSET_NODE_PARAMS filling(CUdeviceptr address, unsigned value) { return {address, 0, value, 4, 1, 1}; }

void nodes_run_in_the_order_of_their_edges() {
  const Device device;
  const CUdeviceptr value = allocate_value(0);
  int32_t found = 0;
  CUgraph graph;
  OK(cuGraphCreate(&graph, 0));
  CUgraphNode fill, copy, host, empty;
  const CUDA_MEMSET_NODE_PARAMS five = filling(value, 5);
  OK(cuGraphAddMemsetNode(&fill, graph, nullptr, 0, &five, nullptr));
  OK(cuGraphAddEmptyNode(&empty, graph, &fill, 1));
  CUDA_MEMCPY3D back = {};
  back.srcMemoryType = CU_MEMORYTYPE_DEVICE, back.srcDevice = value;
  back.dstMemoryType = CU_MEMORYTYPE_HOST, back.dstHost = &found;
  back.WidthInBytes = 4, back.Height = 1, back.Depth = 1;
  OK(cuGraphAddMemcpyNode(&copy, graph, &empty, 1, &back, nullptr));
  const CUDA_HOST_NODE_PARAMS twice = {[](void* data) { *static_cast<int32_t*>(data) *= 2; }, &found};
  OK(cuGraphAddHostNode(&host, graph, &copy, 1, &twice));
  const CUgraphExec executable = instantiate(graph);
  OK(cuGraphDestroy(graph));
  OK(cuGraphLaunch(executable, nullptr));
  CHECK(found == 0 && dn_software_cuda_count("graph_launches") == 0);
  OK(cuCtxSynchronize());
  CHECK(found == 10 && dn_software_cuda_count("graph_launches") == 1);
  OK(cuGraphExecDestroy(executable));
  CHECK(dn_software_cuda_count("graphs") == 0);
  OK(cuMemFree(value));
}

void a_graph_tells_what_it_consists_of() {
  const Device device;
  CUgraph graph, clone;
  OK(cuGraphCreate(&graph, 0));
  CUgraphNode first, second, third, found[4];
  OK(cuGraphAddEmptyNode(&first, graph, nullptr, 0));
  OK(cuGraphAddEmptyNode(&second, graph, &first, 1));
  OK(cuGraphAddEmptyNode(&third, graph, nullptr, 0));
  OK(cuGraphAddDependencies(graph, &second, &third, nullptr, 1));
  CHECK_CODE(cuGraphAddDependencies(graph, &second, &third, nullptr, 1), CUDA_ERROR_INVALID_VALUE);
  size_t count = 0;
  OK(cuGraphGetNodes(graph, nullptr, &count));
  CHECK(count == 3);
  count = 4;
  OK(cuGraphGetNodes(graph, found, &count));
  CHECK(count == 3 && found[0] == first && found[2] == third && found[3] == nullptr);
  count = 4;
  OK(cuGraphGetRootNodes(graph, found, &count));
  CHECK(count == 1 && found[0] == first);
  CUgraphNode from[2], to[2];
  count = 2;
  OK(cuGraphGetEdges(graph, from, to, nullptr, &count));
  CHECK(count == 2 && from[0] == first && to[0] == second && from[1] == second && to[1] == third);
  CUgraphNodeType type;
  OK(cuGraphNodeGetType(first, &type));
  CHECK(type == CU_GRAPH_NODE_TYPE_EMPTY);
  OK(cuGraphClone(&clone, graph));
  OK(cuGraphNodeFindInClone(found, second, clone));
  count = 1;
  CUgraphNode before;
  OK(cuGraphNodeGetDependencies(found[0], &before, nullptr, &count));
  OK(cuGraphNodeFindInClone(found, first, clone));
  CHECK(count == 1 && before == found[0] && before != first);
  OK(cuGraphDestroyNode(second));
  CHECK_CODE(cuGraphNodeGetType(second, &type), CUDA_ERROR_INVALID_VALUE);
  OK(cuGraphDestroy(graph));
  OK(cuGraphDestroy(clone));
  CHECK_CODE(cuGraphDestroy(clone), CUDA_ERROR_INVALID_VALUE);
}

void a_circle_is_refused() {
  const Device device;
  CUgraph graph;
  CUgraphExec executable;
  OK(cuGraphCreate(&graph, 0));
  CUgraphNode first, second;
  OK(cuGraphAddEmptyNode(&first, graph, nullptr, 0));
  OK(cuGraphAddEmptyNode(&second, graph, &first, 1));
  OK(cuGraphAddDependencies(graph, &second, &first, nullptr, 1));
  CHECK_CODE(cuGraphInstantiate(&executable, graph, 0), CUDA_ERROR_INVALID_VALUE);
  OK(cuGraphDestroy(graph));
}

void nodes_of_another_graph_are_refused() {
  const Device device;
  CUgraph first, second;
  CUgraphNode node, other;
  OK(cuGraphCreate(&first, 0));
  OK(cuGraphCreate(&second, 0));
  OK(cuGraphAddEmptyNode(&node, first, nullptr, 0));
  CHECK_CODE(cuGraphAddEmptyNode(&other, second, &node, 1), CUDA_ERROR_INVALID_VALUE);
  OK(cuGraphDestroy(first));
  CHECK_CODE(cuGraphAddEmptyNode(&other, first, nullptr, 0), CUDA_ERROR_INVALID_VALUE);
  OK(cuGraphDestroy(second));
}

// A missing edge shows: without one, the schedule decides.
int32_t last_of_two_fills(const char* schedule) {
  CHECK(dn_software_cuda_set("schedule", schedule) == 0);
  const CUdeviceptr value = allocate_value(0);
  CUgraph graph;
  OK(cuGraphCreate(&graph, 0));
  CUgraphNode node;
  for (unsigned i = 1; i <= 2; ++i) {
    const CUDA_MEMSET_NODE_PARAMS fill = filling(value, i);
    OK(cuGraphAddMemsetNode(&node, graph, nullptr, 0, &fill, nullptr));
  }
  const CUgraphExec executable = instantiate(graph);
  OK(cuGraphLaunch(executable, nullptr));
  OK(cuCtxSynchronize());
  const int32_t result = peek(value);
  OK(cuGraphExecDestroy(executable));
  OK(cuGraphDestroy(graph));
  OK(cuMemFree(value));
  return result;
}

void the_schedule_orders_what_has_no_order() {
  const Device device;
  CHECK(last_of_two_fills("forward") == 2);
  CHECK(last_of_two_fills("reverse") == 1);
  bool first = false, second = false;
  for (int seed = 0; seed < 20; ++seed) {
    const int32_t last = last_of_two_fills(("random:" + std::to_string(seed)).c_str());
    first = first || last == 1;
    second = second || last == 2;
  }
  CHECK(first && second);
}

void each_run_of_a_graph_stamps_its_events() {
  const Device device;
  const CUdeviceptr value = allocate_value(0);
  CUstream stream;
  CUevent start, end;
  OK(cuStreamCreate(&stream, CU_STREAM_NON_BLOCKING));
  OK(cuEventCreate(&start, 0));
  OK(cuEventCreate(&end, 0));
  CHECK_CODE(cuEventRecordWithFlags(start, stream, CU_EVENT_RECORD_EXTERNAL), CUDA_ERROR_INVALID_VALUE);
  OK(cuStreamBeginCapture(stream, CU_STREAM_CAPTURE_MODE_GLOBAL));
  OK(cuEventRecordWithFlags(start, stream, CU_EVENT_RECORD_EXTERNAL));
  OK(enqueue_add(stream, value, 1));
  OK(cuEventRecordWithFlags(end, stream, CU_EVENT_RECORD_EXTERNAL));
  CUgraph graph;
  OK(cuStreamEndCapture(stream, &graph));
  size_t nodes;
  OK(cuGraphGetNodes(graph, nullptr, &nodes));
  CHECK(nodes == 3);
  const CUgraphExec executable = instantiate(graph);
  float milliseconds, again;
  CHECK_CODE(cuEventElapsedTime(&milliseconds, start, end), CUDA_ERROR_NOT_READY);
  OK(cuGraphLaunch(executable, stream));
  OK(cuStreamSynchronize(stream));
  OK(cuEventElapsedTime(&milliseconds, start, end));
  OK(cuGraphLaunch(executable, stream));
  OK(cuStreamSynchronize(stream));
  OK(cuEventElapsedTime(&again, start, end));
  CHECK(milliseconds >= 0 && again >= 0 && peek(value) == 2);
  OK(cuGraphExecDestroy(executable));
  OK(cuGraphDestroy(graph));
  OK(cuEventDestroy(start));
  OK(cuEventDestroy(end));
  OK(cuStreamDestroy(stream));
  OK(cuMemFree(value));
}

void a_graph_that_uses_freed_memory_loses_the_context() {
  standard_error_of([] {
    const Device device;
    const CUdeviceptr value = allocate_value(0);
    CUgraph graph;
    OK(cuGraphCreate(&graph, 0));
    CUgraphNode node;
    const CUDA_MEMSET_NODE_PARAMS fill = filling(value, 1);
    OK(cuGraphAddMemsetNode(&node, graph, nullptr, 0, &fill, nullptr));
    const CUgraphExec executable = instantiate(graph);
    OK(cuMemFree(value));
    OK(cuGraphLaunch(executable, nullptr));
    CHECK_CODE(cuCtxSynchronize(), CUDA_ERROR_ILLEGAL_ADDRESS);
  });
}

}  // namespace

std::vector<Test> graph_tests() {
  return {{"nodes_run_in_the_order_of_their_edges", nodes_run_in_the_order_of_their_edges},
          {"a_graph_tells_what_it_consists_of", a_graph_tells_what_it_consists_of},
          {"a_circle_is_refused", a_circle_is_refused},
          {"nodes_of_another_graph_are_refused", nodes_of_another_graph_are_refused},
          {"the_schedule_orders_what_has_no_order", the_schedule_orders_what_has_no_order},
          {"each_run_of_a_graph_stamps_its_events", each_run_of_a_graph_stamps_its_events},
          {"a_graph_that_uses_freed_memory_loses_the_context", a_graph_that_uses_freed_memory_loses_the_context}};
}

}  // namespace driver_test
