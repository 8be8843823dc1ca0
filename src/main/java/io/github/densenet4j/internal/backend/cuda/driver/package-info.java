/**
 * The CUDA driver through JCuda, as typed objects with one owner each: device, context, stream, event, module, kernel,
 * graph, memory. The only home of JCuda. Depends on {@code error} and the
 * libraries of this build.
 */
package io.github.densenet4j.internal.backend.cuda.driver;
