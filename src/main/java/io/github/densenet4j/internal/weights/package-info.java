/**
 * Weights that others trained: reads their files into named tensors, maps the names of other libraries onto
 * torchvision's, and makes a network of them. Depends on {@code checkpoint}, {@code network}, {@code io} and what lies
 * below them. Nothing in a file is run or constructed.
 */
package io.github.densenet4j.internal.weights;
