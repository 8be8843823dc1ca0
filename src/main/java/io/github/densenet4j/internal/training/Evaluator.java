package io.github.densenet4j.internal.training;

import io.github.densenet4j.data.Evaluation;
import io.github.densenet4j.data.ImageSource;
import io.github.densenet4j.internal.backend.NetworkSession;
import io.github.densenet4j.internal.checkpoint.Normalization;
import java.util.OptionalInt;

/** Runs a network over a set of images with running statistics. */
public final class Evaluator {
  private static final int TOP = 5;

  private final NetworkSession session;
  private final Normalization normalization;
  private final OptionalInt readers;
  private final int classes;

  /**
   * @param session that has the levels of {@code normalization}
   * @param normalization of the images
   * @param readers threads that read the images ahead; empty: as {@link BatchRing#threads} chooses
   */
  public Evaluator(NetworkSession session, Normalization normalization, OptionalInt readers) {
    this.session = session;
    this.normalization = normalization;
    this.readers = readers;
    this.classes = session.program().config().classes();
  }

  /** @param images of the network's size, with labels below its number of classes */
  public Evaluation evaluate(ImageSource images) {
    var batches = new EvaluationBatches(images, session.batch());
    var confusion = new long[classes][classes];
    double loss = 0;
    long topFive = 0;
    try (var reader = BatchRing.of(images, session.batch(), normalization, readers).read(batches, 0)) {
      for (int batch = 0; batch < batches.batches(); batch++) {
        var loaded = reader.next();
        loaded.loadImages(session);
        session.infer();
        float[] logits = session.logits();
        int[] labels = loaded.labels();
        for (int i = 0; i < batches.size(batch); i++) {
          int first = i * classes;
          loss += crossEntropy(logits, first, labels[i]);
          confusion[labels[i]][largest(logits, first)]++;
          topFive += rank(logits, first, labels[i]) < TOP ? 1 : 0;
        }
      }
    }
    double count = images.count();
    return new Evaluation(loss / count, topFive / count, confusion);
  }

  private double crossEntropy(float[] logits, int first, int label) {
    double largest = logits[first + largest(logits, first)];
    double sum = 0;
    for (int k = 0; k < classes; k++) {
      sum += StrictMath.exp(logits[first + k] - largest);
    }
    return StrictMath.log(sum) + largest - logits[first + label];
  }

  private int largest(float[] logits, int first) {
    int best = 0;
    for (int k = 1; k < classes; k++) {
      if (logits[first + k] > logits[first + best]) {
        best = k;
      }
    }
    return best;
  }

  /** How many classes come before {@code label}. */
  private int rank(float[] logits, int first, int label) {
    int rank = 0;
    for (int k = 0; k < classes; k++) {
      if (logits[first + k] > logits[first + label]) {
        rank++;
      }
    }
    return rank;
  }
}
