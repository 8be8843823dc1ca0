#include <cub/block/block_radix_sort.cuh>
#include <cub/block/block_reduce.cuh>
#include <cub/block/block_scan.cuh>

// Sums of a block's values: by shuffles, and by CUB.
extern "C" __global__ void block_sum(float* sum, float* cub_sum, const float* x) {
  __shared__ float partial[8];
  float value = x[threadIdx.x];
  for (int distance = 16; distance > 0; distance /= 2) value += __shfl_down_sync(0xffffffffu, value, distance);
  if (threadIdx.x % 32 == 0) partial[threadIdx.x / 32] = value;
  __syncthreads();
  if (threadIdx.x < 32) {
    value = threadIdx.x < 8 ? partial[threadIdx.x] : 0;
    for (int distance = 4; distance > 0; distance /= 2) value += __shfl_xor_sync(0xffffffffu, value, distance);
    if (threadIdx.x == 0) *sum = value;
  }
  using Reduce = cub::BlockReduce<float, 256>;
  __shared__ Reduce::TempStorage storage;
  const float all = Reduce(storage).Sum(x[threadIdx.x]);
  if (threadIdx.x == 0) *cub_sum = all;
}

extern "C" __global__ void block_scan(int* y, const int* x) {
  using Scan = cub::BlockScan<int, 256>;
  __shared__ Scan::TempStorage storage;
  int before;
  Scan(storage).ExclusiveSum(x[threadIdx.x], before);
  y[threadIdx.x] = before;
}

extern "C" __global__ void block_sort(unsigned* y, const unsigned* x) {
  using Sort = cub::BlockRadixSort<unsigned, 128, 4>;
  __shared__ Sort::TempStorage storage;
  unsigned keys[4];
  for (int i = 0; i < 4; i++) keys[i] = x[threadIdx.x * 4 + i];
  Sort(storage).Sort(keys);
  for (int i = 0; i < 4; i++) y[threadIdx.x * 4 + i] = keys[i];
}

// One warp a row.
extern "C" __global__ void softmax(double* y, double* logarithm, const double* x, int columns) {
  const double* row = x + blockIdx.x * columns;
  double largest = -INFINITY, sum = 0;
  for (int c = threadIdx.x; c < columns; c += 32) largest = fmax(largest, row[c]);
  for (int lane = 16; lane > 0; lane /= 2) largest = fmax(largest, __shfl_xor_sync(0xffffffffu, largest, lane));
  for (int c = threadIdx.x; c < columns; c += 32) sum += exp(row[c] - largest);
  for (int lane = 16; lane > 0; lane /= 2) sum += __shfl_xor_sync(0xffffffffu, sum, lane);
  for (int c = threadIdx.x; c < columns; c += 32) y[blockIdx.x * columns + c] = exp(row[c] - largest) / sum;
  if (threadIdx.x == 0) logarithm[blockIdx.x] = log(sum);
}
