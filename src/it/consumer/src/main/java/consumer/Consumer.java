package consumer;

import io.github.densenet4j.DenseNet;
import io.github.densenet4j.Device;
import io.github.densenet4j.Prediction;
import io.github.densenet4j.Predictor;
import io.github.densenet4j.Trainer;
import io.github.densenet4j.config.DenseNetConfig;
import io.github.densenet4j.data.Dataset;
import io.github.densenet4j.data.ImageSource;
import io.github.densenet4j.train.Schedule;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;

/** Trains on images that it makes, then asks from eight threads at once. Fails if one answer is wrong. */
public final class Consumer {
  private static final int SIZE = 8;
  private static final int PIXELS = SIZE * SIZE;
  private static final int CLASSES = 4;
  private static final int TRAINING = 256;
  private static final int ASKED = 40;
  private static final int THREADS = 8;

  private Consumer() {}

  /** Images (N, 8, 8, 1) of noise, one quarter of each bright: the class says which. */
  private record Images(byte[] nhwc, int[] labels) {
    static Images of(int count, long seed) {
      var random = new Random(seed);
      var images = new Images(new byte[count * PIXELS], new int[count]);
      random.nextBytes(images.nhwc);
      for (int i = 0; i < images.nhwc.length; i++) {
        int label = images.labels[i / PIXELS] = i / PIXELS % CLASSES;
        int quarter = i % PIXELS / (PIXELS / 2) * 2 + i % SIZE / (SIZE / 2);
        int noise = Byte.toUnsignedInt(images.nhwc[i]) / 4;
        images.nhwc[i] = (byte) (quarter == label ? 128 + noise : noise);
      }
      return images;
    }

    float[] image(int i) {
      var values = new float[PIXELS];
      for (int p = 0; p < PIXELS; p++) {
        values[p] = Byte.toUnsignedInt(nhwc[i * PIXELS + p]);
      }
      return values;
    }
  }

  /** Trains, asks, and prints what has come of it. */
  public static void main(String[] arguments) throws Exception {
    var images = Images.of(TRAINING, 1);
    var data = Dataset.of(ImageSource.of(images.nhwc(), images.labels(), SIZE, SIZE, 1));
    var network = DenseNet.create(DenseNetConfig.named("bc-40-12").forImages(1, SIZE, CLASSES), 1);
    try (var device = Device.cpu(2)) {
      var trained =
          Trainer.of(network, data, device).epochs(6).batch(32).schedule(Schedule.cosine(0.1)).seed(1).run().network();
      try (var predictor = trained.predictor(device)) {
        int wrong = wrongAnswers(predictor);
        System.out.println(wrong + " wrong answers of " + THREADS * ASKED);
        System.exit(wrong == 0 ? 0 : 1);
      }
    }
  }

  private static int wrongAnswers(Predictor predictor) throws Exception {
    var asked = Images.of(ASKED, 2);
    var alone = IntStream.range(0, ASKED).mapToObj(i -> ask(predictor, asked.image(i))).toList();
    int wrong = 0;
    try (var threads = Executors.newFixedThreadPool(THREADS)) {
      Callable<Integer> task = () -> wrongAnswers(predictor, asked, alone);
      for (var part : threads.invokeAll(IntStream.range(0, THREADS).mapToObj(_ -> task).toList())) {
        wrong += part.get();
      }
    }
    return wrong;
  }

  private static int wrongAnswers(Predictor predictor, Images asked, List<Prediction> alone) {
    int wrong = 0;
    for (int i = 0; i < ASKED; i++) {
      var answer = ask(predictor, asked.image(i));
      boolean same = Math.abs(answer.probability() - alone.get(i).probability()) < 1e-5;
      wrong += answer.label() == asked.labels()[i] && same ? 0 : 1;
    }
    return wrong;
  }

  private static Prediction ask(Predictor predictor, float[] image) {
    return predictor.predict(image, 1).getFirst();
  }
}
