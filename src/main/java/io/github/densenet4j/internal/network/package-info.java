/**
 * What a DenseNet is made of: its parameters with torchvision's names, and their initial values. Depends on
 * {@code config} and {@code random}.
 */
package io.github.densenet4j.internal.network;
