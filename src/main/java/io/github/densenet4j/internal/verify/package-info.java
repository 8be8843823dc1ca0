/**
 * Checks a device and strategy against reference cases of PyTorch. Depends on {@code backend}, {@code io} and what lies
 * below them.
 */
package io.github.densenet4j.internal.verify;
