// Writes launches down.
#include "recording.h"

#include <algorithm>
#include <cstring>
#include <fstream>
#include <iomanip>
#include <set>

#include "driver.h"

namespace software_cuda {

namespace {

constexpr size_t kPage = 4096;
constexpr std::byte kPoison{0xff};

std::ofstream opened(const std::string& name) {
  const std::string path = driver().settings.record + "/" + name;
  std::ofstream file(path, std::ios::binary | std::ios::app);
  if (!file) throw Failure(CUDA_ERROR_OPERATING_SYSTEM, "launches cannot be recorded: " + path + " cannot be written");
  return file;
}

void write_pages(std::ostream& to, const Allocation& allocation) {
  for (size_t at = 0; at < allocation.bytes; at += kPage) {
    const size_t bytes = std::min(kPage, allocation.bytes - at);
    const std::byte* page = allocation.host + at;
    const auto same = [page](std::byte each) { return each == *page; };
    if ((*page == kPoison || *page == std::byte{0}) && std::all_of(page, page + bytes, same)) continue;
    const uint64_t header[] = {allocation.address + at, bytes};
    to.write(reinterpret_cast<const char*>(header), sizeof header);
    to.write(reinterpret_cast<const char*>(page), static_cast<std::streamsize>(bytes));
  }
}

}  // namespace

void record(const KernelCall& call) {
  static std::set<uint64_t> written;  // serials of allocations
  auto memory = opened("memory");
  for (const Allocation* each : driver().memory.of(call.function->context)) {
    if (each->kind == MemoryKind::kDevice && written.insert(each->serial).second) write_pages(memory, *each);
  }
  auto launches = opened("launches");
  launches << call.function->kernel->name();
  for (const Dimensions& d : {call.grid, call.block}) launches << ' ' << d.x << ' ' << d.y << ' ' << d.z;
  launches << ' ' << call.dynamic_shared_bytes << ' ' << std::hex << std::setfill('0');
  for (std::byte each : call.parameters) launches << std::setw(2) << std::to_integer<unsigned>(each);
  launches << '\n';
  if (!memory.flush() || !launches.flush()) {
    throw Failure(CUDA_ERROR_OPERATING_SYSTEM, "launches cannot be recorded: the disk is full");
  }
}

}  // namespace software_cuda
