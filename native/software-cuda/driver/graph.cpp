// Graphs and their nodes.
#include "graph.h"

#include <algorithm>

#include "driver.h"
#include "transfer.h"

namespace software_cuda {

std::shared_ptr<Graph> new_graph(Context& context) {
  auto graph = std::make_shared<Graph>();
  graph->context = &context;
  driver().graphs.add(graph);
  return graph;
}

std::shared_ptr<Node> add_node(Graph& graph, Operation operation, std::vector<Node*> after) {
  auto node = std::make_shared<Node>();
  node->graph = &graph;
  node->operation = std::move(operation);
  node->after = std::move(after);
  driver().nodes.add(node);
  graph.nodes.push_back(node);
  return node;
}

void destroy_graph(CUgraph handle) {
  for (const auto& node : driver().graphs.get(handle)->nodes) driver().nodes.remove(node->handle);
  driver().graphs.remove(handle);
}

namespace {

std::vector<Node*> nodes_of(const Graph& graph, const CUgraphNode* handles, size_t count) {
  require(count == 0 || handles != nullptr);
  std::vector<Node*> nodes;
  for (size_t i = 0; i < count; ++i) {
    nodes.push_back(driver().nodes.get(handles[i]).get());
    require(nodes.back()->graph == &graph);
  }
  return nodes;
}

// Where a new node goes.
struct Place {
  CUgraphNode* result;
  CUgraph graph;
  const CUgraphNode* after;
  size_t count;
};

template <class Make>
CUresult add(const Place& place, Make make) {
  return in_context([&](Context&) {
    require(place.result != nullptr);
    Graph& graph = *driver().graphs.get(place.graph);
    std::vector<Node*> after = nodes_of(graph, place.after, place.count);
    *place.result = add_node(graph, make(), std::move(after))->handle;
  });
}

CUgraphNodeType type(const Operation& operation) {
  struct Types {
    CUgraphNodeType operator()(const KernelCall&) const { return CU_GRAPH_NODE_TYPE_KERNEL; }
    CUgraphNodeType operator()(const LibraryCall&) const { return CU_GRAPH_NODE_TYPE_KERNEL; }
    CUgraphNodeType operator()(const Copy&) const { return CU_GRAPH_NODE_TYPE_MEMCPY; }
    CUgraphNodeType operator()(const Fill&) const { return CU_GRAPH_NODE_TYPE_MEMSET; }
    CUgraphNodeType operator()(const HostCall&) const { return CU_GRAPH_NODE_TYPE_HOST; }
    CUgraphNodeType operator()(const Nothing&) const { return CU_GRAPH_NODE_TYPE_EMPTY; }
    CUgraphNodeType operator()(const WriteValue&) const { return CU_GRAPH_NODE_TYPE_BATCH_MEM_OP; }
    CUgraphNodeType operator()(const WaitValue&) const { return CU_GRAPH_NODE_TYPE_BATCH_MEM_OP; }
    CUgraphNodeType operator()(const Timestamp&) const { return CU_GRAPH_NODE_TYPE_EVENT_RECORD; }
    CUgraphNodeType operator()(const GraphRun&) const { return CU_GRAPH_NODE_TYPE_GRAPH; }
  };
  return std::visit(Types(), operation);
}

Fill fill_of(const CUDA_MEMSET_NODE_PARAMS& parameters) {
  const Fill fill{parameters.dst, parameters.pitch, parameters.value, parameters.elementSize, parameters.width,
                  parameters.height};
  check(fill);
  return fill;
}

std::shared_ptr<Graph> clone(const Graph& original) {
  auto copy = new_graph(*original.context);
  std::map<const Node*, Node*> copies;
  for (const auto& node : original.nodes) {
    const auto twin = add_node(*copy, node->operation, {});
    twin->original = node->handle;
    copies[node.get()] = twin.get();
  }
  for (const auto& node : original.nodes) {
    for (const Node* each : node->after) copies[node.get()]->after.push_back(copies[each]);
  }
  return copy;
}

}  // namespace

}  // namespace software_cuda

using namespace software_cuda;

