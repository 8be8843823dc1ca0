/**
 * Files: safetensors, JSON, PNG and JPEG images, the metrics table and the training report. Whatever is written appears
 * whole or not at all ({@link io.github.densenet4j.io.AtomicFile}); whatever is read is checked before it is trusted.
 *
 * <p>Depends on {@code error}, the JDK and jackson-core.
 */
package io.github.densenet4j.io;
