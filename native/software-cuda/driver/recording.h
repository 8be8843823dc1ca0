// Launches that are written down instead of run.
#ifndef DENSENET4J_SOFTWARE_CUDA_RECORDING_H
#define DENSENET4J_SOFTWARE_CUDA_RECORDING_H

#include "operation.h"

namespace software_cuda {

// Into the folder that the setting `record` names: into `launches` a line for each, "kernel grid.x grid.y grid.z block.x
// block.y block.z shared-bytes parameters", these as hexadecimal bytes; into `memory` each allocation as the first
// launch finds it: address, bytes (64 bits each) and content of every page of more than zeros or poison.
void record(const KernelCall& call);

}  // namespace software_cuda
#endif
