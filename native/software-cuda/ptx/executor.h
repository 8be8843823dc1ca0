// Executes a kernel of a PTX module: the interface between the interpreter and the driver.
#ifndef DENSENET4J_SOFTWARE_CUDA_EXECUTOR_H
#define DENSENET4J_SOFTWARE_CUDA_EXECUTOR_H

#include <cstddef>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "device_memory.h"

namespace software_cuda {

// PTX that this device cannot read; what() names the line and the instruction.
class PtxError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// What a GPU would punish with a sticky error; what() names kernel, instruction, thread and reason.
class KernelFault : public std::runtime_error {
 public:
  enum class Kind {
    kIllegalAddress,
    kMisalignedAddress,
    kIllegalInstruction,
    kBarrier,
    kTrap,
    kUndefinedBehaviour,
    kRace,
    kTimeout
  };

  KernelFault(Kind kind, const std::string& what) : std::runtime_error(what), kind(kind) {}

  const Kind kind;
};

struct Dimensions {
  uint32_t x, y, z;
};

enum class Order { kForward, kReverse, kRandom };

// In which order warps take turns and blocks are taken up. With `drift`, the lanes of a warp run apart between
// collectives; with `races`, accesses of warps to shared memory that no barrier orders are faults.
struct Schedule {
  Order order = Order::kForward;
  uint64_t seed = 0;
  bool drift = false;
  bool races = false;
};

struct Parameter {
  uint32_t offset, bytes;
};

class Kernel {
 public:
  virtual ~Kernel() = default;
  virtual const std::string& name() const = 0;
  // Where each parameter lies in the packed parameter buffer, in order.
  virtual const std::vector<Parameter>& parameters() const = 0;
  virtual uint32_t parameter_bytes() const = 0;
  virtual uint32_t static_shared_bytes() const = 0;
  virtual uint32_t local_bytes() const = 0;
  // .maxntid's product, or 1024.
  virtual uint32_t max_threads() const = 0;
};

// A variable at module scope in global or constant memory, to be placed by the driver before any launch, aligned as an
// allocation is.
struct Variable {
  std::string name;
  uint64_t bytes;
  std::vector<std::byte> initial;  // empty: zeros
};

class Module {
 public:
  virtual ~Module() = default;
  // Null if there is none of that name.
  virtual const Kernel* kernel(std::string_view name) const = 0;
  virtual const std::vector<Variable>& variables() const = 0;
  // Tells where variable `index` lies.
  virtual void place(size_t index, uint64_t address) = 0;
};

// Throws PtxError.
std::unique_ptr<Module> parse(std::string_view ptx);

// A hundred times what the largest kernels of a training step take.
constexpr uint64_t kMostInstructions = uint64_t{1} << 32;

struct Launch {
  Dimensions grid, block;
  uint32_t dynamic_shared_bytes;
  const std::byte* parameters;  // packed as parameters() says
  unsigned host_threads;        // blocks run in parallel on that many
  // Of all warps together; a launch that goes on after about as many is ended with a fault.
  uint64_t most_instructions = kMostInstructions;
};

// Runs to the end. Throws KernelFault.
void execute(const Kernel& kernel, const Launch& launch, const DeviceMemory& memory, const Schedule& schedule);

}  // namespace software_cuda
#endif
