// What a test may choose about the device.
#ifndef DENSENET4J_SOFTWARE_CUDA_SETTINGS_H
#define DENSENET4J_SOFTWARE_CUDA_SETTINGS_H

#include <cuda.h>

#include <cstdint>
#include <map>
#include <string>

#include "../ptx/executor.h"
#include "device.h"

namespace software_cuda {

// The launch that is to fail; count 0: none.
struct Injection {
  std::string name;
  uint64_t count = 0;
  CUresult code = CUDA_ERROR_LAUNCH_FAILED;
};

struct Settings {
  uint64_t memory = uint64_t{16} << 30;
  Schedule schedule;
  unsigned threads;
  uint64_t instructions = kMostInstructions;
  int driver_version = 13000;
  int devices = 1;
  uint32_t block_shared = device::kSharedOptIn;
  Injection fail;
  std::string record;                 // the folder that launches go to instead of being run, or empty
  std::map<std::string, int> refuse;  // what is refused, and the number given with it

  // With the environment's choices.
  Settings();

  // False if key or value make no sense; nothing has changed then.
  bool set(const std::string& key, const std::string& value);

  // What the environment says that makes no sense, or empty.
  std::string refused;
};

}  // namespace software_cuda
#endif
