#include "ptx_test.h"

#include <fstream>
#include <iterator>

namespace software_cuda {

DeviceMemory::Block TestMemory::find(uint64_t address) const {
  auto block = blocks_.upper_bound(address);
  if (block == blocks_.begin()) return {0, 0, nullptr};
  --block;
  if (address - block->first >= block->second.size()) return {0, 0, nullptr};
  return {block->first, block->second.size(), const_cast<std::byte*>(block->second.data())};
}

uint64_t TestMemory::allocate(size_t bytes) {
  const uint64_t address = next_;
  blocks_[address].resize(bytes);
  next_ += (bytes + 4096) / 256 * 256;
  return address;
}

std::string read_ptx(const std::string& stem) {
  std::ifstream file(std::string(PTX_TEST_FOLDER) + "/" + stem + ".ptx");
  CHECK_SAYING(file.good(), stem);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

std::vector<Schedule> all_schedules() {
  return {{Order::kForward, 0, false}, {Order::kReverse, 0, false}, {Order::kRandom, 1, false},
          {Order::kRandom, 2, false},  {Order::kForward, 3, true},  {Order::kRandom, 4, true}};
}

void launch(const Kernel& kernel, const Shape& shape, const Arguments& arguments, const DeviceMemory& memory,
            const Schedule& schedule, unsigned host_threads, uint64_t most_instructions) {
  execute(kernel,
          {shape.grid, shape.block, shape.dynamic_shared_bytes, arguments.data(), host_threads, most_instructions},
          memory, schedule);
}

std::vector<uint64_t> place_variables(Module& module, TestMemory& memory) {
  std::vector<uint64_t> addresses;
  for (const Variable& variable : module.variables()) {
    std::vector<std::byte> initial = variable.initial;
    initial.resize(variable.bytes);
    addresses.push_back(memory.upload(initial));
    module.place(addresses.size() - 1, addresses.back());
  }
  return addresses;
}

Fault fault_of(const std::function<void()>& run) {
  try {
    run();
  } catch (const KernelFault& fault) {
    return {true, fault.kind, fault.what()};
  }
  return {false, KernelFault::Kind::kTrap, "no fault"};
}

std::string kernel_text(const std::string& parameters, const std::string& body) {
  return ".version 9.0\n.target sm_80\n.address_size 64\n.visible .entry test(" + parameters + ") {\n" + body +
      "\nret;\n}\n";
}

}  // namespace software_cuda

int main() {
  using namespace software_cuda;
  test_compiled_kernels();
  test_collectives();
  test_integers();
  test_floats();
  test_faults();
  test_races();
  test_damaged_texts();
  return checks_failed();
}
