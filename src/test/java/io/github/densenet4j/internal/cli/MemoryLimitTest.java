package io.github.densenet4j.internal.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.densenet4j.data.TestFiles;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code --memory-limit} of the commands that load a network. */
class MemoryLimitTest {
  @TempDir private Path temporary;
  private Path data;
  private Path out;

  @BeforeEach
  void writeData() throws IOException {
    data = temporary.resolve("data");
    out = temporary.resolve("run");
    TestFiles.writeLearnableIdxFolder(data, 60, 20, 8);
  }

  private static CommandRun bench(String... more) {
    var args = new ArrayList<String>(List.of("bench", "--steps=1", "--warmup=0", "--image-size=8"));
    args.addAll(CommandRun.TINY);
    args.addAll(List.of(more));
    return CommandRun.of(args.toArray(String[]::new));
  }

  @Test
  void trainRefusesBeforeItWrites() {
    var run = CommandRun.train(data, out, "--batch-size=60", "--epochs=1", "--memory-limit=250KiB");
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err())
        .hasLineCount(1)
        .containsPattern("custom in batches of 60 with --strategy fused needs \\d+ KiB of memory")
        .contains("(activations ", "but --memory-limit is 250 KiB: use --batch-size ");
    assertThat(out).doesNotExist();
  }

  @Test
  void whatTheMessageSaysIsTrue() {
    var run = CommandRun.train(data, out, "--batch-size=60", "--epochs=1", "--memory-limit=250KiB");
    int batch = Integer.parseInt(run.err().replaceAll("(?s).*use --batch-size (\\d+) or less.*", "$1"));
    var larger = CommandRun.train(data, out, "--batch-size=" + (batch + 1), "--epochs=1", "--memory-limit=250KiB");
    assertThat(larger.exitCode()).isEqualTo(1);
    assertThat(larger.err()).contains("--memory-limit is 250 KiB: use --batch-size " + batch + " or less");
    CommandRun.train(data, out, "--batch-size=" + batch, "--epochs=1", "--memory-limit=250KiB").done();
  }

  @Test
  void evaluateAndPredictRefuseToo() throws IOException {
    CommandRun.train(data, out, "--batch-size=20", "--epochs=1").done();
    var checkpoint = "--checkpoint=" + out.resolve("checkpoint-last.safetensors");
    CommandRun.of("evaluate", checkpoint, "--data=idx:" + data, "--memory-limit=1KB")
        .refused(1, "--memory-limit is 1000 bytes", "use a smaller network");
    var image = temporary.resolve("a.png");
    ImageIO.write(new BufferedImage(8, 8, BufferedImage.TYPE_BYTE_GRAY), "png", image.toFile());
    CommandRun.of("predict", checkpoint, image.toString(), "--memory-limit=1KB")
        .refused(1, "--memory-limit is 1000 bytes");
  }

  @Test
  void benchRefusesAndNamesTheDefaultStrategy() {
    bench("--batch-size=64", "--strategy=naive", "--memory-limit=200KB")
        .refused(1, "strategy naive needs", "--memory-limit is 195 KiB", "or --strategy fused, which needs");
    bench("--batch-size=64", "--memory-limit=1GiB").done();
  }

  @Test
  void badSizesAreRefused() {
    bench("--memory-limit=lots").refused(2, "--memory-limit", "'lots' is not a size such as 2GiB");
    bench("--memory-limit=0").refused(2, "'0' is not a size");
  }
}
