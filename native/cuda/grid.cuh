// Grid-stride loops over the values of a row-major matrix, without a division in the loop.
#ifndef DENSENET4J_CUDA_GRID_CUH
#define DENSENET4J_CUDA_GRID_CUH

#include <cstdint>

namespace dn {

// Threads of a block, and blocks that a multiprocessor is to hold at once: as many as it has room for, so that enough
// loads are under way to use the whole bandwidth.
constexpr int kBlock = 256;
#if defined(__CUDA_ARCH__) && (__CUDA_ARCH__ == 860 || __CUDA_ARCH__ == 890 || __CUDA_ARCH__ >= 1200)
constexpr int kBlocks = 1536 / kBlock;
#else
constexpr int kBlocks = 2048 / kBlock;
#endif

// Indices of threads are 32-bit: a grid has at most 2^30 threads, four values each.
__device__ inline uint32_t thread_index() { return blockIdx.x * blockDim.x + threadIdx.x; }
__device__ inline uint32_t thread_count() { return gridDim.x * blockDim.x; }

// Where this thread's unit of `unit` consecutive values begins in a matrix with rows of `width` < 2^31 values. The next
// unit is as many threads away as the grid has, which is a fixed number of rows and columns: the two divisions, 32-bit
// ones, are before the loop; a step adds and carries.
class Walk {
 public:
  __device__ Walk(int64_t width, uint32_t unit)
      : row_(thread_index() * unit / static_cast<uint32_t>(width)),
        column_(thread_index() * unit % static_cast<uint32_t>(width)),
        width_(static_cast<uint32_t>(width)),
        rows_(thread_count() * unit / width_),
        columns_(thread_count() * unit % width_) {}

  __device__ int64_t row() const { return row_; }
  __device__ uint32_t column() const { return column_; }

  __device__ void next() {
    row_ += rows_;
    column_ += columns_;
    if (column_ >= width_) {
      column_ -= width_;
      row_++;
    }
  }

 private:
  int64_t row_;
  uint32_t column_;
  uint32_t width_, rows_, columns_;
};

}  // namespace dn
#endif
