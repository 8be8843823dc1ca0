package io.github.densenet4j.internal.cli;

import io.github.densenet4j.data.ImageSource.Augmentation;
import io.github.densenet4j.data.Preprocessing.Variation;
import io.github.densenet4j.error.ConfigurationException;
import java.util.List;
import picocli.CommandLine.Option;

/** How training images are varied. */
final class VariationOptions {
  private static final int CHANGES = 4;

  /** What {@code --augment} takes. */
  enum Name {
    NONE,
    CIFAR,
    IMAGENET
  }

  @Option(
      names = "--augment",
      paramLabel = "NAME",
      description = "none (default), cifar (random flips, and crops after padding by 4), or of image files imagenet (a "
          + "random part of 8 to 100 %% of the area, resized, and random flips)")
  private Name name;

  @Option(
      names = "--crop-scale",
      paramLabel = "S",
      description = "of image files: least share of the area that a random crop has (default: 1, none; imagenet: 0.08)")
  private Double cropScale;

  @Option(
      names = "--crop-ratio",
      paramLabel = "R",
      description = "of image files: greatest ratio of the sides of a random crop (default: 4/3)")
  private Double cropRatio;

  @Option(
      names = "--flip",
      paramLabel = "P",
      description = "of image files: probability of a flip (default: 0; imagenet: 0.5)")
  private Double flip;

  @Option(
      names = "--rotation",
      paramLabel = "DEGREES",
      description = "of image files: greatest angle of a random rotation (default: 0)")
  private Double rotation;

  @Option(
      names = "--jitter",
      paramLabel = "B,C,S,H",
      hideParamSyntax = true,
      split = ",",
      description = "of image files: greatest changes of brightness, contrast, saturation and hue, such as "
          + "0.4,0.4,0.4,0.1 (default: 0)")
  private List<Double> jitter;

  /** What the trainer does to images of any source; null if nothing was said. */
  Augmentation augmentation() {
    return name == null ? null : name == Name.CIFAR ? Augmentation.CIFAR : Augmentation.NONE;
  }

  /** What is done to image files. */
  Variation variation() {
    var base = name == Name.IMAGENET ? Variation.IMAGENET : Variation.NONE;
    double ratio = cropRatio != null ? cropRatio : cropScale != null ? Variation.IMAGENET.cropRatio() : base.cropRatio();
    var varied =
        base.withCrop(or(cropScale, base.cropScale()), ratio)
            .withFlip(or(flip, base.flip()))
            .withRotation(or(rotation, base.rotation()));
    if (jitter == null) {
      return varied;
    }
    if (jitter.size() != CHANGES) {
      throw new ConfigurationException("--jitter has " + jitter.size() + " numbers, expected four: B,C,S,H");
    }
    return varied.withJitter(jitter.get(0), jitter.get(1), jitter.get(2), jitter.get(3));
  }

  private static double or(Double given, double other) {
    return given == null ? other : given;
  }
}
