/**
 * Data sets: readers for the MNIST and CIFAR file formats, and images in memory. Depends on {@code random} and
 * {@code error}.
 */
package io.github.densenet4j.data;
