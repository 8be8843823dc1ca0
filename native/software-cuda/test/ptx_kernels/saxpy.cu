extern "C" __global__ void saxpy(float* y, const float* __restrict__ x, float a, long long count) {
  const long long step = static_cast<long long>(gridDim.x) * blockDim.x;
  for (long long i = blockIdx.x * static_cast<long long>(blockDim.x) + threadIdx.x; i < count; i += step) {
    y[i] = a * x[i] + y[i];
  }
}
