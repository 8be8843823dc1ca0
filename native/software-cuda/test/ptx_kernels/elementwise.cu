extern "C" __global__ void saxpy(float* y, const float* __restrict__ x, float a, long long count) {
  const long long step = static_cast<long long>(gridDim.x) * blockDim.x;
  for (long long i = blockIdx.x * static_cast<long long>(blockDim.x) + threadIdx.x; i < count; i += step) {
    y[i] = a * x[i] + y[i];
  }
}

extern "C" __global__ void divide(long long* quotient, unsigned long long* remainder, const long long* a,
                                  const long long* b) {
  const int i = threadIdx.x;
  quotient[i] = a[i] / b[i];
  remainder[i] = static_cast<unsigned long long>(a[i]) % static_cast<unsigned long long>(b[i]);
}

__device__ __noinline__ float scaled(float x, int by, double3 offset) {
  return x * static_cast<float>(by) + static_cast<float>(offset.z);
}

extern "C" __global__ void choose(float* y, const int* cases) {
  const int i = threadIdx.x;
  switch (cases[i]) {
    case 0: y[i] += 1; break;
    case 1: y[i] *= 3; break;
    case 2: y[i] = scaled(y[i], i, make_double3(1, 2, 3)); break;
    case 3: y[i] = sinf(y[i]); break;
    case 4: y[i] = -y[i]; break;
    case 5: y[i] = y[i] > 2 ? 2 : y[i]; break;
    case 6: y[i] = static_cast<float>(__popc(i)); break;
    default: y[i] = 0; break;
  }
}

// Local memory that is indexed at run time, constant and global variables, and a structure as parameter.
struct Order {
  int index[8];
};
__constant__ float table[32];
__device__ float offsets[4] = {1, 2, 3, 4};
__device__ int calls;

extern "C" __global__ void permute(float* y, const __grid_constant__ Order order) {
  float values[8];
  for (int k = 0; k < 8; k++) values[order.index[k]] = table[(threadIdx.x + k) % 32] + offsets[k % 4];
  for (int k = 0; k < 8; k++) y[threadIdx.x * 8 + k] = values[k];
  atomicAdd(&calls, 1);
}
