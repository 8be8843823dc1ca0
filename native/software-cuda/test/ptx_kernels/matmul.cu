// c (rows, columns) = a (rows, inner) b (inner, columns), tiles of 16 by 16 in shared memory.
extern "C" __global__ void matmul(float* c, const float* a, const float* b, int rows, int inner, int columns) {
  __shared__ float tile_a[16][16], tile_b[16][17];
  const int row = blockIdx.y * 16 + threadIdx.y, column = blockIdx.x * 16 + threadIdx.x;
  float sum = 0;
  for (int k = 0; k < inner; k += 16) {
    tile_a[threadIdx.y][threadIdx.x] = row < rows && k + threadIdx.x < inner ? a[row * inner + k + threadIdx.x] : 0;
    tile_b[threadIdx.y][threadIdx.x] = column < columns && k + threadIdx.y < inner ? b[(k + threadIdx.y) * columns + column] : 0;
    __syncthreads();
    for (int i = 0; i < 16; i++) sum += tile_a[threadIdx.y][i] * tile_b[i][threadIdx.x];
    __syncthreads();
  }
  if (row < rows && column < columns) c[row * columns + column] = sum;
}
