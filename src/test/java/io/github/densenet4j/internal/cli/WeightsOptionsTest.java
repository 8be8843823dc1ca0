package io.github.densenet4j.internal.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.densenet4j.DenseNet;
import io.github.densenet4j.config.DenseNetConfig;
import io.github.densenet4j.config.Stem;
import io.github.densenet4j.data.TestFiles;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code --weights} and {@code --init-from}. */
class WeightsOptionsTest {
  private static final Path SAMPLES = Path.of("src/test/resources/weights");
  private static final String[] SMALL = {
    "--growth-rate=4", "--block-config=2,2", "--init-features=8", "--bn-size=2", "--stem=imagenet"
  };

  @TempDir private Path folder;

  @BeforeEach
  void writeHeldOutImages() throws IOException {
    Files.write(folder.resolve("test_batch.bin"), TestFiles.concat(TestFiles.cifarRecord(1, 3), TestFiles.cifarRecord(2, 9)));
  }

  private CommandRun evaluate(String... more) {
    return run("evaluate", "--data=cifar10:" + folder, more);
  }

  private static CommandRun run(String command, String first, String... more) {
    var arguments = new ArrayList<>(List.of(command, first));
    arguments.addAll(List.of(more));
    return CommandRun.of(arguments.toArray(String[]::new));
  }

  private static String[] small(String... more) {
    return Stream.of(SMALL, more).flatMap(Arrays::stream).toArray(String[]::new);
  }

  private static String weights(String name) {
    return "--weights=" + SAMPLES.resolve(name);
  }

  @Test
  void evaluateNeedsTheHeldOutFileOnly() throws IOException {
    Path weights = tenClasses();
    var run = evaluate(small("--weights=" + weights, "--normalization=imagenet", "--json"));
    assertThat(run.json()).containsKeys("loss", "accuracy", "top5", "top5_accuracy").containsEntry("images", 2L);
    assertThat(run.err()).isEmpty();
    evaluate(small("--weights=" + weights, "--normalization=imagenet", "--classes=3"))
        .refused(2, "new and untrained", "10 classes", "--classes");
    run("train", "--data=cifar10:" + folder, "--out=" + folder.resolve("out")).refused(1, "data_batch_1.bin");
  }

  private Path tenClasses() {
    Path file = folder.resolve("network.safetensors");
    DenseNet.create(
            DenseNetConfig.builder(4, 2, 2)
                .stem(Stem.IMAGENET).initFeatures(8).bnSize(2).imageSize(32).classes(10).build(), 1)
        .save(file);
    return file;
  }

  @Test
  void predictTakesWeightsToo() throws IOException {
    Path image = folder.resolve("image.png");
    ImageIO.write(
        new BufferedImage(40, 30, BufferedImage.TYPE_INT_RGB), "png", image.toFile());
    var run =
        run("predict", image.toString(),
            small(weights("whole-module.pt"), "--normalization=0.5,0.5,0.5:0.2,0.2,0.2", "--image-size=32", "--json"));
    assertThat(run.json().toString()).contains("class 4");
  }

  @Test
  void whatIsMissingOrTooMuchIsNamed() {
    evaluate().refused(2, "--checkpoint", "--weights");
    evaluate(weights("torchvision.pth"), "--checkpoint=a").refused(2, "either --checkpoint, or --weights");
    evaluate(weights("torchvision.pth"), "--normalization=imagenet").refused(2, "--model");
    evaluate(small(weights("torchvision.pth"))).refused(2, "--normalization");
    evaluate("--checkpoint=a", "--model=bc-40-12").refused(2, "leave these out");
    evaluate(weights("torchvision.pth"), "--model=bc-100-12", "--normalization=imagenet")
        .refused(1, "bc-100-12", "features.conv0.weight has shape [8, 3, 7, 7], expected [24, 3, 3, 3]");
    for (String wrong : new String[] {"nonsense", "0.5", "0.5,x,0.5:1,1,1", "0.5,0.5,2:1,1,1", "0,0,0:1,0,1", "NaN:1"}) {
      evaluate(small(weights("torchvision.pth"), "--normalization=" + wrong)).refused(2, "--normalization");
    }
    evaluate(small(weights("torchvision.pth"), "--normalization=0.5:0.5")).refused(2, "--normalization", "3 channels");
  }

  @Test
  void trainStartsFromWeights() throws IOException {
    TestFiles.writeIdxFolder(folder);
    var run =
        CommandRun.train(
            folder, folder.resolve("out"), "--init-from=" + SAMPLES.resolve("torchvision.pth"), "--epochs=1");
    run.refused(1, "another network", "torchvision.pth");
  }
}
