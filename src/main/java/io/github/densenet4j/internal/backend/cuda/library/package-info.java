/**
 * Finds NVIDIA's libraries where they are installed. Depends on {@code backend.library} and {@code error} only.
 */
package io.github.densenet4j.internal.backend.cuda.library;
