package io.github.densenet4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.densenet4j.config.DenseNetConfig;
import io.github.densenet4j.config.Precision;
import io.github.densenet4j.config.Stem;
import io.github.densenet4j.config.Strategy;
import io.github.densenet4j.data.ImageSource;
import io.github.densenet4j.error.ConfigurationException;
import io.github.densenet4j.error.DataException;
import io.github.densenet4j.internal.backend.cpu.CpuBackend;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PredictorTest {
  private static final int SIZE = 8;
  private static final int VALUES = SIZE * SIZE * 3;
  private static final DenseNetConfig SMALL =
      new DenseNetConfig("small", 4, List.of(2, 2), 8, 4, 0.5, 0, Stem.CIFAR, 3, SIZE, 5);
  private static final DenseNet NETWORK = DenseNet.create(SMALL, 1);

  private static float[] images(int count, int values) {
    var random = new Random(7);
    var images = new float[count * values];
    for (int i = 0; i < images.length; i++) {
      images[i] = random.nextInt(256) / 64f;
    }
    return images;
  }

  private static Predictor predictor(int batch) {
    return NETWORK.predictor(Device.cpu(1), PredictorOptions.DEFAULT.withBatch(batch));
  }

  private static long liveBytes() {
    return new CpuBackend(1).liveBytes();
  }

  @Test
  void eightThreadsGetTheAnswersOfOne() throws Exception {
    float[] images = images(64, VALUES);
    List<Prediction> expected;
    try (var alone = predictor(1)) {
      expected = alone.predict(images, 64);
    }
    assertThat(expected).doesNotHaveDuplicates();
    try (var predictor = predictor(4); var threads = Executors.newFixedThreadPool(8)) {
      Callable<Integer> calls =
          () -> {
            int wrong = 0;
            for (int i = 0; i < 500; i++) {
              int image = ThreadLocalRandom.current().nextInt(64);
              var found = predictor.predict(Arrays.copyOfRange(images, image * VALUES, (image + 1) * VALUES), 1);
              wrong += found.equals(List.of(expected.get(image))) ? 0 : 1;
            }
            return wrong;
          };
      for (Future<Integer> wrong : threads.invokeAll(List.of(calls, calls, calls, calls, calls, calls, calls, calls))) {
        assertThat(wrong.get()).isZero();
      }
    }
  }

  /** By strategy, precision, stem and awkward sizes: the place in a batch changes nothing. */
  @ParameterizedTest
  @CsvSource({
    "FUSED, FLOAT32, CIFAR, 8", "FUSED, FLOAT32, CIFAR, 13", "FUSED, FLOAT32, IMAGENET, 50", "FUSED, BFLOAT16, CIFAR, 9",
    "FUSED, BFLOAT16, IMAGENET, 37", "SHARED, FLOAT32, CIFAR, 13", "NAIVE, FLOAT32, IMAGENET, 37"
  })
  void anAnswerHasTheSameBitsInEveryBatch(Strategy strategy, Precision precision, Stem stem, int size) {
    var config = new DenseNetConfig("other", 5, List.of(2, 3), 9, 4, 0.5, 0, stem, 3, size, 7);
    var network = DenseNet.create(config, 3);
    float[] images = images(11, size * size * 3);
    var answers = new ArrayList<List<Prediction>>();
    var features = new ArrayList<float[]>();
    for (int batch : new int[] {1, 2, 5, 11}) {
      var options = new PredictorOptions(batch, strategy, precision);
      try (var predictor = network.predictor(Device.cpu(batch == 5 ? 1 : 2), options)) {
        answers.add(predictor.predict(images, 11));
        features.add(predictor.features(images, 11));
      }
    }
    assertThat(answers).allSatisfy(each -> assertThat(each).isEqualTo(answers.getFirst()));
    assertThat(features).allSatisfy(each -> assertThat(each).isEqualTo(features.getFirst()));
  }

  @ParameterizedTest
  @CsvSource({"FUSED", "SHARED", "NAIVE"})
  void featuresAreWhatTheClassifierReads(Strategy strategy) {
    float[] weight = NETWORK.tensor("classifier.weight"); // (classes, channels)
    float[] bias = NETWORK.tensor("classifier.bias");
    int channels = SMALL.finalChannels();
    var options = PredictorOptions.DEFAULT.withBatch(3).withStrategy(strategy);
    try (var predictor = NETWORK.predictor(Device.cpu(1), options)) {
      float[] features = predictor.features(images(2, VALUES), 2);
      assertThat(features).hasSize(2 * channels);
      var found = predictor.predict(images(2, VALUES), 2).get(1);
      var logits = new double[5];
      for (int k = 0; k < 5; k++) {
        logits[k] = bias[k];
        for (int c = 0; c < channels; c++) {
          logits[k] += weight[k * channels + c] * features[channels + c];
        }
      }
      double sum = Arrays.stream(logits).map(Math::exp).sum();
      for (int k = 0; k < 5; k++) {
        assertThat(found.probability(k)).isCloseTo(Math.exp(logits[k]) / sum, within(1e-6));
      }
    }
  }

  @Test
  void filesBytesPicturesAndValuesAreOneImage(@TempDir Path folder) throws Exception {
    var picture = new BufferedImage(SIZE, SIZE, BufferedImage.TYPE_INT_RGB);
    var values = new float[VALUES];
    var random = new Random(5);
    for (int i = 0; i < SIZE * SIZE; i++) {
      int rgb = random.nextInt(1 << 24);
      picture.setRGB(i % SIZE, i / SIZE, rgb);
      values[3 * i] = rgb >> 16;
      values[3 * i + 1] = rgb >> 8 & 0xff;
      values[3 * i + 2] = rgb & 0xff;
    }
    var encoded = new ByteArrayOutputStream();
    ImageIO.write(picture, "png", encoded);
    Path file = Files.write(folder.resolve("image.png"), encoded.toByteArray());
    try (var predictor = predictor(2)) {
      var expected = predictor.predict(values, 1).getFirst();
      assertThat(predictor.predict(file)).isEqualTo(expected);
      assertThat(predictor.predict(encoded.toByteArray())).isEqualTo(expected);
      assertThat(predictor.predict(picture)).isEqualTo(expected);
      assertThat(predictor.predict(List.of(file, file, file))).containsExactly(expected, expected, expected);
      float[] features = predictor.features(values, 1);
      assertThat(predictor.features(file)).isEqualTo(features);
      assertThat(predictor.features(encoded.toByteArray())).isEqualTo(features);
      assertThat(predictor.features(picture)).isEqualTo(features);
    }
  }

  @Test
  void badImagesAreNamed(@TempDir Path folder) throws Exception {
    Path text = Files.writeString(folder.resolve("notes.txt"), "not an image");
    try (var predictor = predictor(2)) {
      assertThatThrownBy(() -> predictor.predict(List.of(text)))
          .isInstanceOf(DataException.class)
          .hasMessageContaining(text.toString());
      assertThatThrownBy(() -> predictor.predict(new byte[] {1, 2, 3}))
          .isInstanceOf(DataException.class)
          .hasMessage("the image that was given is not a PNG or JPEG image");
      assertThat(predictor.predict(images(1, VALUES), 1)).hasSize(1);
    }
  }

  @Test
  void badArgumentsAreRefusedInASentence() {
    try (var predictor = predictor(2)) {
      assertThatThrownBy(() -> predictor.predict(new float[VALUES - 1], 1))
          .isInstanceOf(DataException.class)
          .hasMessage("191 values were given for 1 images of 8x8x3, expected 192");
      assertThatThrownBy(() -> predictor.predict(new float[0], 0))
          .isInstanceOf(DataException.class)
          .hasMessageContaining("number of images is 0");
      var images = images(2, VALUES);
      images[VALUES + 3] = Float.NaN;
      assertThatThrownBy(() -> predictor.features(images, 2))
          .isInstanceOf(DataException.class)
          .hasMessage("value 3 of image 1 is NaN, it must be finite");
      assertThatThrownBy(() -> predictor.predict((Path) null))
          .isInstanceOf(NullPointerException.class)
          .hasMessage("file");
      assertThatThrownBy(() -> predictor.predict((byte[]) null)).hasMessage("encoded");
      assertThatThrownBy(() -> predictor.predict(null, 1)).hasMessage("nhwc");
      assertThatThrownBy(() -> predictor.evaluate(ImageSource.of(new byte[12], new int[1], 2, 2, 3)))
          .isInstanceOf(ConfigurationException.class);
    }
    assertThatThrownBy(() -> PredictorOptions.DEFAULT.withBatch(0))
        .isInstanceOf(ConfigurationException.class)
        .hasMessage("batch size is 0, it must be at least 1");
    assertThatThrownBy(() -> NETWORK.predictor(null)).hasMessage("device");
  }

  @Test
  void evaluationCountsWhatPredictionSays() {
    var bytes = new byte[10 * VALUES];
    new Random(2).nextBytes(bytes);
    var values = new float[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      values[i] = bytes[i] & 0xff;
    }
    try (var predictor = predictor(4)) {
      int[] labels = predictor.predict(values, 10).stream().mapToInt(Prediction::label).toArray();
      labels[3] = (labels[3] + 1) % 5;
      var evaluation = predictor.evaluate(ImageSource.of(bytes, labels, SIZE, SIZE, 3));
      assertThat(evaluation.accuracy()).isEqualTo(0.9);
    }
  }

  @Test
  void afterCloseNothingWorksAndNothingIsHeld() {
    long before = liveBytes();
    var predictor = predictor(4);
    assertThat(liveBytes()).isGreaterThan(before);
    predictor.close();
    predictor.close();
    assertThat(liveBytes()).isEqualTo(before);
    assertThatThrownBy(() -> predictor.predict(images(1, VALUES), 1))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("the predictor is closed");
  }

  /** Each call is answered right or refused; the memory comes back each time. */
  @Test
  void closingUnderCallsWaitsAndNeverLeaks() throws Exception {
    var tiny = new DenseNetConfig("tiny", 2, List.of(1), 2, 0, 1, 0, Stem.CIFAR, 3, 2, 2);
    var network = DenseNet.create(tiny, 1);
    float[] image = images(1, 2 * 2 * 3);
    long before = liveBytes();
    Prediction expected;
    try (var predictor = network.predictor(Device.cpu(1))) {
      expected = predictor.predict(image, 1).getFirst();
    }
    int answered = 0;
    try (var threads = Executors.newFixedThreadPool(3)) {
      for (int race = 0; race < 200; race++) {
        var predictor = network.predictor(Device.cpu(1), PredictorOptions.DEFAULT.withBatch(2));
        Callable<Boolean> call =
            () -> {
              try {
                assertThat(predictor.predict(image, 1)).containsExactly(expected);
                return true;
              } catch (IllegalStateException e) {
                assertThat(e).hasMessage("the predictor is closed");
                return false;
              }
            };
        var first = threads.submit(call);
        var second = threads.submit(call);
        var closed = threads.submit(predictor::close);
        predictor.close();
        assertThat(liveBytes()).isEqualTo(before);
        answered += (first.get() ? 1 : 0) + (second.get() ? 1 : 0);
        closed.get();
      }
    }
    assertThat(answered).isPositive();
  }

  @Test
  void predictorsShareANetworkAndForgottenOnesAreGivenBack() throws Exception {
    long before = liveBytes();
    float[] image = images(1, VALUES);
    try (var one = predictor(1); var other = predictor(3)) {
      assertThat(one.predict(image, 1)).isEqualTo(other.predict(image, 1));
    }
    forget(image);
    for (int i = 0; i < 200 && liveBytes() > before; i++) {
      System.gc();
      Thread.sleep(10);
    }
    assertThat(liveBytes()).isEqualTo(before);
  }

  private static void forget(float[] image) {
    assertThat(predictor(2).predict(image, 1)).hasSize(1);
    assertThat(liveBytes()).isPositive();
  }
}
