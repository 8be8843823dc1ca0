/**
 * Data sets: readers for the MNIST and CIFAR file formats, image files in folders and tables, packed ones, and images in
 * memory. Depends on {@code random}, {@code io}, {@code picture} and {@code error}.
 */
package io.github.densenet4j.data;
