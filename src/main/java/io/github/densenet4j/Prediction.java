package io.github.densenet4j;

/**
 * One class that a network considers.
 *
 * @param label its index
 * @param name its name
 * @param probability by softmax, in [0, 1]
 */
public record Prediction(int label, String name, double probability) {}
