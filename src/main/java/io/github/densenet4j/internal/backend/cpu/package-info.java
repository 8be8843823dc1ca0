/**
 * The CPU device: the kernels of native/cpu through java.lang.foreign. The only home of native calls of that library.
 * Depends on {@code backend} and what lies below it.
 */
package io.github.densenet4j.internal.backend.cpu;
