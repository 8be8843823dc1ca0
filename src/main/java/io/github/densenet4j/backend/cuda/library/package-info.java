/**
 * Finds and loads NVIDIA's libraries and binds their functions through java.lang.foreign. Depends on {@code error}
 * only.
 */
package io.github.densenet4j.backend.cuda.library;
