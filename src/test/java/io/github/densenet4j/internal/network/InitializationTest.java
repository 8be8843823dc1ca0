package io.github.densenet4j.internal.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.densenet4j.config.DenseNetConfig;
import java.util.Arrays;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("fast")
class InitializationTest {
  private static final Parameters PARAMETERS = new Parameters(DenseNetConfig.named("bc-100-12"));

  private static double[] values(float[] all, String name) {
    var parameter = PARAMETERS.get(name);
    var values = new double[parameter.count()];
    for (int i = 0; i < values.length; i++) {
      values[i] = all[(int) parameter.offset() + i];
    }
    return values;
  }

  @Test
  void convolutionsAreNormalWithTheFanOutDeviation() {
    double[] w = values(new Initialization(3).learnable(PARAMETERS), "features.denseblock1.denselayer1.conv2.weight");
    double deviation = Math.sqrt(2.0 / (9 * 12));
    double mean = Arrays.stream(w).average().orElseThrow();
    double variance = Arrays.stream(w).map(v -> (v - mean) * (v - mean)).average().orElseThrow();
    // Five standard errors of a sample of this size.
    double error = 5 / Math.sqrt(w.length);
    assertThat(mean).isCloseTo(0, within(deviation * error));
    assertThat(Math.sqrt(variance)).isCloseTo(deviation, within(deviation * error));
  }

  @Test
  void normsStartAsIdentityAndTheClassifierWithoutBias() {
    var initial = new Initialization(3);
    float[] learnable = initial.learnable(PARAMETERS);
    float[] running = initial.running(PARAMETERS);
    assertThat(values(learnable, "features.norm5.weight")).containsOnly(1);
    assertThat(values(learnable, "features.norm5.bias")).containsOnly(0);
    assertThat(values(learnable, "classifier.bias")).containsOnly(0);
    assertThat(Arrays.stream(values(learnable, "classifier.weight")).boxed())
        .doesNotContain(0.0)
        .allMatch(v -> Math.abs(v) <= 1 / Math.sqrt(342));
    assertThat(values(running, "features.norm5.running_mean")).containsOnly(0);
    assertThat(values(running, "features.norm5.running_var")).containsOnly(1);
  }

  @Test
  void theSeedDecides() {
    assertThat(new Initialization(1).learnable(PARAMETERS)).isEqualTo(new Initialization(1).learnable(PARAMETERS));
    assertThat(new Initialization(1).learnable(PARAMETERS)).isNotEqualTo(new Initialization(2).learnable(PARAMETERS));
  }
}
