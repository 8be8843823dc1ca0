package io.github.densenet4j.internal.checkpoint;

import io.github.densenet4j.data.Dataset;
import java.util.List;

/**
 * What a checkpoint keeps of the data it was trained on.
 *
 * @param name of the data set
 * @param trainingImages number of images trained on
 * @param heldOutImages number of images held out
 * @param normalization of the training images; evaluation and prediction use it too
 */
public record TrainedOn(
    String name, int trainingImages, int heldOutImages, List<String> classNames, Normalization normalization) {
  public TrainedOn {
    classNames = List.copyOf(classNames);
  }

  public static TrainedOn of(Dataset data) {
    return new TrainedOn(
        data.name(), data.training().count(), data.heldOut().count(), data.classNames(),
        Normalization.of(data.training()));
  }
}
