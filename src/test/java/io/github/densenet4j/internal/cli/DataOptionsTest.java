package io.github.densenet4j.internal.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.densenet4j.data.Dataset;
import io.github.densenet4j.data.ImageSource;
import io.github.densenet4j.data.TestFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Tag("fast")
class DataOptionsTest {
  private static final int IMAGES = 200;

  @TempDir Path folder;

  @Command
  private static final class Holder {
    @Mixin private DataOptions options;
  }

  private Dataset open(String... arguments) {
    var holder = new Holder();
    new CommandLine(holder)
        .parseArgs(Stream.concat(Stream.of("--data=idx:" + folder), Stream.of(arguments)).toArray(String[]::new));
    return holder.options.open(224);
  }

  private static int[] labels(ImageSource images) {
    return IntStream.range(0, images.count()).map(images::label).toArray();
  }

  @Test
  void aPartOfASortedSetHasAllClasses() throws IOException {
    TestFiles.writeIdxFolder(folder);
    int[] sorted = new Random(1).ints(IMAGES, 0, 10).sorted().toArray();
    Files.write(
        folder.resolve("train-images-idx3-ubyte"),
        TestFiles.idxImages(IMAGES, 2, 3, TestFiles.randomBytes(6 * IMAGES, 1)));
    Files.write(folder.resolve("train-labels-idx1-ubyte"), TestFiles.idxLabels(sorted));
    var data = open("--validation-split=0.2");
    int[] heldOut = labels(data.heldOut().orElseThrow());
    int[] training = labels(data.training());
    assertThat(heldOut).hasSize(40).isSorted();
    assertThat(Arrays.stream(heldOut).distinct().count()).isGreaterThan(7);
    assertThat(Arrays.stream(training).distinct().count()).isEqualTo(10);
    assertThat(IntStream.concat(Arrays.stream(heldOut), Arrays.stream(training)).sorted().toArray()).isEqualTo(sorted);
    assertThat(labels(open("--validation-split=0.2").heldOut().orElseThrow())).isEqualTo(heldOut);
  }
}
