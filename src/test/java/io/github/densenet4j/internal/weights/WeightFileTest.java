package io.github.densenet4j.internal.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.densenet4j.error.CheckpointException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files that PyTorch wrote, and files that it would not write. */
@Tag("fast")
class WeightFileTest {
  private static final Path SAMPLES = Path.of("src/test/resources/weights");

  @TempDir private Path folder;

  private Path file() {
    return folder.resolve("weights.pt");
  }

  private static void refused(Path file, String... parts) {
    assertThatThrownBy(() -> WeightFile.open(file).close())
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining(file.toString())
        .extracting(Throwable::getMessage)
        .satisfies(message -> assertThat(message.toString()).contains(parts).hasLineCount(1));
  }

  @Test
  void everyFormatAndNamingHasTheSameTensors() {
    try (var expected = NamedWeights.open(SAMPLES.resolve("torchvision.pth"))) {
      for (String other : List.of("old-names-checkpoint.pth.tar", "monai-views.pt", "whole-module.pt")) {
        try (var found = NamedWeights.open(SAMPLES.resolve(other))) {
          assertThat(found.names().keySet()).as(other).containsExactlyInAnyOrderElementsOf(expected.names().keySet());
          for (String name : expected.names().keySet()) {
            assertThat(found.shape(name)).as(other + " " + name).isEqualTo(expected.shape(name));
            assertThat(found.floats(name)).as(other + " " + name).isEqualTo(expected.floats(name));
          }
        }
      }
    }
  }

  @Test
  void bfloat16IsWidened() {
    try (var exact = NamedWeights.open(SAMPLES.resolve("torchvision.pth"));
        var rounded = NamedWeights.open(SAMPLES.resolve("bfloat16.pt"))) {
      for (String name : exact.names().keySet()) {
        float[] expected = exact.floats(name);
        float[] found = rounded.floats(name);
        for (int i = 0; i < expected.length; i++) {
          assertThat((double) Math.abs(found[i] - expected[i])).isLessThanOrEqualTo(Math.abs(expected[i]) / 256);
        }
      }
    }
  }

  @Test
  void aDictionaryMayHoldNothing() throws IOException {
    Path file =
        new PickleFile().operations("}(").text("state_dict").operations("}").text("a").operations("Ns").text("args")
            .operations("Nu.").zip(file());
    refused(file, "a dictionary of 'a'");
  }

