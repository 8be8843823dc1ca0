/**
 * What every part of the CUDA device shares. Depends on nothing of ours. The packages below it are the parts: {@code
 * library} finds NVIDIA's libraries, {@code cudnn} and {@code cublas} call them.
 */
package io.github.densenet4j.backend.cuda;
