/**
 * cuBLAS 12 and 13 through java.lang.foreign: {@code CublasCalls} holds the raw functions, everything above it is
 * typed. Depends on {@code backend.cuda.driver}, {@code backend.cuda.library}, {@code backend.library} and {@code
 * error}.
 */
package io.github.densenet4j.internal.backend.cuda.cublas;
