/**
 * What is kept of a trained network: weights, and how they came to be, in files. Depends on {@code data}, {@code io},
 * {@code network} and what lies below them.
 */
package io.github.densenet4j.internal.checkpoint;
