package io.github.densenet4j.internal.backend.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.densenet4j.internal.backend.Bits;
import io.github.densenet4j.internal.program.PlainOp;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class InputNormalizeTest {
  static Stream<InputImages> images() {
    return InputImages.sweep();
  }

  @ParameterizedTest
  @MethodSource("images")
  void imagesAreNormalizedFlippedAndShiftedBitForBit(InputImages images) {
    int[] expected = Bits.of(images.expected());
    for (var layout : Layout.values()) {
      var harness = new OpHarness(layout);
      var y = harness.destination("y", images.values());
      var x = harness.words("x", false, images.pixelWords());
      var placement = harness.words("placement", false, images.placement());
      var table = harness.source("table", images.table());
      var op =
          new PlainOp.InputNormalize(
              y.view(), x.view(), placement.view(), table.view(), images.batch(), images.size(), images.channels());
      harness.run(List.of(op), outcome -> assertThat(outcome.words().get(y)).isEqualTo(expected));
    }
  }
}
