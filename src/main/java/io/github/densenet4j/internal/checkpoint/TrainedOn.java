package io.github.densenet4j.internal.checkpoint;

import io.github.densenet4j.data.Dataset;
import io.github.densenet4j.data.ImageSource;
import java.util.List;

/**
 * What a checkpoint keeps of the data it was trained on.
 *
 * @param name of the data set
 * @param trainingImages number of images trained on
 * @param heldOutImages number of images held out; 0 if there were none
 * @param pixels what the values of the images are
 * @param normalization of the training images; evaluation and prediction use it too
 * @param digest of the content of all images and labels, wherever they lie; empty if it was not taken
 */
public record TrainedOn(
    String name,
    int trainingImages,
    int heldOutImages,
    List<String> classNames,
    ImageSource.Pixels pixels,
    Normalization normalization,
    String digest) {
  public TrainedOn {
    classNames = List.copyOf(classNames);
  }

  /** Without a digest. */
  public static TrainedOn of(Dataset data) {
    return new TrainedOn(
        data.name(), data.training().count(), data.heldOut().map(ImageSource::count).orElse(0), data.classNames(),
        data.training().pixels(), Normalization.of(data.training()), "");
  }

  /** The same with another normalisation. */
  public TrainedOn normalized(Normalization other) {
    return new TrainedOn(name, trainingImages, heldOutImages, classNames, pixels, other, digest);
  }

  /** The same with the digest of the data. */
  public TrainedOn digested(Dataset data) {
    String found = data.training().digest() + data.heldOut().map(images -> "+" + images.digest()).orElse("");
    return new TrainedOn(name, trainingImages, heldOutImages, classNames, pixels, normalization, found);
  }
}
