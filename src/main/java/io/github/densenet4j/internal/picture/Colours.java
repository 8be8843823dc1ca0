package io.github.densenet4j.internal.picture;

/** Changes of colour, as torchvision's ColorJitter makes them; grey images have brightness and contrast only. */
public final class Colours {
  private Colours() {}

  /** 0 is black, 1 the image, more is brighter. */
  public static Picture brightness(Picture picture, float factor) {
    var changed = picture.values().clone();
    for (int i = 0; i < changed.length; i++) {
      changed[i] *= factor;
    }
    return picture.settle(changed);
  }

  /** 0 is the grey of the image's mean luminance, 1 the image, more has more contrast. */
  public static Picture contrast(Picture picture, float factor) {
    double sum = 0;
    int pixels = picture.height() * picture.width();
    for (int i = 0; i < pixels; i++) {
      sum += luminance(picture, i);
    }
    float mean = (float) (picture.whole() ? Math.floor(sum / pixels + 0.5) : sum / pixels);
    var changed = picture.values().clone();
    for (int i = 0; i < changed.length; i++) {
      changed[i] = mean + factor * (changed[i] - mean);
    }
    return picture.settle(changed);
  }

  /** 0 is the image in grey, 1 the image, more has deeper colours. */
  public static Picture saturation(Picture picture, float factor) {
    if (picture.channels() == 1) {
      return picture;
    }
    var changed = picture.values().clone();
    for (int i = 0; i < changed.length; i++) {
      float grey = luminance(picture, i / 3);
      changed[i] = grey + factor * (changed[i] - grey);
    }
    return picture.settle(changed);
  }

  /**
   * Turns the circle of hues.
   *
   * @param turn of the circle, -0.5 to 0.5; from red to green is 1/3
   */
  public static Picture hue(Picture picture, float turn) {
    if (picture.channels() == 1) {
      return picture;
    }
    var changed = picture.values().clone();
    for (int i = 0; i < changed.length; i += 3) {
      turn(changed, i, turn);
    }
    return picture.settle(changed);
  }

  /** By ITU-R BT.601. */
  private static float luminance(Picture picture, int pixel) {
    if (picture.channels() == 1) {
      return picture.values()[pixel];
    }
    float[] v = picture.values();
    float grey = 0.299f * v[3 * pixel] + 0.587f * v[3 * pixel + 1] + 0.114f * v[3 * pixel + 2];
    return picture.whole() ? (float) Math.floor(grey + 0.5f) : grey;
  }

  /** To hue, saturation and value, and back with another hue. */
  private static void turn(float[] rgb, int at, float turn) {
    float red = rgb[at];
    float green = rgb[at + 1];
    float blue = rgb[at + 2];
    float most = Math.max(red, Math.max(green, blue));
    float range = most - Math.min(red, Math.min(green, blue));
    if (range == 0) {
      return;
    }
    float sixth =
        most == red ? (green - blue) / range : most == green ? 2 + (blue - red) / range : 4 + (red - green) / range;
    float hue = sixth + 6 * turn + 12; // never negative
    for (int c = 0; c < 3; c++) {
      // How far a channel lies below the largest one, around the circle of hues (Alvy Ray Smith 1978, in one formula).
      float place = (hue + 5 - 2 * c) % 6;
      rgb[at + c] = most - range * Math.clamp(Math.min(place, 4 - place), 0, 1);
    }
  }
}
