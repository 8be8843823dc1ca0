// What a graph consists of: nodes and the order between them.
#include <algorithm>

#include "driver.h"

using namespace software_cuda;

namespace {

using Edge = std::pair<Node*, Node*>;

Graph& graph_of(CUgraph handle) { return *driver().graphs.get(handle); }

Node& node_of(CUgraphNode handle) { return *driver().nodes.get(handle); }

std::vector<Edge> edges(const Graph& graph) {
  std::vector<Edge> result;
  for (const auto& node : graph.nodes) {
    for (Node* each : node->after) result.push_back({each, node.get()});
  }
  return result;
}

// As all such calls do: without an array the count, otherwise as many as it holds, the rest of it null.
void give(const std::vector<Node*>& nodes, CUgraphNode* array, size_t* count) {
  require(count != nullptr);
  if (array == nullptr) {
    *count = nodes.size();
    return;
  }
  for (size_t i = 0; i < *count; ++i) array[i] = i < nodes.size() ? nodes[i]->handle : nullptr;
  *count = std::min(*count, nodes.size());
}

CUresult give_edges(CUgraph handle, CUgraphNode* from, CUgraphNode* to, size_t* count) {
  return in_context([&](Context&) {
    require(count != nullptr && (from == nullptr) == (to == nullptr));
    std::vector<Node*> first, second;
    for (const Edge& edge : edges(graph_of(handle))) {
      first.push_back(edge.first);
      second.push_back(edge.second);
    }
    size_t capacity = *count;
    give(first, from, &capacity);
    give(second, to, count);
  });
}

CUresult give_dependencies(CUgraphNode handle, CUgraphNode* array, size_t* count) {
  return in_context([&](Context&) { give(node_of(handle).after, array, count); });
}

CUresult give_dependents(CUgraphNode handle, CUgraphNode* array, size_t* count) {
  return in_context([&](Context&) {
    const Node& node = node_of(handle);
    std::vector<Node*> dependents;
    for (const Edge& edge : edges(*node.graph)) {
      if (edge.first == &node) dependents.push_back(edge.second);
    }
    give(dependents, array, count);
  });
}

CUresult add_dependencies(CUgraph handle, const CUgraphNode* from, const CUgraphNode* to, size_t count) {
  return in_context([&](Context&) {
    const Graph& graph = graph_of(handle);
    require(count == 0 || (from != nullptr && to != nullptr));
    for (size_t i = 0; i < count; ++i) {
      Node &first = node_of(from[i]), &second = node_of(to[i]);
      require(first.graph == &graph && second.graph == &graph && &first != &second);
      require(std::find(second.after.begin(), second.after.end(), &first) == second.after.end());
    }
    for (size_t i = 0; i < count; ++i) node_of(to[i]).after.push_back(&node_of(from[i]));
  });
}

// All edges are plain ones.
void clear(CUgraphEdgeData* data, const size_t* count) {
  if (data != nullptr && count != nullptr) std::fill_n(data, *count, CUgraphEdgeData{});
}

}  // namespace

extern "C" {

CUresult CUDAAPI cuGraphGetNodes(CUgraph handle, CUgraphNode* array, size_t* count) {
  return in_context([&](Context&) {
    std::vector<Node*> nodes;
    for (const auto& node : graph_of(handle).nodes) nodes.push_back(node.get());
    give(nodes, array, count);
  });
}

CUresult CUDAAPI cuGraphGetRootNodes(CUgraph handle, CUgraphNode* array, size_t* count) {
  return in_context([&](Context&) {
    std::vector<Node*> roots;
    for (const auto& node : graph_of(handle).nodes) {
      if (node->after.empty()) roots.push_back(node.get());
    }
    give(roots, array, count);
  });
}

CUresult CUDAAPI cuGraphDestroyNode(CUgraphNode handle) {
  return in_context([&](Context&) {
    Node& node = node_of(handle);
    auto& nodes = node.graph->nodes;
    for (const auto& each : nodes) {
      each->after.erase(std::remove(each->after.begin(), each->after.end(), &node), each->after.end());
    }
    const auto kept = driver().nodes.get(handle);
    nodes.erase(std::remove(nodes.begin(), nodes.end(), kept), nodes.end());
    driver().nodes.remove(handle);
  });
}

CUresult CUDAAPI cuGraphGetEdges_v2(CUgraph graph, CUgraphNode* from, CUgraphNode* to, CUgraphEdgeData* data,
                                    size_t* count) {
  clear(data, count);
  return give_edges(graph, from, to, count);
}

CUresult CUDAAPI cuGraphNodeGetDependencies_v2(CUgraphNode node, CUgraphNode* array, CUgraphEdgeData* data,
                                               size_t* count) {
  clear(data, count);
  return give_dependencies(node, array, count);
}

CUresult CUDAAPI cuGraphNodeGetDependentNodes_v2(CUgraphNode node, CUgraphNode* array, CUgraphEdgeData* data,
                                                 size_t* count) {
  clear(data, count);
  return give_dependents(node, array, count);
}

CUresult CUDAAPI cuGraphAddDependencies_v2(CUgraph graph, const CUgraphNode* from, const CUgraphNode* to,
                                           const CUgraphEdgeData* data, size_t count) {
  if (data != nullptr) return CUDA_ERROR_NOT_SUPPORTED;
  return add_dependencies(graph, from, to, count);
}

// The header gives these names to the newer functions.
#undef cuGraphGetEdges
#undef cuGraphNodeGetDependencies
#undef cuGraphNodeGetDependentNodes
#undef cuGraphAddDependencies

CUresult CUDAAPI cuGraphGetEdges(CUgraph graph, CUgraphNode* from, CUgraphNode* to, size_t* count) {
  return give_edges(graph, from, to, count);
}

CUresult CUDAAPI cuGraphNodeGetDependencies(CUgraphNode node, CUgraphNode* array, size_t* count) {
  return give_dependencies(node, array, count);
}

CUresult CUDAAPI cuGraphNodeGetDependentNodes(CUgraphNode node, CUgraphNode* array, size_t* count) {
  return give_dependents(node, array, count);
}

CUresult CUDAAPI cuGraphAddDependencies(CUgraph graph, const CUgraphNode* from, const CUgraphNode* to, size_t count) {
  return add_dependencies(graph, from, to, count);
}
}
