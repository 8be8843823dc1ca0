package io.github.densenet4j.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.densenet4j.error.ConfigurationException;
import io.github.densenet4j.internal.network.Parameters;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Tag("fast")
class NamedModelsTest {
  /** Learnable values as computed from the papers' descriptions: 10 classes for CIFAR, 1000 for ImageNet. */
  @ParameterizedTest
  @CsvSource({
    "bc-40-12, 176122",
    "bc-100-12, 769162",
    "bc-250-24, 15324406",
    "bc-190-40, 25624430",
    "dense-40-12, 1019722",
    "dense-100-12, 6979642",
    "dense-100-24, 27249082",
    "densenet121, 7978856",
    "densenet161, 28681000",
    "densenet169, 14149480",
    "densenet201, 20013928",
    "densenet264, 33337704"
  })
  void haveTheirParameterCounts(String name, long count) {
    assertThat(new Parameters(DenseNetConfig.named(name)).learnableCount()).isEqualTo(count);
  }

  @Test
  void countsAboveCoverEveryModel() {
    assertThat(DenseNetConfig.names()).hasSize(12);
  }

  @Test
  void anUnknownNameListsTheKnownOnes() {
    assertThatThrownBy(() -> DenseNetConfig.named("densenet42"))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("densenet42")
        .hasMessageContaining("bc-100-12")
        .hasMessageContaining("by its growth rate and block config");
  }
}
