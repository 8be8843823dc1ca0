// What the driver's tests load and launch. y += a x + bias, with a bias that repeats every four values.
__constant__ float bias[4] = {0.5f, 1.5f, 2.5f, 3.5f};
__device__ int counter = 7;

extern "C" __global__ void add(float* y, const float* x, float a, long long n) {
  const long long first = blockIdx.x * static_cast<long long>(blockDim.x) + threadIdx.x;
  for (long long i = first; i < n; i += static_cast<long long>(gridDim.x) * blockDim.x) y[i] += a * x[i] + bias[i & 3];
}

extern "C" __global__ void count(int* to) {
  if (threadIdx.x == 0) *to = counter++;
}

extern "C" __global__ void __launch_bounds__(64) reverse(int* values) {
  extern __shared__ int shared[];
  shared[threadIdx.x] = values[threadIdx.x];
  __syncthreads();
  values[threadIdx.x] = shared[blockDim.x - 1 - threadIdx.x];
}

// Ends when `*flag` is not 0, which nobody sees to.
extern "C" __global__ void spin(const volatile int* flag) {
  while (*flag == 0) {
  }
}

extern "C" __global__ void trap() { __trap(); }
