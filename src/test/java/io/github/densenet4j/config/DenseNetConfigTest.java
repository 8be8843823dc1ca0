package io.github.densenet4j.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.densenet4j.error.ConfigurationException;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Tag("fast")
class DenseNetConfigTest {
  private static DenseNetConfig config(int k, List<Integer> blocks, double compression, Stem stem, int size) {
    return new DenseNetConfig("test", k, blocks, 2 * k, 4, compression, 0, stem, 3, size, 10);
  }

  @Test
  void blocksFollowCompressionAndHalving() {
    var blocks = config(7, List.of(3, 2, 1), 0.7, Stem.CIFAR, 27).blocks();
    // 14 + 3 * 7 = 35, floor(0.7 * 35) = 24, 24 + 14 = 38, floor(26.6) = 26, 26 + 7 = 33
    assertThat(blocks)
        .containsExactly(
            new DenseNetConfig.Block(0, 3, 14, 35, 27),
            new DenseNetConfig.Block(1, 2, 24, 38, 13),
            new DenseNetConfig.Block(2, 1, 26, 33, 6));
  }

  @Test
  void theBuilderStartsFromBcNetworks() {
    assertThat(DenseNetConfig.builder(12, 6, 6, 6).name("bc-40-12").build()).isEqualTo(DenseNetConfig.named("bc-40-12"));
    assertThat(DenseNetConfig.builder(32, 6, 12, 24, 16).stem(Stem.IMAGENET).name("densenet121").build())
        .isEqualTo(DenseNetConfig.named("densenet121"));
    assertThat(
            DenseNetConfig.builder(3, 2).initFeatures(5).bnSize(0).compression(1).dropout(0.2).inChannels(1).imageSize(9)
                .classes(4).build())
        .isEqualTo(new DenseNetConfig("custom", 3, List.of(2), 5, 0, 1, 0.2, Stem.CIFAR, 1, 9, 4));
  }

  @ParameterizedTest
  @CsvSource({"224, 56", "96, 24", "75, 19", "64, 16", "1, 1"})
  void theImageNetStemQuartersTheSize(int size, int reduced) {
    assertThat(Stem.IMAGENET.reduced(size)).isEqualTo(reduced);
  }

  @Test
  void anImageThatShrinksToNothingIsRefused() {
    assertThatThrownBy(() -> config(12, List.of(2, 2, 2, 2), 0.5, Stem.CIFAR, 7))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("image size 7")
        .hasMessageContaining("block 4");
    assertThat(config(12, List.of(2, 2, 2, 2), 0.5, Stem.CIFAR, 8).blocks().getLast().size()).isEqualTo(1);
  }

  @Test
  void compressionThatLeavesNothingIsRefused() {
    assertThatThrownBy(() -> config(1, List.of(1, 1), 0.1, Stem.CIFAR, 8))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("compression 0.1");
  }

  @ParameterizedTest
  @CsvSource({"0, 0.5, 10, growth rate", "12, 1.5, 10, compression", "12, NaN, 10, compression", "12, 0.5, 1, classes"})
  void valuesOutOfRangeAreNamed(int k, double compression, int classes, String what) {
    assertThatThrownBy(
            () -> new DenseNetConfig("t", k, List.of(2), 8, 4, compression, 0, Stem.CIFAR, 3, 8, classes))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining(what);
  }
}
