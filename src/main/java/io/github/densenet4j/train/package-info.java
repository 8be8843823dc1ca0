/**
 * Training and evaluation: options, schedules, checkpoints, and the loop that turns a data set into a trained network in
 * a folder. Depends on {@code data}, {@code report}, {@code backend} and what lies below them; knows no particular device.
 */
package io.github.densenet4j.train;
