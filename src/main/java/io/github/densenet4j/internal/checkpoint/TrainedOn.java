package io.github.densenet4j.internal.checkpoint;

import io.github.densenet4j.data.Dataset;
import io.github.densenet4j.data.ImageSource;
import io.github.densenet4j.data.Preprocessing;
import java.util.List;
import java.util.Optional;

/**
 * What a checkpoint keeps of the data it was trained on.
 *
 * @param name of the data set
 * @param trainingImages number of images trained on
 * @param heldOutImages number of images held out; 0 if there were none
 * @param pixels what the values of the images are
 * @param normalization of the training images; evaluation and prediction use it too
 * @param digest of the content of all images and labels, wherever they lie; empty if it was not taken
 * @param preprocessing of files, if images were made of them
 * @param decoder of files; empty if there were none
 */
public record TrainedOn(
    String name,
    int trainingImages,
    int heldOutImages,
    List<String> classNames,
    ImageSource.Pixels pixels,
    Normalization normalization,
    String digest,
    Optional<Preprocessing> preprocessing,
    String decoder) {
  public TrainedOn {
    classNames = List.copyOf(classNames);
  }

  /** Of images that were not made of files. */
  public TrainedOn(
      String name,
      int trainingImages,
      int heldOutImages,
      List<String> classNames,
      ImageSource.Pixels pixels,
      Normalization normalization,
      String digest) {
    this(
        name, trainingImages, heldOutImages, classNames, pixels, normalization, digest, Optional.empty(), "");
  }

  /** Without a digest. */
  public static TrainedOn of(Dataset data) {
    return new TrainedOn(
        data.name(), data.training().count(), data.heldOut().map(ImageSource::count).orElse(0), data.classNames(),
        data.training().pixels(), normalization(data), "", data.preprocessing(), data.decoder());
  }

  /** As given, else measured: on a sample of images that have to be decoded, else on all. */
  private static Normalization normalization(Dataset data) {
    if (!data.mean().isEmpty()) {
      return new Normalization(data.mean(), data.deviation());
    }
    return data.preprocessing().isPresent()
        ? Normalization.ofSample(data.training())
        : Normalization.of(data.training());
  }

  /** The same with another normalisation. */
  public TrainedOn normalized(Normalization other) {
    return new TrainedOn(
        name, trainingImages, heldOutImages, classNames, pixels, other, digest, preprocessing, decoder);
  }

  /** The same with the digest of the data. */
  public TrainedOn digested(Dataset data) {
    String found = data.training().digest() + data.heldOut().map(images -> "+" + images.digest()).orElse("");
    return new TrainedOn(
        name, trainingImages, heldOutImages, classNames, pixels, normalization, found, preprocessing, decoder);
  }

  TrainedOn prepared(Preprocessing other) {
    return new TrainedOn(
        name, trainingImages, heldOutImages, classNames, pixels, normalization, digest, Optional.of(other), decoder);
  }
}
