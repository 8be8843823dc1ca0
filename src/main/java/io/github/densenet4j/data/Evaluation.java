package io.github.densenet4j.data;

/**
 * What a network makes of a set of labelled images.
 *
 * @param loss mean cross entropy
 * @param accuracy share of the images whose most probable class is their label, in [0, 1]
 * @param topFive share of the images whose label is among the five most probable classes, in [0, 1]
 * @param confusion counts; row: label, column: most probable class
 */
public record Evaluation(long images, double loss, double accuracy, double topFive, long[][] confusion) {}
