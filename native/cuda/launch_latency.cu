// Nothing: what a launch costs by itself. Joined by programmatic edges, the next one starts at once and waits, so that
// what is left is what no kernel can hide. Moves 0 bytes.
#include "ptx.cuh"

extern "C" __global__ void dn_launch_latency() {
  dn::let_successor_start();
  dn::wait_for_predecessor();
}
