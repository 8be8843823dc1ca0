package io.github.densenet4j.internal.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.function.Supplier;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("fast")
class ProgressLineTest {
  private static final long MILLISECOND = 1_000_000;

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private long now;

  private ProgressLine line(boolean terminal, int width) {
    var out = new PrintStream(bytes, true);
    return new ProgressLine(new Console(out, out, terminal, () -> width, Optional::empty), () -> now);
  }

  private static void update(ProgressLine line, Supplier<String> text) {
    line.update(_ -> text.get(), text);
  }

  private String written() {
    String text = bytes.toString(StandardCharsets.UTF_8).replace(System.lineSeparator(), "\n");
    bytes.reset();
    return text;
  }

  @Test
  void rewritesOneLineOfATerminalTenTimesASecondAtMost() {
    try (var line = line(true, 80)) {
      update(line, () -> "at once");
      assertThat(written()).isEmpty();
      now += 100 * MILLISECOND;
      update(line, () -> "first");
      assertThat(written()).isEqualTo("\rfirst\u001b[K");
      now += 99 * MILLISECOND;
      Supplier<String> tooSoon = () -> {
        throw new AssertionError("text that is not shown was made");
      };
      update(line, tooSoon);
      now += MILLISECOND;
      update(line, () -> "second");
      assertThat(written()).isEqualTo("\rsecond\u001b[K");
    }
  }

  @Test
  void takesTheLiveLineAwayBeforeALineThatStaysAndAtTheEnd() {
    try (var line = line(true, 80)) {
      now += 100 * MILLISECOND;
      update(line, () -> "live");
      written();
      line.print("epoch 1");
      assertThat(written()).isEqualTo("\r\u001b[Kepoch 1\n");
      line.print("epoch 2");
      assertThat(written()).isEqualTo("epoch 2\n");
      now += 100 * MILLISECOND;
      update(line, () -> "live");
      written();
    }
    assertThat(written()).isEqualTo("\r\u001b[K");
  }

  @Test
  void fitsTheWidthOfTheTerminalWithAColumnToSpare() {
    try (var line = line(true, 10)) {
      now += 100 * MILLISECOND;
      update(line, () -> "0123456789abc");
      assertThat(written()).isEqualTo("\r012345678\u001b[K");
      now += 100 * MILLISECOND;
      update(line, () -> "012345678");
      assertThat(written()).isEqualTo("\r012345678\u001b[K");
    }
  }

  @Test
  void writesAPlainWholeLineEveryTenSecondsElsewhere() {
    try (var line = line(false, 10)) {
      now += 9_999 * MILLISECOND;
      update(line, () -> "too soon");
      now += MILLISECOND;
      update(line, () -> "longer than the line of a terminal");
      now += 9_999 * MILLISECOND;
      update(line, () -> "too soon");
      line.print("epoch 1");
      now += 9_999 * MILLISECOND;
      update(line, () -> "too soon after a line that stays");
    }
    assertThat(written()).isEqualTo("longer than the line of a terminal\nepoch 1\n");
  }
}
