/**
 * What a DenseNet is: its configuration, the named models, and its parameters with torchvision's names. Depends on
 * {@code error} only.
 */
package io.github.densenet4j.network;
