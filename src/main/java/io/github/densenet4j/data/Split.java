package io.github.densenet4j.data;

import io.github.densenet4j.error.ConfigurationException;
import io.github.densenet4j.internal.random.SplitMix64;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;

/**
 * Two parts of a set of images, drawn by a seed and each in the order of the set. Every class is split in the same
 * proportion: exactly, up to rounding, where images are drawn one by one; as far as whole groups allow where images
 * belong to groups, such as a patient's, none of which is in both parts.
 *
 * @param training indexes of images
 * @param heldOut the others
 */
record Split(int[] training, int[] heldOut) {
  private static final String FRACTION = "validation split";

  /**
   * Draws.
   *
   * @param labels of {@code count} images
   * @param groups by image; empty if there are none
   * @param fraction to hold out, in (0, 1)
   * @throws ConfigurationException if the fraction is out of range or leaves a part empty
   */
  static Split of(int count, IntUnaryOperator labels, int[] groups, double fraction, long seed) {
    if (!(fraction > 0 && fraction < 1)) {
      throw new ConfigurationException(
          "%s is %s, it must be above 0 and below 1".formatted(FRACTION, fraction), FRACTION);
    }
    int classes = 1 + IntStream.range(0, count).map(labels).max().orElse(0);
    var held = groups.length == 0
        ? images(count, labels, classes, fraction, seed)
        : wholeGroups(labels, groups, classes, fraction, seed);
    if (held.isEmpty() || held.cardinality() == count) {
      throw new ConfigurationException(
          "%s is %s, which holds out %d of %d training images: at least 1 must be held out and at least 1 be left"
              .formatted(FRACTION, fraction, held.cardinality(), count),
          FRACTION);
    }
    return new Split(IntStream.range(0, count).filter(i -> !held.get(i)).toArray(), held.stream().toArray());
  }

  private static BitSet images(int count, IntUnaryOperator labels, int classes, double fraction, long seed) {
    int[] order = new int[count];
    new SplitMix64(seed).permute(order);
    long[] left = quotas(IntStream.range(0, count).map(labels).toArray(), classes, fraction);
    var held = new BitSet(count);
    for (int image : order) {
      int label = labels.applyAsInt(image);
      if (left[label] > 0) {
        left[label]--;
        held.set(image);
      }
    }
    return held;
  }

  /** What each class gives: its share rounded down, and one more where most is cut off, until the whole is right. */
  private static long[] quotas(int[] labels, int classes, double fraction) {
    long[] counts = new long[classes];
    Arrays.stream(labels).forEach(label -> counts[label]++);
    long[] quotas = Arrays.stream(counts).map(n -> (long) (n * fraction)).toArray();
    long missing = Math.round(labels.length * fraction) - Arrays.stream(quotas).sum();
    IntStream.range(0, classes)
        .boxed()
        .sorted(Comparator.comparingDouble(label -> quotas[label] - counts[label] * fraction))
        .limit(missing)
        .forEach(label -> quotas[label]++);
    return quotas;
  }

  /** Takes groups in a drawn order, each if it brings the classes closer to their share than they are without it. */
  private static BitSet wholeGroups(
      IntUnaryOperator labels, int[] groups, int classes, double fraction, long seed) {
    int[][] members = members(groups);
    int[] order = new int[members.length];
    new SplitMix64(seed).permute(order);
    double[] left = new double[classes];
    IntStream.range(0, groups.length).forEach(i -> left[labels.applyAsInt(i)] += fraction);
    var held = new BitSet(groups.length);
    for (int group : order) {
      if (improves(left, members[group], labels)) {
        for (int image : members[group]) {
          left[labels.applyAsInt(image)]--;
          held.set(image);
        }
      }
    }
    return held;
  }

  /** Whether what the classes are away from their shares becomes less, in all. */
  private static boolean improves(double[] left, int[] members, IntUnaryOperator labels) {
    int[] seen = Arrays.stream(members).map(labels).sorted().toArray();
    double change = 0;
    for (int i = 0; i < seen.length; ) {
      int label = seen[i];
      int end = i;
      while (end < seen.length && seen[end] == label) {
        end++;
      }
      change += Math.abs(left[label] - (end - i)) - Math.abs(left[label]);
      i = end;
    }
    return change < 0;
  }

  /** The images of each group. */
  private static int[][] members(int[] groups) {
    int[] sizes = new int[1 + Arrays.stream(groups).max().orElse(0)];
    Arrays.stream(groups).forEach(group -> sizes[group]++);
    int[][] members = Arrays.stream(sizes).mapToObj(int[]::new).toArray(int[][]::new);
    Arrays.fill(sizes, 0);
    for (int i = 0; i < groups.length; i++) {
      members[groups[i]][sizes[groups[i]]++] = i;
    }
    return members;
  }
}
