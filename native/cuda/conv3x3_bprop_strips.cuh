// The kernels of bnrelu_conv3x3_bprop.cu of bfloat16.
//
// A tile is strips of kRows pixels. Of da a warp takes 16 strips and some channels of z: a row of dy that it has read
// serves three rows of da. Of dw it takes all taps, 16 channels of y, some of z and all pixels, or those of its own
// strips: a row of dy serves three taps. These registers live over all tiles and are stored from where they are.
#ifndef DENSENET4J_CUDA_CONV3X3_BPROP_STRIPS_CUH
#define DENSENET4J_CUDA_CONV3X3_BPROP_STRIPS_CUH

#include "conv3x3_bprop_strips_data.cuh"
#include "conv3x3_bprop_strips_weights.cuh"

namespace dn {

template <class Layout>
__device__ __forceinline__ void copy_weights(const Conv3x3BpropBlock<Layout>& block, int tid) {
  constexpr int kZTiles = Layout::kZTiles, kY = Layout::kY;
  const int w_planes = block.p.w_planes, w_rows = block.p.w_rows;
  const bf16* const w = block.p.w;
  for (int i = tid; i < 9 * kZTiles * kY; i += Layout::kThreads) {
    const int tap = i / (kZTiles * kY), plane = block.chunk / kVector<bf16> + i / kY % kZTiles;
    const bool there = plane < w_planes;
    copy_async(block.weights + i * 16,
               there ? w + (static_cast<int64_t>(tap * w_planes + plane) * w_rows + i % kY) * kVector<bf16> : w,
               there ? 16 : 0);
  }
}

// Of dy the channels beyond y_channels stay 0.
template <class Layout>
__device__ __forceinline__ void clear_memory(const Conv3x3BpropBlock<Layout>& block, int tid) {
  for (int i = tid; i < 2 * Layout::kYPlanes * Layout::kDyPlane / 16; i += Layout::kThreads)
    reinterpret_cast<uint4*>(block.memory() + Layout::kDy)[i] = make_uint4(0, 0, 0, 0);
  for (int i = tid; i < (Layout::kSums - Layout::kZeros) / 16; i += Layout::kThreads)
    reinterpret_cast<uint4*>(block.memory() + Layout::kZeros)[i] = make_uint4(0, 0, 0, 0);
}

// What does not wait for the kernel before: weights, norm of z, zeros, the first table.
template <class Layout>
__device__ __forceinline__ void prepare(const Conv3x3BpropBlock<Layout>& block, int64_t reversed, int tid) {
  constexpr int kStrips = Layout::kStrips;
  const Conv3x3Bprop<bf16>& p = block.p;
  // Small loads go before large copies, which they would wait behind.
  float4 of_z = make_float4(0, 1, 0, 0);
  float beta = 0;
  if (tid < Layout::kZ && block.chunk + tid < block.z_channels) {
    const int c = block.chunk + tid;
    of_z = make_float4(p.reader.gamma[c], p.reader.variance[c], p.reader.mean[c], 0);
    beta = p.reader.beta[c];
  }
  copy_weights(block, tid);
  clear_memory(block, tid);
  if (tid < Layout::kZ) {
    const float2 affine = scale_shift<bf16>(of_z.z, of_z.y, of_z.x, beta);
    block.z_affine()[tid] = make_float4(affine.x, affine.y, of_z.z, of_z.x);
  }
  if (tid < kStrips + 2) {
    const Tiles all((Strips<Layout::kRows>(p.pixels, p.height, p.width).count + kStrips - 1) / kStrips, reversed);
    tabulate<Layout>(block.table(0), p, all.first, tid);
    if (tid == 0) {
      *reinterpret_cast<Tiles*>(block.memory() + Layout::kTiling) = all;
      *reinterpret_cast<int*>(block.memory() + Layout::kPart) = static_cast<int>(part_of_block(reversed));
    }
  }
}

// The first tile, and the correction of y.
template <class Layout>
__device__ __forceinline__ void begin(const Conv3x3BpropBlock<Layout>& block, int tid) {
  static_assert(Layout::kThreads >= Layout::kY, "a thread has one channel of y");
  const Conv3x3Bprop<bf16>& p = block.p;
  block.fetch(0);
  if (tid < Layout::kY) {
    float4 v = make_float4(0, 0, 0, 0);
    if (tid < block.y_channels) v = correction<bf16>(p.y_correction, tid, stores_statistics());
    block.y_affine()[tid + tid / 8] = v;
  }
  if (blockIdx.x == 0) {
    hand_over<bf16>(p.hand_over, p.reader.variance, block.chunk, min(Layout::kZ, block.z_channels - block.chunk),
                    static_cast<float>(p.pixels), Layout::kThreads);
  }
}

// What is left of all tiles: dw of the block, and sums of z.
template <class Layout>
__device__ __forceinline__ void finish(float (&dw)[9][Layout::kDwTiles][4], const Conv3x3BpropBlock<Layout>& block) {
  const int tid = thread_now(), lane = tid % 32, warp = tid / 32;
  auto* const sums = reinterpret_cast<float*>(block.memory() + Layout::kDy);
  store_z_sums(sums, block, lane, warp);
  if constexpr (Layout::kPixelGroups > 1) add_pixel_groups(dw, block, lane, warp);
  store_weight_gradient(dw, block, lane, warp);
  __syncthreads();  // sums of all groups are there
  add_z_sums(sums, block, tid);
}

template <class Layout>
__device__ __forceinline__ void conv3x3_bprop_strips(const Conv3x3Bprop<bf16>& p, int64_t reversed) {
  const Conv3x3BpropBlock<Layout> block(p);
  const int tid = threadIdx.x;
  prepare(block, reversed, tid);
  wait_for_predecessor();
  __syncthreads();  // zeros are there, before what is copied over them
  begin(block, tid);
  let_successor_start();
  __syncthreads();

  float dw[9][Layout::kDwTiles][4];
  auto* const all_sums = block.z_sums(0, 0);
  for (int j = tid; j < Layout::kWarps * Layout::kTiles / 2 * 32; j += Layout::kThreads) all_sums[j] = FragmentSums();
  clear(dw);

  // Between two barriers a warp has a piece of work for the matrix unit and one without it. Of the two warps of a
  // sub-partition one takes them in the other order, so that either has what the other leaves.
#pragma unroll 1
  for (block.set_turn(-1); block.turn() < block.tiles().mine; block.set_turn(block.turn() + 1)) {
    if (block.turn() >= 0) {
#pragma unroll 1
      for (int phase = 0; phase < 2; phase++) {
        if (phase == thread_now() / 128 % 2) {
          block.fetch(block.turn() + 1);
        } else {
          data_gradient(block);
        }
      }
      __syncthreads();  // relu(bn(z)) of all pixels is there
    }
#pragma unroll 1
    for (int phase = 0; phase < 2; phase++) {
      if (phase == thread_now() / 128 % 2) {
        block.correct_next();
      } else if (block.turn() >= 0) {
        const int tid = thread_now(), lane = tid % 32, warp = tid / 32, i = block.turn();
        store_data_gradient(block, i, lane, warp);
        add_weight_gradient(dw, block, i, lane, warp);
      }
    }
    __syncthreads();  // dy and z of tile i + 1 are there, and nobody reads those of tile i any more
  }
  finish(dw, block);
}

}  // namespace dn
#endif
