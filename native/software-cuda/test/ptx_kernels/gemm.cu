#include <stdint.h>

#include <cuda_bf16.h>

__device__ uint32_t shared_address(const void* p) { return static_cast<uint32_t>(__cvta_generic_to_shared(p)); }

// One warp: c (16, 8) = a (16, k) b (k, 8), bfloat16 and float, k a multiple of 16, in two buffers that cp.async fills.
extern "C" __global__ void gemm(float* c, const __nv_bfloat16* a, const __nv_bfloat16* b, int k) {
  __shared__ __align__(16) __nv_bfloat16 as[2][16][16], bs[2][16][8];
  const int lane = threadIdx.x;
  const auto fetch = [&](int step) {
    const int buffer = step % 2, row = lane / 2, column = lane % 2 * 8;
    asm volatile("cp.async.cg.shared.global [%0], [%1], 16;" ::"r"(shared_address(&as[buffer][row][column])),
                 "l"(a + row * k + step * 16 + column));
    if (lane < 16) {
      asm volatile("cp.async.ca.shared.global [%0], [%1], 8, %2;" ::"r"(shared_address(&bs[buffer][lane][0])),
                   "l"(b + (step * 16 + lane) * 8), "r"(8));
      asm volatile("cp.async.ca.shared.global [%0], [%1], 8;" ::"r"(shared_address(&bs[buffer][lane][4])),
                   "l"(b + (step * 16 + lane) * 8 + 4));
    }
    asm volatile("cp.async.commit_group;");
  };
  float sum[4] = {0, 0, 0, 0};
  fetch(0);
  for (int step = 0; step < k / 16; step++) {
    if (step + 1 < k / 16) {
      fetch(step + 1);
      asm volatile("cp.async.wait_group 1;" ::: "memory");
    } else {
      asm volatile("cp.async.wait_all;" ::: "memory");
    }
    __syncwarp();
    uint32_t ra[4], rb[2];
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];"
                 : "=r"(ra[0]), "=r"(ra[1]), "=r"(ra[2]), "=r"(ra[3])
                 : "r"(shared_address(&as[step % 2][lane % 16][lane / 16 * 8])));
    asm volatile("ldmatrix.sync.aligned.m8n8.x2.trans.shared.b16 {%0, %1}, [%2];"
                 : "=r"(rb[0]), "=r"(rb[1])
                 : "r"(shared_address(&bs[step % 2][lane % 16][0])));
    asm volatile(
        "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, "
        "{%0, %1, %2, %3};"
        : "+f"(sum[0]), "+f"(sum[1]), "+f"(sum[2]), "+f"(sum[3])
        : "r"(ra[0]), "r"(ra[1]), "r"(ra[2]), "r"(ra[3]), "r"(rb[0]), "r"(rb[1]));
    __syncwarp();
  }
  for (int i = 0; i < 4; i++) c[(lane / 4 + i / 2 * 8) * 8 + lane % 4 * 2 + i % 2] = sum[i];
}
