package io.github.densenet4j.internal.backend.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PhiloxTest {
  @ParameterizedTest
  @CsvSource({
    "00000000 00000000 00000000 00000000, 00000000 00000000, 6627e8d5 e169c58d bc57ac4c 9b00dbd8",
    "ffffffff ffffffff ffffffff ffffffff, ffffffff ffffffff, 408f276d 41c83b0e a20bc7c6 6d5451fd",
    "243f6a88 85a308d3 13198a2e 03707344, a4093822 299f31d0, d16cfe09 94fdcceb 5001e420 24126ea1"
  })
  void givesTheKnownAnswersOfRandom123(String counter, String key, String block) {
    assertThat(Philox.block(words(counter), words(key))).containsExactly(words(block));
  }

  private static int[] words(String text) {
    return Arrays.stream(text.split(" ")).mapToInt(word -> Integer.parseUnsignedInt(word, 16)).toArray();
  }

  @Test
  void aMaskDropsTheShareOfElementsThatItsRateSays() {
    double[] mask = Philox.mask(1, 2, 3, 0.3, 10_000);
    long dropped = Arrays.stream(mask).filter(factor -> factor == 0).count();
    // Four standard deviations, 4 * sqrt(n * rate * (1 - rate)), to either side.
    assertThat(dropped).isBetween(3000L - 184, 3000L + 184);
  }
}
