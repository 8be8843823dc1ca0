// Does the work.
#include "operation.h"

#include <cstring>

#include "driver.h"
#include "faults.h"
#include "recording.h"

namespace software_cuda {

namespace {

thread_local bool host_code = false;

class InHostCode {
 public:
  InHostCode() { host_code = true; }
  ~InHostCode() { host_code = false; }
};

// The host's view of a range. Outside the device's addresses and pinned memory it is the host's own.
std::byte* resolve(uint64_t address, uint64_t bytes, CUresult otherwise) {
  const AddressSpace& memory = driver().memory;
  std::byte* found = memory.at(address, bytes);
  if (found != nullptr) return found;
  if (address != 0 && !memory.is_device(address) && memory.holding(address) == nullptr) {
    return reinterpret_cast<std::byte*>(address);
  }
  if (otherwise == CUDA_ERROR_INVALID_VALUE) throw Failure(otherwise);
  char text[96];
  std::snprintf(text, sizeof text, "%llu bytes at 0x%llx are not in one allocation",
                static_cast<unsigned long long>(bytes), static_cast<unsigned long long>(address));
  throw Failure(otherwise, text);
}

size_t extent(const Copy& copy, const Copy::Side& side) {
  return (copy.depth - 1) * side.slice + (copy.height - 1) * side.pitch + copy.width;
}

bool empty(const Copy& copy) { return copy.width == 0 || copy.height == 0 || copy.depth == 0; }

template <class Element>
void fill(const Fill& fill, std::byte* to) {
  const auto value = static_cast<Element>(fill.value);
  for (size_t row = 0; row < fill.height; ++row) {
    for (size_t i = 0; i < fill.width; ++i) std::memcpy(to + row * fill.pitch + i * sizeof value, &value, sizeof value);
  }
}

size_t extent(const Fill& fill) { return (fill.height - 1) * fill.pitch + fill.width * fill.element; }

bool empty(const Fill& fill) { return fill.width == 0 || fill.height == 0; }

void perform(const Nothing&) {}

void perform(const KernelCall& call) {
  const Function& function = *call.function;
  if (function.module->unloaded) {
    throw Failure(CUDA_ERROR_ILLEGAL_ADDRESS, function.kernel->name() + " runs after its module was unloaded");
  }
  begin_launch(function.kernel->name());
  const Settings& settings = driver().settings;
  if (!settings.record.empty()) return record(call);
  const Launch launch{call.grid,         call.block, call.dynamic_shared_bytes, call.parameters.data(),
                      settings.threads, settings.instructions};
  execute(*function.kernel, launch, driver().memory, settings.schedule);
}

void perform(const LibraryCall& call) {
  begin_launch(call.name);
  const InHostCode here;
  const int result = call.run(call.arguments.data());
  if (result != 0) throw Failure(static_cast<CUresult>(result), call.name + " failed");
}

void perform(const Copy& copy) {
  if (empty(copy)) return;
  std::byte* to = resolve(copy.to.address, extent(copy, copy.to), CUDA_ERROR_ILLEGAL_ADDRESS);
  const std::byte* from = resolve(copy.from.address, extent(copy, copy.from), CUDA_ERROR_ILLEGAL_ADDRESS);
  const auto offset = [](const Copy::Side& side, size_t slice, size_t row) {
    return slice * side.slice + row * side.pitch;
  };
  for (size_t slice = 0; slice < copy.depth; ++slice) {
    for (size_t row = 0; row < copy.height; ++row) {
      std::memcpy(to + offset(copy.to, slice, row), from + offset(copy.from, slice, row), copy.width);
    }
  }
}

void perform(const Fill& work) {
  if (empty(work)) return;
  std::byte* to = resolve(work.to, extent(work), CUDA_ERROR_ILLEGAL_ADDRESS);
  if (work.element == 1) {
    fill<uint8_t>(work, to);
  } else if (work.element == 2) {
    fill<uint16_t>(work, to);
  } else {
    fill<uint32_t>(work, to);
  }
}

void perform(const HostCall& call) {
  const InHostCode here;
  call.function(call.data);
}

void perform(const WriteValue& write) {
  std::memcpy(resolve(write.to, sizeof write.value, CUDA_ERROR_ILLEGAL_ADDRESS), &write.value, sizeof write.value);
}

void perform(const WaitValue& wait) {
  uint32_t found;
  std::memcpy(&found, resolve(wait.at, sizeof found, CUDA_ERROR_ILLEGAL_ADDRESS), sizeof found);
  const unsigned mode = wait.flags & 3u;
  const bool met = mode == CU_STREAM_WAIT_VALUE_GEQ   ? static_cast<int32_t>(found - wait.value) >= 0
                   : mode == CU_STREAM_WAIT_VALUE_EQ  ? found == wait.value
                   : mode == CU_STREAM_WAIT_VALUE_AND ? (found & wait.value) != 0
                                                      : ~(found | wait.value) != 0;
  // All earlier work of the context is done by now.
  if (!met) throw Failure(CUDA_ERROR_LAUNCH_TIMEOUT, "a stream waits for a value that nothing enqueued before writes");
}

void perform(const Timestamp& stamp) { stamp.moment->time = std::chrono::steady_clock::now(); }

void perform(const GraphRun& graph) {
  ++driver().counters.graph_launches;
  for (size_t step : order(*graph.plan)) run(graph.plan->steps[step].operation);
}

}  // namespace

bool in_host_code() { return host_code; }

void check(const Copy& copy) {
  if (empty(copy)) return;
  const bool flat = copy.height == 1 && copy.depth == 1;
  require(flat || (copy.to.pitch >= copy.width && copy.from.pitch >= copy.width));
  require(copy.depth == 1 ||
          (copy.to.slice >= copy.to.pitch * copy.height && copy.from.slice >= copy.from.pitch * copy.height));
  const std::byte* to = resolve(copy.to.address, extent(copy, copy.to), CUDA_ERROR_INVALID_VALUE);
  const std::byte* from = resolve(copy.from.address, extent(copy, copy.from), CUDA_ERROR_INVALID_VALUE);
  require(!flat || to + copy.width <= from || from + copy.width <= to);
}

void check(const Fill& fill) {
  require(fill.element == 1 || fill.element == 2 || fill.element == 4);
  require(fill.to % fill.element == 0 && (fill.height <= 1 || fill.pitch >= fill.width * fill.element));
  if (empty(fill)) return;
  require(driver().memory.at(fill.to, extent(fill)) != nullptr);
}

void run(const Operation& operation) {
  std::visit([](const auto& work) { perform(work); }, operation);
}

}  // namespace software_cuda
