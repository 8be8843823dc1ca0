/**
 * How a network is computed: operations on named logical buffers, in order, and the lowerings that write such programs.
 * Knows no device and no addresses. Depends on {@code tensor}, {@code network} and {@code error}.
 */
package io.github.densenet4j.internal.program;
