// Graphs that run.
#include <set>

#include "../ptx/random.h"
#include "driver.h"

namespace software_cuda {

namespace {

// The place among the ready steps of the one that goes next.
size_t choose(size_t ready, const Schedule& schedule, Random& random) {
  switch (schedule.order) {
    case Order::kForward: return 0;
    case Order::kReverse: return ready - 1;
    case Order::kRandom: return random.below(ready);
  }
  return 0;
}

}  // namespace

std::vector<size_t> order(const Plan& plan) {
  std::vector<size_t> missing(plan.steps.size()), result;
  std::vector<std::vector<size_t>> before(plan.steps.size());
  std::set<size_t> ready;
  for (size_t step = 0; step < plan.steps.size(); ++step) {
    missing[step] = plan.steps[step].after.size();
    for (size_t each : plan.steps[step].after) before[each].push_back(step);
    if (missing[step] == 0) ready.insert(step);
  }
  const Schedule& schedule = driver().settings.schedule;
  Random random(schedule.seed);
  while (!ready.empty()) {
    const auto chosen = std::next(ready.begin(), static_cast<ptrdiff_t>(choose(ready.size(), schedule, random)));
    const size_t step = *chosen;
    ready.erase(chosen);
    result.push_back(step);
    for (size_t each : before[step]) {
      if (--missing[each] == 0) ready.insert(each);
    }
  }
  return result;
}

namespace {

std::shared_ptr<Executable> instantiate(const Graph& graph) {
  auto executable = std::make_shared<Executable>();
  executable->context = graph.context;
  auto plan = std::make_shared<Plan>();
  for (const auto& node : graph.nodes) {
    const size_t step = executable->steps.size();
    executable->steps[node->handle] = step;
  }
  for (const auto& node : graph.nodes) {
    Plan::Step step{node->operation, {}};
    for (const Node* each : node->after) step.after.push_back(executable->steps.at(each->handle));
    plan->steps.push_back(std::move(step));
  }
  // A circle leaves steps that are never ready.
  require(order(*plan).size() == plan->steps.size());
  executable->plan = plan;
  return executable;
}

}  // namespace

}  // namespace software_cuda

using namespace software_cuda;

extern "C" {

CUresult CUDAAPI cuGraphInstantiateWithFlags(CUgraphExec* result, CUgraph handle, unsigned long long flags) {
  return in_context([&](Context&) {
    constexpr unsigned long long harmless =
        CUDA_GRAPH_INSTANTIATE_FLAG_AUTO_FREE_ON_LAUNCH | CUDA_GRAPH_INSTANTIATE_FLAG_USE_NODE_PRIORITY;
    require(result != nullptr);
    require((flags & ~harmless) == 0, CUDA_ERROR_NOT_SUPPORTED);
    *result = driver().executables.add(instantiate(*driver().graphs.get(handle)));
  });
}

CUresult CUDAAPI cuGraphUpload(CUgraphExec handle, CUstream stream) {
  return in_context([&](Context& context) {
    driver().executables.get(handle);
    enqueue(context, stream_of(context, stream), Nothing());
  });
}

CUresult CUDAAPI cuGraphLaunch(CUgraphExec handle, CUstream stream) {
  return in_context([&](Context& context) {
    const auto executable = driver().executables.get(handle);
    require(executable->context == &context, CUDA_ERROR_INVALID_CONTEXT);
    enqueue(context, stream_of(context, stream), GraphRun{executable->plan});
  });
}

CUresult CUDAAPI cuGraphExecDestroy(CUgraphExec handle) {
  return in_context([&](Context&) {
    driver().executables.get(handle);
    driver().executables.remove(handle);
  });
}

CUresult CUDAAPI cuGraphExecKernelNodeSetParams(CUgraphExec handle, CUgraphNode node,
                                                const CUDA_KERNEL_NODE_PARAMS* parameters) {
  return in_context([&](Context&) {
    const auto executable = driver().executables.get(handle);
    const auto step = executable->steps.find(node);
    require(parameters != nullptr && step != executable->steps.end());
    auto changed = std::make_shared<Plan>(*executable->plan);
    Operation& operation = changed->steps[step->second].operation;
    require(std::holds_alternative<KernelCall>(operation));
    operation = kernel_call(*parameters);
    executable->plan = changed;
  });
}
}
