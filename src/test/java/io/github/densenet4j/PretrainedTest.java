package io.github.densenet4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.densenet4j.config.DenseNetConfig;
import io.github.densenet4j.config.Stem;
import io.github.densenet4j.data.Dataset;
import io.github.densenet4j.error.CheckpointException;
import io.github.densenet4j.error.ConfigurationException;
import io.github.densenet4j.internal.io.Json;
import io.github.densenet4j.internal.io.SafetensorsWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Networks of weights that others trained. */
class PretrainedTest {
  private static final Path SAMPLES = Path.of("src/test/resources/weights");
  private static final Path TRAINED = SAMPLES.resolve("bc-100-12-cifar10-f16-checkpoint-older-format.pth.tar");
  private static final DenseNetConfig SMALL =
      DenseNetConfig.builder(4, 2, 2).stem(Stem.IMAGENET).initFeatures(8).bnSize(2).imageSize(32).classes(5).build();

  @TempDir private Path folder;

  private static double[] numbers(Object list) {
    return ((List<?>) list).stream().mapToDouble(number -> ((Number) number).doubleValue()).toArray();
  }

  @Test
  void givesPytorchsProbabilities() {
    double[] logits = numbers(Json.read(SAMPLES.resolve("logits.json")).get("logits"));
    double[] expected = DoubleStream.of(logits).map(Math::exp).toArray();
    var images = new float[2 * 32 * 32 * 3];
    for (int i = 0; i < images.length; i++) {
      images[i] = (float) Math.sin(-1 + 2.0 * i / (images.length - 1));
    }
    for (String file : List.of("torchvision.pth", "monai-views.pt", "whole-module.pt")) {
      var made = DenseNet.pretrained(SAMPLES.resolve(file), SMALL, 1);
      assertThat(made.notes()).isEmpty();
      assertThat(made.newClassifier()).isFalse();
      try (var device = Device.cpu(1); var predictor = made.network().predictor(device)) {
        var predictions = predictor.predict(images, 2);
        for (int i = 0; i < expected.length; i++) {
          double sum = DoubleStream.of(Arrays.copyOfRange(expected, i / 5 * 5, i / 5 * 5 + 5)).sum();
          double found = predictions.get(i / 5).probability(i % 5);
          assertThat(found).isCloseTo(expected[i] / sum, within(1e-6));
        }
      }
    }
  }

  @Test
  void aTrainedNetworkHasItsLoss() throws IOException {
    var described = Json.read(SAMPLES.resolve("cifar10-first32.json"));
    Files.copy(SAMPLES.resolve("cifar10-first32.bin"), folder.resolve("test_batch.bin"));
    var network =
        DenseNet.pretrained(TRAINED, DenseNetConfig.named("bc-100-12"), 1).network()
            .withNormalization(levels(described.get("mean")), levels(described.get("std")));
    try (var device = Device.cpu(2); var predictor = network.predictor(device)) {
      var found = predictor.evaluate(Dataset.openHeldOut("cifar10:" + folder));
      double expected = ((Number) described.get("loss")).doubleValue();
      assertThat(found.loss()).isCloseTo(expected, within(5e-3 * expected)); // the file is float16
      assertThat(found.confusion()[0][0]).isEqualTo((Long) described.get("correct"));
    }
  }

  private static List<Double> levels(Object fractions) {
    return DoubleStream.of(numbers(fractions)).map(fraction -> 255 * fraction).boxed().toList();
  }

  @Test
  void anotherNumberOfClassesIsANewClassifier() {
    var five = DenseNet.pretrained(SAMPLES.resolve("torchvision.pth"), SMALL, 1).network();
    var config = SMALL.forImages(3, 32, 7);
    var made = DenseNet.pretrained(SAMPLES.resolve("torchvision.pth"), config, 3);
    assertThat(made.newClassifier()).isTrue();
    assertThat(made.notes()).singleElement().asString().contains("new and untrained", "5 classes", "7");
    var initial = DenseNet.create(config, 3);
    for (String name : made.network().tensorNames()) {
      var expected = name.startsWith("classifier.") ? initial : five;
      assertThat(made.network().tensor(name)).as(name).isEqualTo(expected.tensor(name));
    }
  }

