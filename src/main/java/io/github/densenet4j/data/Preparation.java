package io.github.densenet4j.data;

import io.github.densenet4j.data.Preprocessing.Variation;
import io.github.densenet4j.internal.io.DecodedImage;
import io.github.densenet4j.internal.picture.Box;
import io.github.densenet4j.internal.picture.Colours;
import io.github.densenet4j.internal.picture.Geometry;
import io.github.densenet4j.internal.picture.Kernel;
import io.github.densenet4j.internal.picture.Picture;
import io.github.densenet4j.internal.random.SplitMix64;

/**
 * What a {@link Preprocessing} asks for, done. Chance is drawn as torchvision draws it, always in the same order, from a
 * generator of the image's own key.
 */
record Preparation(Geometry geometry, Variation variation) {
  private static final int CROP_TRIES = 10;
  private static final int COLOUR_CHANGES = 4;

  static Preparation of(Preprocessing preprocessing) {
    var kernel =
        switch (preprocessing.interpolation()) {
          case BILINEAR -> Kernel.BILINEAR;
          case BICUBIC -> Kernel.BICUBIC;
        };
    var geometry = new Geometry(preprocessing.size(), preprocessing.resize(), kernel, preprocessing.channels());
    return new Preparation(geometry, preprocessing.variation());
  }

  Picture apply(DecodedImage image) {
    return geometry.apply(image);
  }

  Picture varied(DecodedImage image, long key) {
    var random = new SplitMix64(key);
    var picture = variation.cropScale() < 1 ? geometry.apply(image, part(image, random)) : apply(image);
    if (variation.flip() > 0 && random.nextDouble() < variation.flip()) {
      picture = picture.flipped();
    }
    if (variation.rotation() > 0) {
      picture = picture.rotated(between(-variation.rotation(), variation.rotation(), random));
    }
    return recoloured(picture, random);
  }

  /** A part whose area and ratio are drawn; if that does not fit into the image ten times, its middle. */
  private Box part(DecodedImage image, SplitMix64 random) {
    int height = image.height();
    int width = image.width();
    double logarithm = StrictMath.log(variation.cropRatio());
    for (int i = 0; i < CROP_TRIES; i++) {
      double area = (double) height * width * between(variation.cropScale(), 1, random);
      double ratio = StrictMath.exp(between(-logarithm, logarithm, random));
      int w = (int) Math.rint(Math.sqrt(area * ratio));
      int h = (int) Math.rint(Math.sqrt(area / ratio));
      if (w > 0 && w <= width && h > 0 && h <= height) {
        return new Box(below(height - h + 1, random), below(width - w + 1, random), h, w);
      }
    }
    int w = Math.min(width, (int) Math.max(1, Math.rint(height * variation.cropRatio())));
    int h = Math.min(height, (int) Math.max(1, Math.rint(width * variation.cropRatio())));
    return new Box((height - h) / 2, (width - w) / 2, h, w);
  }

  /** The changes in an order that is drawn too. */
  private Picture recoloured(Picture picture, SplitMix64 random) {
    double all = variation.brightness() + variation.contrast() + variation.saturation() + variation.hue();
    if (all == 0) {
      return picture;
    }
    int[] order = new int[COLOUR_CHANGES];
    random.permute(order);
    var changed = picture;
    for (int change : order) {
      changed =
          switch (change) {
            case 0 -> Colours.brightness(changed, factor(variation.brightness(), random));
            case 1 -> Colours.contrast(changed, factor(variation.contrast(), random));
            case 2 -> Colours.saturation(changed, factor(variation.saturation(), random));
            default -> Colours.hue(changed, (float) between(-variation.hue(), variation.hue(), random));
          };
    }
    return changed;
  }

  private static float factor(double change, SplitMix64 random) {
    return (float) between(Math.max(0, 1 - change), 1 + change, random);
  }

  private static double between(double low, double high, SplitMix64 random) {
    return low + (high - low) * random.nextDouble();
  }

  private static int below(int limit, SplitMix64 random) {
    return (int) (limit * random.nextDouble());
  }
}
