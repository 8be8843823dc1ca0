package io.github.densenet4j.internal.random;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("fast")
class SplitMix64Test {
  @Test
  void givesTheKnownSequence() {
    // The first outputs for seed 1234567 in the Rosetta Code task "Pseudo-random numbers/Splitmix64".
    var generator = new SplitMix64(1234567);
    assertThat(Long.toUnsignedString(generator.nextLong())).isEqualTo("6457827717110365317");
    assertThat(Long.toUnsignedString(generator.nextLong())).isEqualTo("3203168211198807973");
    assertThat(Long.toUnsignedString(generator.nextLong())).isEqualTo("9817491932198370423");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 7, 1000})
  void permutesWithoutLossWhateverWasThere(int length) {
    int[] order = IntStream.range(0, length).map(i -> 99).toArray();
    new SplitMix64(3).permute(order);
    assertThat(order).containsExactlyInAnyOrder(IntStream.range(0, length).toArray());
  }

  @Test
  void reachesEveryPermutationAboutEquallyOften() {
    int[] counts = new int[27];
    int trials = 60_000;
    for (int seed = 0; seed < trials; seed++) {
      int[] order = new int[3];
      new SplitMix64(seed).permute(order);
      counts[order[0] * 9 + order[1] * 3 + order[2]]++;
    }
    // 10,000 each expected, standard deviation sqrt(n p (1 - p)) = 91: five of them either way.
    assertThat(IntStream.of(counts).filter(n -> n > 0)).hasSize(6).allMatch(n -> Math.abs(n - trials / 6) < 5 * 91);
  }

  @Test
  void leadsToDifferentKeysForDifferentWords() {
    var keys = new HashSet<Long>();
    for (long seed = 0; seed < 10; seed++) {
      for (long word = 0; word < 1000; word++) {
        keys.add(SplitMix64.key(SplitMix64.key(seed, 1), word));
      }
    }
    assertThat(keys).hasSize(10_000);
  }
}
