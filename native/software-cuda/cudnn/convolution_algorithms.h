// Which algorithms can do a convolution, and what they need.
#ifndef DENSENET4J_SOFTWARE_CUDNN_CONVOLUTION_ALGORITHMS_H
#define DENSENET4J_SOFTWARE_CUDNN_CONVOLUTION_ALGORITHMS_H

#include <cstddef>
#include <vector>

#include "convolution.h"

namespace software_cudnn {

enum class Direction { kForward, kBackwardData, kBackwardFilter };

// How many algorithms the direction's enumeration has.
int algorithms(Direction direction);
// By the time that they are expected to take, the fastest first.
std::vector<int> algorithms_by_speed(Direction direction);
// Null, or why the algorithm cannot do this convolution.
const char* unsupported(Direction direction, int algorithm, const Convolution& convolution);
size_t workspace_bytes(Direction direction, int algorithm, const Convolution& convolution);
bool deterministic(Direction direction, int algorithm);
// What the heuristics expect.
float milliseconds(Direction direction, int algorithm, const Convolution& convolution);

// Refuses an algorithm that is none (BAD_PARAM), one that cannot do it (NOT_SUPPORTED), and too little workspace.
void require_algorithm(Direction direction, int algorithm, const Convolution& convolution);
void require_workspace(Direction direction, int algorithm, const Convolution& convolution, const void* workspace,
                       size_t bytes);

}  // namespace software_cudnn
#endif
