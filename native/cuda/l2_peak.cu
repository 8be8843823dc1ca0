// Reads, or updates, the same memory again and again, past the caches of the multiprocessors: what the L2 does at most. A
// thread that reads leaves a sum, so that no read can be left out. Moves 4 bytes a value, 8 in an update.
#include "grid.cuh"
#include "ptx.cuh"

namespace dn {

__device__ __forceinline__ float4 load_from_l2(const float4* from) {
  float4 v;
  asm volatile("ld.global.cg.v4.f32 {%0,%1,%2,%3}, [%4];"
               : "=f"(v.x), "=f"(v.y), "=f"(v.z), "=f"(v.w)
               : "l"(from)
               : "memory");
  return v;
}

}  // namespace dn

extern "C" __global__ void __launch_bounds__(dn::kBlock, dn::kBlocks)
    dn_l2_read(float* out, const float4* from, int64_t vectors, int64_t rounds) {
  float sum = 0;
  for (int64_t round = 0; round < rounds; round++) {
#pragma unroll 2
    for (int64_t i = dn::thread_index(); i < vectors; i += dn::thread_count()) {
      const float4 v = dn::load_from_l2(from + i);
      sum += (v.x + v.y) + (v.z + v.w);
    }
  }
  out[dn::thread_index()] = sum;
}

extern "C" __global__ void __launch_bounds__(dn::kBlock, dn::kBlocks)
    dn_l2_update(float4* values, int64_t vectors, int64_t rounds) {
  for (int64_t round = 0; round < rounds; round++) {
#pragma unroll 2
    for (int64_t i = dn::thread_index(); i < vectors; i += dn::thread_count()) {
      const float4 v = dn::load_from_l2(values + i);
      dn::store_vector(&values[i].x, make_float4(v.x + 1, v.y + 1, v.z + 1, v.w + 1));
    }
  }
}
