package io.github.densenet4j;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.densenet4j.config.DenseNetConfig;
import io.github.densenet4j.data.ImageFiles;
import io.github.densenet4j.data.Preprocessing;
import io.github.densenet4j.train.Schedule;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A network that others trained on other pictures learns a folder of one's own. */
@Tag("slow")
class ShapesTest {
  private static final Path WEIGHTS =
      Path.of("src/test/resources/weights/bc-100-12-cifar10-f16-checkpoint-older-format.pth.tar");
  private static final List<String> SHAPES = List.of("cross", "disc", "square");
  private static final List<Double> MEAN = List.of(125.3, 123.0, 113.9);
  private static final List<Double> DEVIATION = List.of(51.6, 50.8, 51.3);
  private static final int TRAINING = 100;
  private static final int HELD_OUT = 40;

  private final Random random = new Random(11);

  @TempDir private Path folder;

  @Test
  void aNetworkOfOthersLearnsAFolderOfShapes() throws IOException {
    draw("train", TRAINING);
    draw("val", HELD_OUT);
    var data = ImageFiles.folder(folder).preprocessing(Preprocessing.of(32).withResize(32)).open();
    var config = DenseNetConfig.named("bc-100-12").forImages(3, 32, SHAPES.size());
    var made = DenseNet.pretrained(WEIGHTS, config, 1);
    assertThat(made.newClassifier()).isTrue();
    try (var device = Device.cpu(2)) {
      var result =
          Trainer.of(made.network(), data.withNormalization(MEAN, DEVIATION), device)
              .freezeBlocks(1)
              .epochs(10)
              .batch(25)
              .schedule(Schedule.cosine(0.02))
              .classifierRate(0.1)
              .run();
      assertThat(result.network().classNames()).isEqualTo(SHAPES);
      assertThat(result.bestAccuracy().orElseThrow()).isGreaterThanOrEqualTo(0.95);
    }
  }

  /** Of several sizes, in colour and grey, every tenth with 16 bits. */
  private void draw(String part, int count) throws IOException {
    for (String shape : SHAPES) {
      Path to = Files.createDirectories(folder.resolve(part).resolve(shape));
      for (int i = 0; i < count; i++) {
        int type =
            i % 10 == 0
                ? BufferedImage.TYPE_USHORT_GRAY
                : i % 2 == 0 ? BufferedImage.TYPE_BYTE_GRAY : BufferedImage.TYPE_INT_RGB;
        ImageIO.write(picture(shape, type), "png", to.resolve(i + ".png").toFile());
      }
    }
  }

  private BufferedImage picture(String shape, int type) {
    int size = random.nextInt(30, 80);
    var image = new BufferedImage(size, size, type);
    var graphics = image.createGraphics();
    graphics.setColor(colour(0, 90));
    graphics.fillRect(0, 0, size, size);
    graphics.setColor(colour(150, 256));
    int radius = random.nextInt(size / 4, size * 2 / 5);
    draw(shape, graphics, random.nextInt(radius, size - radius), random.nextInt(radius, size - radius), radius);
    graphics.dispose();
    return image;
  }

  private static void draw(String shape, Graphics2D graphics, int x, int y, int radius) {
    int side = 2 * radius;
    switch (shape) {
      case "disc" -> graphics.fillOval(x - radius, y - radius, side, side);
      case "square" -> graphics.fillRect(x - radius, y - radius, side, side);
      default -> {
        int arm = radius / 3;
        graphics.fillRect(x - radius, y - arm, side, 2 * arm);
        graphics.fillRect(x - arm, y - radius, 2 * arm, side);
      }
    }
  }

  private Color colour(int from, int to) {
    return new Color(random.nextInt(from, to), random.nextInt(from, to), random.nextInt(from, to));
  }
}