  @Test
  void threeInputChannelsAreAddedUpForGreyImages() {
    var colour = DenseNet.pretrained(SAMPLES.resolve("torchvision.pth"), SMALL, 1).network();
    var made = DenseNet.pretrained(SAMPLES.resolve("torchvision.pth"), SMALL.forImages(1, 32, 5), 1);
    assertThat(made.notes()).singleElement().asString().contains("added up");
    var weights = colour.tensor("features.conv0.weight");
    var sums = made.network().tensor("features.conv0.weight");
    for (int i = 0; i < sums.length; i++) {
      int at = i / 49 * 147 + i % 49;
      assertThat(sums[i]).isCloseTo(weights[at] + weights[at + 49] + weights[at + 98], within(1e-6f));
    }
  }

  @Test
  void aCheckpointStartsAnew() {
    var trained =
        Trainer.of(DenseNet.create(Learnable.CONFIG, 1), Learnable.data(), Device.cpu(1)).epochs(1).batch(16)
            .folder(folder.resolve("run")).run();
    var made = DenseNet.pretrained(trained.lastCheckpoint().orElseThrow(), Learnable.CONFIG, 2);
    assertThat(made.notes()).isEmpty();
    for (String name : made.network().tensorNames()) {
      assertThat(made.network().tensor(name)).as(name).isEqualTo(trained.network().tensor(name));
    }
  }

  @Test
  void anotherNetworkIsRefusedWithTheOneThatFits() {
    refused(TRAINED, DenseNetConfig.named("densenet121").forImages(3, 32, 10), "has shape", "they fit bc-100-12");
    refused(
        SAMPLES.resolve("torchvision.pth"), DenseNetConfig.builder(4, 2, 3).stem(Stem.IMAGENET).initFeatures(8).bnSize(2)
            .imageSize(32).classes(5).build(),
        "features.norm5.weight has shape [16], expected [20]", "none of the named models");
    refused(
        SAMPLES.resolve("torchvision.pth"), SMALL.forImages(4, 32, 5), "features.conv0.weight has shape [8, 3, 7, 7]");
  }

  @Test
  void tensorsThatAreMissingOrOfOtherNetworksAreNamed() {
    var writer = new SafetensorsWriter();
    var network = DenseNet.create(SMALL, 1);
    for (String name : network.tensorNames()) {
      if (!name.contains("norm5")) {
        writer.add(name, network.tensor(name), shape(network, name));
      }
    }
    writer.write(folder.resolve("less.safetensors"));
    refused(folder.resolve("less.safetensors"), SMALL, "lacks features.norm5.weight, features.norm5.bias");
    for (String name : network.tensorNames()) {
      if (name.contains("norm5")) {
        writer.add(name, network.tensor(name), shape(network, name));
      }
    }
    writer.add("op_threshs", new float[5], 5);
    writer.write(folder.resolve("more.safetensors"));
    assertThat(DenseNet.pretrained(folder.resolve("more.safetensors"), SMALL, 1).notes())
        .singleElement().asString().endsWith("left out: op_threshs");
    writer.add("features.conv1.weight", new float[9], 1, 1, 3, 3);
    writer.write(folder.resolve("deep.safetensors"));
    refused(folder.resolve("deep.safetensors"), SMALL, "deep stem", "densenetblur121d");
  }

  @Test
  void valuesThatAreNoneAreRefused() {
    var network = DenseNet.create(SMALL, 1);
    for (var wrong : List.of("features.norm5.running_var", "classifier.bias")) {
      var writer = new SafetensorsWriter();
      for (String name : network.tensorNames()) {
        float[] values = network.tensor(name);
        if (name.equals(wrong)) {
          Arrays.fill(values, name.endsWith("var") ? -1 : Float.NaN);
        }
        writer.add(name, values, shape(network, name));
      }
      writer.write(folder.resolve("wrong.safetensors"));
      refused(folder.resolve("wrong.safetensors"), SMALL, wrong);
    }
  }

  private static long[] shape(DenseNet network, String name) {
    return network.shape(name).stream().mapToLong(Integer::longValue).toArray();
  }

  private static void refused(Path file, DenseNetConfig config, String... parts) {
    assertThatThrownBy(() -> DenseNet.pretrained(file, config, 1))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining(file.toString())
        .extracting(Throwable::getMessage)
        .satisfies(message -> assertThat(message.toString()).contains(parts).hasLineCount(1));
  }

  @Test
  void aNormalizationHasAValueForEveryChannel() {
    var network = DenseNet.create(SMALL, 1);
    assertThat(network.withNormalization(List.of(1.0, 2.0, 3.0), List.of(4.0, 5.0, 6.0)).mean())
        .containsExactly(1.0, 2.0, 3.0);
    assertThatThrownBy(() -> network.withNormalization(List.of(1.0), List.of(4.0)))
        .isInstanceOf(ConfigurationException.class).hasMessageContaining("3 channels");
  }
}
