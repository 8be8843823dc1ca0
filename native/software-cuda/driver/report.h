// What is left when a context ends.
#ifndef DENSENET4J_SOFTWARE_CUDA_REPORT_H
#define DENSENET4J_SOFTWARE_CUDA_REPORT_H

namespace software_cuda {

struct Context;

// On stderr, what is left: allocations, pinned memory, modules, streams, events, graphs, and damaged guard bands.
void report_leaks(Context& context);

}  // namespace software_cuda
#endif