extern "C" {

CUresult CUDAAPI cuGraphCreate(CUgraph* result, unsigned flags) {
  return in_context([&](Context& context) {
    require(result != nullptr && flags == 0);
    *result = new_graph(context)->handle;
  });
}

CUresult CUDAAPI cuGraphDestroy(CUgraph handle) {
  return in_context([&](Context&) {
    driver().graphs.get(handle);
    for (const auto& capture : driver().captures) require(capture->graph->handle != handle);
    destroy_graph(handle);
  });
}

CUresult CUDAAPI cuGraphClone(CUgraph* result, CUgraph handle) {
  return in_context([&](Context&) {
    require(result != nullptr);
    *result = clone(*driver().graphs.get(handle))->handle;
  });
}

CUresult CUDAAPI cuGraphNodeFindInClone(CUgraphNode* result, CUgraphNode original, CUgraph handle) {
  return in_context([&](Context&) {
    require(result != nullptr);
    const auto graph = driver().graphs.get(handle);
    const auto found = std::find_if(graph->nodes.begin(), graph->nodes.end(),
                                    [&](const auto& node) { return node->original == original; });
    require(found != graph->nodes.end());
    *result = (*found)->handle;
  });
}

CUresult CUDAAPI cuGraphAddKernelNode(CUgraphNode* result, CUgraph graph, const CUgraphNode* after, size_t count,
                                      const CUDA_KERNEL_NODE_PARAMS* parameters) {
  return add({result, graph, after, count}, [&] {
    require(parameters != nullptr);
    return kernel_call(*parameters);
  });
}

CUresult CUDAAPI cuGraphAddMemcpyNode(CUgraphNode* result, CUgraph graph, const CUgraphNode* after, size_t count,
                                      const CUDA_MEMCPY3D* parameters, CUcontext) {
  return add({result, graph, after, count}, [&] {
    require(parameters != nullptr);
    return copy_of(*parameters);
  });
}

CUresult CUDAAPI cuGraphAddMemsetNode(CUgraphNode* result, CUgraph graph, const CUgraphNode* after, size_t count,
                                      const CUDA_MEMSET_NODE_PARAMS* parameters, CUcontext) {
  return add({result, graph, after, count}, [&] {
    require(parameters != nullptr);
    return fill_of(*parameters);
  });
}

CUresult CUDAAPI cuGraphAddHostNode(CUgraphNode* result, CUgraph graph, const CUgraphNode* after, size_t count,
                                    const CUDA_HOST_NODE_PARAMS* parameters) {
  return add({result, graph, after, count}, [&] {
    require(parameters != nullptr && parameters->fn != nullptr);
    return HostCall{parameters->fn, parameters->userData};
  });
}

CUresult CUDAAPI cuGraphAddEmptyNode(CUgraphNode* result, CUgraph graph, const CUgraphNode* after, size_t count) {
  return add({result, graph, after, count}, [&] { return Nothing(); });
}

CUresult CUDAAPI cuGraphNodeGetType(CUgraphNode handle, CUgraphNodeType* result) {
  return in_context([&](Context&) {
    require(result != nullptr);
    *result = type(driver().nodes.get(handle)->operation);
  });
}

CUresult CUDAAPI cuGraphKernelNodeGetParams(CUgraphNode handle, CUDA_KERNEL_NODE_PARAMS* result) {
  return in_context([&](Context&) {
    require(result != nullptr);
    const auto node = driver().nodes.get(handle);
    require(!std::holds_alternative<LibraryCall>(node->operation), CUDA_ERROR_NOT_SUPPORTED);
    auto* call = std::get_if<KernelCall>(&node->operation);
    require(call != nullptr);
    node->parameters.clear();
    for (const Parameter& each : call->function->kernel->parameters()) {
      node->parameters.push_back(call->parameters.data() + each.offset);
    }
    *result = {};
    result->func = call->function->handle;
    result->gridDimX = call->grid.x, result->gridDimY = call->grid.y, result->gridDimZ = call->grid.z;
    result->blockDimX = call->block.x, result->blockDimY = call->block.y, result->blockDimZ = call->block.z;
    result->sharedMemBytes = call->dynamic_shared_bytes;
    result->kernelParams = node->parameters.data();
  });
}

CUresult CUDAAPI cuGraphKernelNodeSetParams(CUgraphNode handle, const CUDA_KERNEL_NODE_PARAMS* parameters) {
  return in_context([&](Context&) {
    const auto node = driver().nodes.get(handle);
    require(parameters != nullptr && std::holds_alternative<KernelCall>(node->operation));
    node->operation = kernel_call(*parameters);
  });
}
}
