/**
 * The library's front door: a device to compute on, and a trained network to evaluate and predict with. Training is
 * {@link Trainer}, data sets are {@link io.github.densenet4j.data.Dataset}, networks are
 * {@link io.github.densenet4j.config.DenseNetConfig}. Depends on everything but {@code cli}; nothing but {@code cli}
 * depends on it.
 */
package io.github.densenet4j;
