/**
 * Data sets in memory and batches made from them: readers for the MNIST and CIFAR file formats, normalisation,
 * augmentation, shuffling. A batch is bytes as the files have them, and how each image is to stand; normalising and
 * moving them is left to the device. Depends on {@code random} and {@code error}. Every random choice is a function of
 * (seed, epoch, image), computed by a generator specified here, so a batch can be made again at any time, bit for bit.
 */
package io.github.densenet4j.data;