  @Test
  void stridesAndOffsetsAreFollowed() throws IOException {
    var bytes = ByteBuffer.allocate(24).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < 6; i++) {
      bytes.putFloat(i);
    }
    Path file =
        new PickleFile().operations("}(").text("a").tensor("FloatStorage", "0", 6, 1, 3, 2).text("b")
            .tensor("FloatStorage", "0", 6, 4, 2, 1).operations("u.").entry("archive/data/0", bytes.array()).zip(file());
    try (var weights = WeightFile.open(file)) {
      assertThat(weights.floats("a")).containsExactly(1, 3, 5);
      assertThat(weights.floats("b")).containsExactly(4, 5);
    }
  }

  @Test
  void aCallIsRefusedByItsName() throws IOException {
    var call = new PickleFile().operations("cposix\nsystem\n").text("touch owned").bytes(0x85).operations("R.");
    refused(call.zip(file()), "posix.system");
    refused(call.stream(folder.resolve("weights.pth")), "posix.system");
    refused(new PickleFile().operations("cdatetime\ndate\n)R.").zip(file()), "datetime.date");
    refused(new PickleFile().operations("cbuiltins\neval\n)").bytes(0x81).operations(".").zip(file()), "builtins.eval");
    refused(new PickleFile().operations("(iposix\nsystem\n.").zip(file()), "0x69");
    refused(new PickleFile().operations("(cposix\nsystem\no.").zip(file()), "0x6f");
  }

  @Test
  void whatIsNotInTheFileIsRefused() throws IOException {
    var four = new byte[16];
    var dictionary = new PickleFile().operations("}").text("a");
    refused(dictionary.tensor("FloatStorage", "0", 4, 0, 4, 1).operations("s.").zip(file()), "archive/data/0");
    refused(tensor(5, 0, 4, 1).entry("archive/data/0", four).zip(file()), "16 bytes", "5 elements need 20");
    refused(tensor(4, 1, 4, 1).entry("archive/data/0", four).zip(file()), "ends outside of its storage");
    refused(tensor(4, 0, 3, 2).entry("archive/data/0", four).zip(file()), "ends outside of its storage");
    refused(tensor(4, 0, 5, 0).entry("archive/data/0", four).zip(file()), "more elements than its storage");
    refused(tensor(4, -1, 2, 1).entry("archive/data/0", four).zip(file()), "begins outside");
    refused(tensor(4, 0, 2, -1).entry("archive/data/0", four).zip(file()), "strides");
    refused(tensor(-4, 0, 0, 1).entry("archive/data/0", four).zip(file()), "-4 elements");
    refused(tensor(4, 0, 4, 1).entry("archive/data/0", four).compressed().zip(file()), "compressed");
    refused(
        tensor(4, 0, 4, 1).entry("archive/data/0", four).entry("archive/byteorder", "big".getBytes()).zip(file()),
        "big-endian");
    refused(new PickleFile().operations("X").bytes(255, 255, 255, 127).operations(".").zip(file()), "damaged", "text");
    refused(tensor(4, 0, 4, 1).stream(file()), "has no storage 0");
  }

  private static PickleFile tensor(int stored, int offset, int extent, int stride) {
    return new PickleFile().operations("}").text("a").tensor("FloatStorage", "0", stored, offset, extent, stride)
        .operations("s.");
  }

  @Test
  void otherContentIsRefused() throws IOException {
    refused(new PickleFile().operations("}.").zip(file()), "an empty dictionary", "state_dict");
    refused(new PickleFile().operations("}").text("epoch").number(3).operations("s.").zip(file()), "'epoch'");
    refused(new PickleFile().number(3).operations(".").zip(file()), "something else");
    refused(new PickleFile().operations("}]").number(3).operations("s.").zip(file()), "damaged");
    refused(
        new PickleFile().operations("}").text("a").tensor("ComplexFloatStorage", "0", 1, 0, 1, 1).operations("s.")
            .zip(file()),
        "torch.ComplexFloatStorage");
    refused(Files.write(file(), new PickleFile().operations("}.").pickle()), "torch.save did not write");
    refused(Files.write(file(), new byte[600]), "header");
    Path whole = SAMPLES.resolve("torchvision.pth");
    byte[] bytes = Files.readAllBytes(whole);
    refused(Files.write(file(), Arrays.copyOf(bytes, bytes.length / 2)), "damaged");
    refused(folder.resolve("absent"), "does not exist");
    refused(folder, "folder");
  }

  /** A dictionary in itself, a module in itself, and keys that hold themselves. */
  @Test
  void nothingIsFollowedForEver() throws IOException {
    refused(
        new PickleFile().operations("}q").bytes(0).text("model").operations("h").bytes(0).operations("s.").zip(file()),
        "'model'");
    refused(
        new PickleFile().operations("cm\nM\n)").bytes(0x81).operations("q").bytes(0).operations("}(")
            .text("_parameters").operations("}").text("_modules").operations("}(").text("a").operations("h").bytes(0)
            .text("b").operations("h").bytes(0).operations("uub.").zip(file()),
        "nested too deep");
    refused(
        new PickleFile().operations("}cm\nM\n)").bytes(0x81).operations("q").bytes(0).operations("}").text("a")
            .operations("h").bytes(0).operations("sbNs.").zip(file()),
        "damaged");
    var ofItself = new PickleFile().operations("]q").bytes(0).operations("h").bytes(0).operations("a.");
    refused(tensor(4, 0, 4, 1).stream(file(), ofItself), "lists a storage that no tensor has");
  }
}
