package io.github.densenet4j.internal.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.densenet4j.error.ConfigurationException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("fast")
class ResumeCheckTest {
  private static List<String> compare(Map<String, Object> wanted, Map<String, Object> found) {
    return new ResumeCheck(Path.of("run"), false, false).compare(Map.of("data", wanted), Map.of("data", found));
  }

  @Test
  void anotherDecoderIsAWarningAndBringsAnotherMean() {
    Map<String, Object> before = Map.of("decoder", "imageio 25", "mean", List.of(100.0), "digest", "d");
    Map<String, Object> now = Map.of("decoder", "turbojpeg 2.1.5", "mean", List.of(100.1), "digest", "d");
    assertThat(compare(now, before))
        .containsExactly(
            "was decoded by imageio 25 and goes on with turbojpeg 2.1.5: pixels of JPEG files may differ, so it need not"
                + " end in the bits of a training that was not stopped");
  }

  @Test
  void anotherPreparationIsAnotherTraining() {
    assertThatThrownBy(() -> compare(Map.of("resize", 292L), Map.of("resize", 256)))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageStartingWith("run was started with resize 256, now it is 292: repeat the settings of its start,");
    assertThatThrownBy(
            () ->
                compare(
                    Map.of("decoder", "a", "mean", List.of(1.0)), Map.of("decoder", "a", "mean", List.of(2.0))))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("which changes the bits it ends in");
  }
}
