package io.github.densenet4j.internal.backend;

/**
 * How fast a GPU's multiprocessors come to the same memory again and again, which its L2 holds if it is large enough.
 *
 * @param bytes of that memory
 * @param readBytes a second
 * @param updateBytes a second, read plus written
 */
public record CacheRate(long bytes, double readBytes, double updateBytes) {}
