// Graphs and what they are instantiated to.
#ifndef DENSENET4J_SOFTWARE_CUDA_GRAPH_H
#define DENSENET4J_SOFTWARE_CUDA_GRAPH_H

#include <cuda.h>

#include <map>
#include <memory>
#include <vector>

#include "operation.h"

namespace software_cuda {

struct Context;
struct Graph;

struct Node {
  CUgraphNode handle = nullptr;
  Graph* graph = nullptr;
  Operation operation;
  std::vector<Node*> after;
  // The node that this is a clone of, by handle; null: none.
  CUgraphNode original = nullptr;
  // Where cuGraphKernelNodeGetParams says the parameters are.
  std::vector<void*> parameters;
};

struct Graph {
  CUgraph handle = nullptr;
  Context* context = nullptr;
  std::vector<std::shared_ptr<Node>> nodes;
};

struct Executable {
  CUgraphExec handle = nullptr;
  Context* context = nullptr;
  // Launches that have not run yet share it: whoever changes it copies it first.
  std::shared_ptr<const Plan> plan;
  std::map<CUgraphNode, size_t> steps;
};

std::shared_ptr<Graph> new_graph(Context& context);
std::shared_ptr<Node> add_node(Graph& graph, Operation operation, std::vector<Node*> after);
void destroy_graph(CUgraph handle);

// The plan's steps in an order that the schedule's setting chooses among those possible.
std::vector<size_t> order(const Plan& plan);

}  // namespace software_cuda
#endif
