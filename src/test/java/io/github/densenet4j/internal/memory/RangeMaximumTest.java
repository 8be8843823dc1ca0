package io.github.densenet4j.internal.memory;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("fast")
class RangeMaximumTest {
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 7, 8, 13})
  void everyRunHasItsLargest(int count) {
    long[] values = new Random(count).longs(count, -100, 100).toArray();
    var maximum = new RangeMaximum(values);
    for (int first = 0; first < count; first++) {
      for (int last = first; last < count; last++) {
        long expected = Arrays.stream(values, first, last + 1).max().orElseThrow();
        assertThat(maximum.of(first, last)).as("%d to %d", first, last).isEqualTo(expected);
      }
    }
  }
}
