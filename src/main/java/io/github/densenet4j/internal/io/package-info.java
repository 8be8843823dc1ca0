/**
 * Files: safetensors, JSON, PNG and JPEG images, and the metrics table. Whatever is written appears
 * whole or not at all ({@link io.github.densenet4j.internal.io.AtomicFile}); whatever is read is checked before it is trusted.
 *
 * <p>Depends on {@code error}, {@code backend.library}, the JDK and jackson-core.
 */
package io.github.densenet4j.internal.io;
