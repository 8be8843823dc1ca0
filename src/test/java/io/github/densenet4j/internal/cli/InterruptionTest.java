package io.github.densenet4j.internal.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.densenet4j.train.TrainingListener.Decision;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("fast")
class InterruptionTest {
  private final ByteArrayOutputStream written = new ByteArrayOutputStream();
  private final List<Integer> halts = new ArrayList<>();
  private final Interruption interruption =
      new Interruption(Console.ofFiles(new PrintStream(written), new PrintStream(written)), halts::add);

  @Test
  void theFirstOneEndsTheTrainingAndTheSecondTheProcess() {
    assertThat(interruption.stepped(null)).isEqualTo(Decision.CONTINUE);
    interruption.interrupt();
    assertThat(interruption.stepped(null)).isEqualTo(Decision.INTERRUPT);
    assertThat(interruption.epochEnded(null)).isEqualTo(Decision.INTERRUPT);
    assertThat(halts).isEmpty();
    interruption.interrupt();
    assertThat(halts).containsExactly(130);
    assertThat(written.toString().lines().toList())
        .startsWith("", "stopping after this step; Ctrl-C again stops at once");
  }
}
