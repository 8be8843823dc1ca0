/**
 * C libraries: found in this build, loaded once, their functions bound through java.lang.foreign. The only home of
 * downcalls that are not JCuda's. Depends on {@code error}.
 */
package io.github.densenet4j.internal.backend.library;
