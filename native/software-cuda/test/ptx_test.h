// The interpreter's tests: a device memory of their own, launches in all schedules, and kernels around one instruction.
#ifndef DENSENET4J_SOFTWARE_CUDA_PTX_TEST_H
#define DENSENET4J_SOFTWARE_CUDA_PTX_TEST_H

#include <cstdint>
#include <cstring>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "check.h"
#include "executor.h"

namespace software_cuda {

// Allocations apart from each other, at addresses that the host cannot use.
class TestMemory : public DeviceMemory {
 public:
  Block find(uint64_t address) const override;
  uint64_t allocate(size_t bytes);

  template <class T>
  uint64_t upload(const std::vector<T>& values) {
    const uint64_t address = allocate(values.size() * sizeof(T));
    if (!values.empty()) std::memcpy(find(address).host, values.data(), values.size() * sizeof(T));
    return address;
  }

  template <class T>
  std::vector<T> download(uint64_t address, size_t count) const {
    std::vector<T> values(count);
    if (count) std::memcpy(values.data(), find(address).host, count * sizeof(T));
    return values;
  }

 private:
  std::map<uint64_t, std::vector<std::byte>> blocks_;
  uint64_t next_ = 0x7d00'0000'0000;
};

// Packs values as a kernel's parameters lie.
class Arguments {
 public:
  template <class T>
  Arguments& add(T value) {
    const size_t begin = (bytes_.size() + alignof(T) - 1) / alignof(T) * alignof(T);
    bytes_.resize(begin + sizeof(T));
    std::memcpy(bytes_.data() + begin, &value, sizeof(T));
    return *this;
  }
  const std::byte* data() const { return bytes_.data(); }

 private:
  std::vector<std::byte> bytes_;
};

template <class... T>
Arguments arguments(T... values) {
  Arguments list;
  (list.add(values), ...);
  return list;
}

struct Shape {
  Dimensions grid, block;
  uint32_t dynamic_shared_bytes = 0;
};

std::string read_ptx(const std::string& stem);

// Forward, reverse, random twice, and random with drifting lanes.
std::vector<Schedule> all_schedules();

void launch(const Kernel& kernel, const Shape& shape, const Arguments& arguments, const DeviceMemory& memory,
            const Schedule& schedule = {}, unsigned host_threads = 1, uint64_t most_instructions = kMostInstructions);

// Places a module's variables with their initial values; returns where each lies.
std::vector<uint64_t> place_variables(Module& module, TestMemory& memory);

// The fault that a launch ends with; fails the check if it ends well.
struct Fault {
  bool happened;
  KernelFault::Kind kind;
  std::string what;
};
Fault fault_of(const std::function<void()>& run);

// A module of one kernel `test` with the given parameters and body.
std::string kernel_text(const std::string& parameters, const std::string& body);

void test_compiled_kernels();
void test_collectives();
void test_integers();
void test_floats();
void test_faults();
void test_races();
void test_damaged_texts();

}  // namespace software_cuda
#endif
