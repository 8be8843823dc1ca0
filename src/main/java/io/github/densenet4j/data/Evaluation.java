package io.github.densenet4j.data;

import io.github.densenet4j.error.DataException;
import java.util.Arrays;

/**
 * What a network makes of a set of labelled images. A value: equal figures are equal evaluations.
 *
 * @since 0.1
 */
public final class Evaluation {
  private final double loss;
  private final double topFive;
  private final long[][] confusion; // (label, most probable class)

  /**
   * Figures of a set of images.
   *
   * @param loss mean cross entropy
   * @param topFive share of the images whose label is among the five most probable classes, in [0, 1]
   * @param confusion counts (label, most probable class), square; copied
   * @throws DataException if the counts are not square or there is no image
   */
  public Evaluation(double loss, double topFive, long[][] confusion) {
    this.loss = loss;
    this.topFive = topFive;
    this.confusion = copy(confusion);
    if (Arrays.stream(confusion).anyMatch(row -> row.length != confusion.length) || images() < 1) {
      throw new DataException("the confusion is not square or counts no image");
    }
  }

  /** {@return the number of images, at least 1} */
  public long images() {
    return Arrays.stream(confusion).flatMapToLong(Arrays::stream).sum();
  }

  /** {@return mean cross entropy of an image, in nats} */
  public double loss() {
    return loss;
  }

  /** {@return share of the images whose most probable class is their label, in [0, 1]} */
  public double accuracy() {
    long correct = 0;
    for (int label = 0; label < confusion.length; label++) {
      correct += confusion[label][label];
    }
    return correct / (double) images();
  }

  /** {@return share of the images whose label is among the five most probable classes, in [0, 1]} */
  public double topFive() {
    return topFive;
  }

  /** {@return the number of classes} */
  public int classes() {
    return confusion.length;
  }

  /**
   * Counts images.
   *
   * @param label their class
   * @param predicted the class they were taken for
   * @return how many there are
   */
  public long count(int label, int predicted) {
    return confusion[label][predicted];
  }

  /** {@return all counts, (label, most probable class); a copy} */
  public long[][] confusion() {
    return copy(confusion);
  }

  private static long[][] copy(long[][] counts) {
    return Arrays.stream(counts).map(long[]::clone).toArray(long[][]::new);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Evaluation that
        && Double.compare(loss, that.loss) == 0
        && Double.compare(topFive, that.topFive) == 0
        && Arrays.deepEquals(confusion, that.confusion);
  }

  @Override
  public int hashCode() {
    return 31 * Double.hashCode(loss) + Arrays.deepHashCode(confusion);
  }

  @Override
  public String toString() {
    return "%d images, accuracy %.4f, loss %.4f".formatted(images(), accuracy(), loss);
  }
}
