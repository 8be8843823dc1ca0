/**
 * The GPU: programs of the strategies naive and shared on cuDNN, cuBLAS and our own kernels, a step being one CUDA
 * graph. May depend on {@code backend} and what that may depend on, {@code io}, and its own parts: {@code driver} is
 * the CUDA driver, {@code cudnn} and {@code cublas} call NVIDIA's libraries, {@code library} finds them.
 */
package io.github.densenet4j.internal.backend.cuda;
