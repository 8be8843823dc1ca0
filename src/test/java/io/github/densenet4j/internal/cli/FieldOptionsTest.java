package io.github.densenet4j.internal.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.densenet4j.config.CudaOptions;
import io.github.densenet4j.error.ConfigurationException;
import io.github.densenet4j.error.DataException;
import io.github.densenet4j.error.DensenetException;
import io.github.densenet4j.error.DeviceException;
import io.github.densenet4j.internal.program.Workload;
import org.junit.jupiter.api.Test;

class FieldOptionsTest {
  private static String message(Runnable calls) {
    try {
      calls.run();
      throw new AssertionError("nothing was thrown");
    } catch (DensenetException e) {
      assertThat(e).message().doesNotContain("--");
      return FieldOptions.message(e);
    }
  }

  @Test
  void settingsBecomeOptions() {
    assertThat(message(() -> Workload.inference(0))).isEqualTo("--batch-size is 0, it must be at least 1");
    assertThat(message(() -> CudaOptions.DEFAULT.withOrdinal(-1)))
        .isEqualTo("--cuda-device is -1, it must be at least 0");
  }

  @Test
  void onlySettingsThatTheMessageSpeaksOfAreReplaced() {
    assertThat(FieldOptions.message(new DataException("the file batch size is empty")))
        .isEqualTo("the file batch size is empty");
    assertThat(
            FieldOptions.message(
                new ConfigurationException("strategy x is strategy-like: use strategy y", "strategy")))
        .isEqualTo("--strategy x is strategy-like: use --strategy y");
  }

  @Test
  void settingsOfACauseAreThoseOfWhatItCauses() {
    var cause = new DeviceException("use a smaller batch size", "batch size");
    var failure = new DeviceException("run failed: " + cause.getMessage() + " (checked mode)", cause, "checked mode");
    assertThat(failure.fields()).containsExactly("checked mode", "batch size");
    assertThat(FieldOptions.message(failure)).isEqualTo("run failed: use a smaller --batch-size (--cuda-checked)");
  }
}
