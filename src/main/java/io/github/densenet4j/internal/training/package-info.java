/**
 * The inside of a training: batches, evaluation, and the folder of a run. Batches are the same bits whenever they are
 * made: every random choice is a function of (seed, epoch, image), computed by a generator specified here. Depends on
 * {@code data}, {@code checkpoint}, {@code report}, {@code backend} and what lies below them; knows no particular device.
 */
package io.github.densenet4j.internal.training;
