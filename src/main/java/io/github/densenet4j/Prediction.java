package io.github.densenet4j;

import io.github.densenet4j.error.ConfigurationException;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What a network makes of one image: the probability of every class, by softmax. Immutable.
 *
 * @since 0.1
 */
public final class Prediction {
  private final double[] probabilities;
  private final List<String> names;

  private Prediction(double[] probabilities, List<String> names) {
    this.probabilities = probabilities;
    this.names = names;
  }

  /** @param logits of one image, by class */
  static Prediction of(float[] logits, List<String> names) {
    int classes = names.size();
    double largest = Double.NEGATIVE_INFINITY;
    for (int k = 0; k < classes; k++) {
      largest = Math.max(largest, logits[k]);
    }
    var probabilities = new double[classes];
    double sum = 0;
    for (int k = 0; k < classes; k++) {
      probabilities[k] = StrictMath.exp(logits[k] - largest);
      sum += probabilities[k];
    }
    for (int k = 0; k < classes; k++) {
      probabilities[k] /= sum;
    }
    return new Prediction(probabilities, names);
  }

  /**
   * One class that a network considers.
   *
   * @param label its index
   * @param name its name
   * @param probability in [0, 1]
   */
  public record Candidate(int label, String name, double probability) {}

  /** {@return the index of the most probable class; of several, the first} */
  public int label() {
    int best = 0;
    for (int k = 1; k < probabilities.length; k++) {
      best = probabilities[k] > probabilities[best] ? k : best;
    }
    return best;
  }

  /** {@return the name of the most probable class} */
  public String name() {
    return names.get(label());
  }

  /** {@return the probability of the most probable class, in [0, 1]} */
  public double probability() {
    return probabilities[label()];
  }

  /**
   * {@return the probability of a class, in [0, 1]}
   *
   * @param label index of the class
   * @throws IndexOutOfBoundsException if there is no such class
   */
  public double probability(int label) {
    return probabilities[label];
  }

  /**
   * {@return the most probable classes, the most probable first; all if there are fewer than {@code count}}
   *
   * @param count at least 1
   * @throws ConfigurationException if {@code count} is below 1
   */
  public List<Candidate> top(int count) {
    if (count < 1) {
      throw new ConfigurationException("the number of classes is " + count + ", it must be at least 1");
    }
    return IntStream.range(0, probabilities.length)
        .mapToObj(label -> new Candidate(label, names.get(label), probabilities[label]))
        .sorted(Comparator.comparingDouble(Candidate::probability).reversed())
        .limit(count)
        .toList();
  }

  /** Whether the other has the same names and, to the bit, the same probabilities. */
  @Override
  public boolean equals(Object other) {
    return other instanceof Prediction prediction
        && Arrays.equals(probabilities, prediction.probabilities)
        && names.equals(prediction.names);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(probabilities);
  }

  @Override
  public String toString() {
    return "Prediction[%d %s, %.4f]".formatted(label(), name(), probability());
  }
}
