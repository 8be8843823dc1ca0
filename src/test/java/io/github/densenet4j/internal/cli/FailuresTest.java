package io.github.densenet4j.internal.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.densenet4j.error.ConfigurationException;
import io.github.densenet4j.error.DataException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("fast")
class FailuresTest {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  private int report(Throwable failure, boolean stackTrace) {
    var console = Console.ofFiles(new PrintStream(out, true), new PrintStream(err, true));
    return new Failures(console, () -> stackTrace).report(failure);
  }

  private String error() {
    assertThat(out.size()).isZero();
    return err.toString(StandardCharsets.UTF_8);
  }

  @Test
  void badConfigurationsExitWithTwoAndOtherKnownFailuresWithOne() {
    assertThat(report(new ConfigurationException("--x is 1, it must be 2"), false)).isEqualTo(2);
    assertThat(report(new DataException("file f is empty"), false)).isEqualTo(1);
    assertThat(error().lines())
        .containsExactly("densenet4j: --x is 1, it must be 2", "densenet4j: file f is empty");
  }

  @Test
  void aMessageOfSeveralLinesBecomesOne() {
    report(new DataException("one\n  two\r\nthree"), false);
    assertThat(error().lines()).containsExactly("densenet4j: one two three");
  }

  @Test
  void anUnexpectedExceptionIsCalledABugAndShowsItsPlaceOnlyOnRequest() {
    var bug = new IllegalStateException("the impossible");
    assertThat(report(bug, false)).isEqualTo(1);
    assertThat(error()).hasLineCount(1).contains("this is a bug", bug.toString(), "--stacktrace");
    assertThat(report(bug, true)).isEqualTo(1);
    assertThat(error()).contains("\tat " + getClass().getName());
  }

  @Test
  void outputThatIsLostIsAFailureOfEveryCommand() {
    var watched = new WatchedOutput(new FailingStream("No space left on device"));
    int exitCode = Main.run(new String[] {"--version"}, console(watched));
    assertThat(exitCode).isEqualTo(1);
    assertThat(error()).isEqualTo(
        "densenet4j: the output was not written to its end: No space left on device" + System.lineSeparator());
    assertThat(Main.run(new String[] {"plan", "--growth-rate=0"}, console(watched))).isEqualTo(2);
  }

  @Test
  void aReaderThatHasGoneIsNotToldSo() {
    var watched = new WatchedOutput(new FailingStream("Broken pipe"));
    assertThat(Main.run(new String[] {"--version"}, console(watched))).isEqualTo(1);
    assertThat(error()).isEmpty();
  }

  private Console console(WatchedOutput watched) {
    return new Console(new PrintStream(watched, true), new PrintStream(err, true), false, () -> 80, watched::failure);
  }

  /** A file on a full disk, or a pipe without a reader. */
  private static final class FailingStream extends OutputStream {
    private final String reason;

    FailingStream(String reason) {
      this.reason = reason;
    }

    @Override
    public void write(int value) throws IOException {
      throw new IOException(reason);
    }
  }

  @Test
  void aHeapThatIsTooSmallNamesTheRemedy() {
    assertThat(report(new OutOfMemoryError("Java heap space"), false)).isEqualTo(1);
    assertThat(error()).hasLineCount(1).contains("Java heap space", "DENSENET4J_JAVA_OPTS=-Xmx4g");
  }
}
