package io.github.densenet4j.internal.backend.library;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Where files can be executed, by the system's table of mounts. */
class MountsTest {
  private static final Mounts MOUNTS =
      Mounts.of(
          """
          /dev/sda1 / ext4 rw,relatime 0 0
          tmpfs /tmp tmpfs rw,nosuid,nodev,noexec 0 0
          /dev/sda2 /tmp/inner ext4 rw 0 0
          tmpfs /run tmpfs rw,noexec 0 0
          tmpfs /run tmpfs rw 0 0
          none /a\\040b\\134c tmpfs rw,noexec 0 0
          """);

  @ParameterizedTest
  @CsvSource({
    "/home/me, false", "/tmp, true", "/tmp/x, true", "/tmpx, false", "/tmp/inner/x, false", "/run/x, false",
    "/a b\\c/x, true"
  })
  void theDeepestAndLatestMountCounts(Path path, boolean forbidden) {
    assertThat(MOUNTS.forbidExecution(path)).isEqualTo(forbidden);
  }

  @Test
  void withoutATableNothingIsForbidden() {
    assertThat(Mounts.of("").forbidExecution(Path.of("/"))).isFalse();
  }
}
