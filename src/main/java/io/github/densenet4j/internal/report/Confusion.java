package io.github.densenet4j.internal.report;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * How often images of each class were taken for each class.
 *
 * @param source what was classified by what, as in "1,500 held-out images, checkpoint of epoch 12"; for the caption
 * @param classNames the names of the classes
 * @param counts the number of images by true class (row) and predicted class (column); not copied
 */
public record Confusion(String source, List<String> classNames, long[][] counts) {
  /** Refuses counts that are negative or not square in the classes with {@link IllegalArgumentException}. */
  public Confusion {
    classNames = List.copyOf(classNames);
    if (counts.length != classNames.size()) {
      throw new IllegalArgumentException("%d rows for %d classes".formatted(counts.length, classNames.size()));
    }
    for (long[] row : counts) {
      if (row.length != classNames.size()) {
        throw new IllegalArgumentException("%d columns for %d classes".formatted(row.length, classNames.size()));
      }
      for (long count : row) {
        if (count < 0) {
          throw new IllegalArgumentException("count " + count + " is negative");
        }
      }
    }
  }

  /** A kind of error: {@code count} images of class {@code actual} were taken for {@code predicted}. */
  record Mistake(int actual, int predicted, long count) {}

  int classes() {
    return classNames.size();
  }

  /** The images of a class. */
  long images(int actual) {
    long sum = 0;
    for (long count : counts[actual]) {
      sum += count;
    }
    return sum;
  }

  long images() {
    long sum = 0;
    for (int c = 0; c < classes(); c++) {
      sum += images(c);
    }
    return sum;
  }

  /** The share of a class's images that were recognised; NaN for a class without images. */
  double recall(int actual) {
    return (double) counts[actual][actual] / images(actual);
  }

  /** The share of all images that were recognised; NaN without images. */
  double accuracy() {
    long right = 0;
    for (int c = 0; c < classes(); c++) {
      right += counts[c][c];
    }
    return (double) right / images();
  }

  /** The most frequent mistakes, at most {@code limit}; ties in class order. */
  List<Mistake> worst(int limit) {
    var mistakes = new ArrayList<Mistake>();
    for (int actual = 0; actual < classes(); actual++) {
      for (int predicted = 0; predicted < classes(); predicted++) {
        if (actual != predicted && counts[actual][predicted] > 0) {
          mistakes.add(new Mistake(actual, predicted, counts[actual][predicted]));
        }
      }
    }
    mistakes.sort(Comparator.comparingLong(Mistake::count).reversed());
    return mistakes.stream().limit(limit).toList();
  }
}
