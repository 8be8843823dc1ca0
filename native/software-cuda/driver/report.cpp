// Leaks and counters.
#include "report.h"

#include <cstring>

#include "densenet4j_software_cuda.h"
#include "driver.h"

namespace software_cuda {

namespace {

void say_allocations(const Context& context) {
  for (const Allocation* each : driver().memory.of(&context)) {
    const std::string damage = each->damage();
    if (!damage.empty()) say(damage);
    if (each->kind != MemoryKind::kModule) say("never freed: " + each->text());
  }
}

void say_count(size_t count, const char* what) {
  if (count > 0) say("never destroyed: " + std::to_string(count) + " " + what);
}

int64_t count(const std::string& name) {
  Driver& state = driver();
  if (name == "live_bytes") return static_cast<int64_t>(state.memory.total(MemoryKind::kDevice));
  if (name == "peak_bytes") return static_cast<int64_t>(state.counters.peak_bytes);
  if (name == "requested_bytes") return static_cast<int64_t>(state.counters.requested_bytes);
  if (name == "live_allocations") return static_cast<int64_t>(state.memory.count(MemoryKind::kDevice));
  if (name == "host_bytes") {
    return static_cast<int64_t>(state.memory.total(MemoryKind::kPinned) + state.memory.total(MemoryKind::kRegistered));
  }
  if (name == "contexts") return static_cast<int64_t>(state.contexts.size() - (state.primary->alive ? 0 : 1));
  if (name == "modules") return static_cast<int64_t>(state.modules.size());
  if (name == "streams") return static_cast<int64_t>(state.streams.size());
  if (name == "events") return static_cast<int64_t>(state.events.size());
  if (name == "graphs") return static_cast<int64_t>(state.graphs.size() + state.executables.size());
  if (name == "launches") return static_cast<int64_t>(state.counters.launches);
  if (name == "graph_launches") return static_cast<int64_t>(state.counters.graph_launches);
  if (name == "programmatic_launches") return static_cast<int64_t>(state.counters.programmatic_launches);
  return -1;
}

// Runs when the process exits.
struct AtExit {
  ~AtExit() {
    Driver& state = driver();
    const std::lock_guard<std::recursive_mutex> lock(state.mutex);
    for (const auto& context : state.contexts.all()) {
      if (context->alive && context->lost == CUDA_SUCCESS) report_leaks(*context);
    }
    state.ended = true;
  }
};

const AtExit at_exit;

}  // namespace

void report_leaks(Context& context) {
  say_allocations(context);
  say_count(driver().modules.of(&context).size(), "modules");
  say_count(driver().streams.of(&context).size(), "streams");
  say_count(driver().events.of(&context).size(), "events");
  say_count(driver().graphs.of(&context).size(), "graphs");
  say_count(driver().executables.of(&context).size(), "executable graphs");
}

}  // namespace software_cuda

using namespace software_cuda;

extern "C" {

int64_t dn_software_cuda_count(const char* name) {
  const std::lock_guard<std::recursive_mutex> lock(driver().mutex);
  return name == nullptr ? -1 : count(name);
}

void dn_software_cuda_reset_counts(void) {
  const std::lock_guard<std::recursive_mutex> lock(driver().mutex);
  driver().counters = Counters();
  driver().counters.peak_bytes = driver().memory.total(MemoryKind::kDevice);
}
}
