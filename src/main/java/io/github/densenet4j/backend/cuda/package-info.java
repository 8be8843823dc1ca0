/**
 * What every part of the CUDA device shares. Depends on nothing of ours but {@code error}; the packages below it are its
 * parts: {@code library} finds NVIDIA's libraries, {@code cudnn} and {@code cublas} call them.
 */
package io.github.densenet4j.backend.cuda;
