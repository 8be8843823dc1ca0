package io.github.densenet4j.internal.backend.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Map;

/**
 * What the operands of an operation hold after it.
 *
 * @param label of the run, for failures
 * @param words the contents of each operand, by identity
 */
public record Outcome(String label, Map<Operand, int[]> words) {
  public double[] values(Operand operand) {
    return Operand.values(words.get(operand));
  }

  /** The 8 bytes that {@code operand} consists of. */
  public ByteBuffer bytes(Operand operand) {
    var bytes = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.nativeOrder());
    bytes.asIntBuffer().put(words.get(operand));
    return bytes;
  }

  /** @param roundings in a row that a value may have gone through */
  void check(Operand operand, Real expected, int roundings) {
    check(operand, expected.value(), i -> Tolerance.of(roundings, expected.magnitude()[i]));
  }

  public void check(Operand operand, double[] expected, Tolerance.OfValue tolerance) {
    Tolerance.check(name(operand), values(operand), expected, tolerance);
  }

  /** That {@code mean} and {@code variance} are the statistics of {@code y} as it was written. */
  void checkStatistics(Operand y, Operand mean, Operand variance) {
    int pixels = y.place().pixels();
    var moments = Moments.of(values(y), y.place().channels());
    check(mean, moments.mean(), c -> Tolerance.ofMean(pixels, moments, c));
    check(variance, moments.variance(), c -> Tolerance.ofVariance(pixels, moments, c));
  }

  public void checkSameBits(Outcome other) {
    words.forEach(
        (operand, bits) ->
            assertThat(Arrays.mismatch(bits, other.words.get(operand)))
                .as("first value of %s that differs from that of %s", name(operand), other.label)
                .isEqualTo(-1));
  }

  private String name(Operand operand) {
    return label + " " + operand.place().buffer().name();
  }
}
