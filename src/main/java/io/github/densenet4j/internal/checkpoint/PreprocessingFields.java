package io.github.densenet4j.internal.checkpoint;

import io.github.densenet4j.data.Preprocessing;
import io.github.densenet4j.data.Preprocessing.Interpolation;
import io.github.densenet4j.data.Preprocessing.Variation;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** A {@link Preprocessing} among the fields of a description of data; networks of before it was kept have none. */
final class PreprocessingFields {
  private static final String SIZE = "size";

  private PreprocessingFields() {}

  static void put(Preprocessing preprocessing, Map<String, Object> map) {
    map.put(SIZE, preprocessing.size());
    map.put("resize", preprocessing.resize());
    map.put("interpolation", preprocessing.interpolation().name().toLowerCase(Locale.ROOT));
    map.put("channels", preprocessing.channels());
    map.put("upright", preprocessing.upright() ? 1 : 0);
    var variation = preprocessing.variation();
    map.put("crop_scale", variation.cropScale());
    map.put("crop_ratio", variation.cropRatio());
    map.put("flip", variation.flip());
    map.put("rotation", variation.rotation());
    map.put("brightness", variation.brightness());
    map.put("contrast", variation.contrast());
    map.put("saturation", variation.saturation());
    map.put("hue", variation.hue());
  }

  static Optional<Preprocessing> of(Fields fields) {
    if (!fields.has(SIZE)) {
      return Optional.empty();
    }
    var variation =
        new Variation(
            fields.number("crop_scale"),
            fields.number("crop_ratio"),
            fields.number("flip"),
            fields.number("rotation"),
            fields.number("brightness"),
            fields.number("contrast"),
            fields.number("saturation"),
            fields.number("hue"));
    return Optional.of(
        new Preprocessing(
            fields.integer(SIZE),
            fields.integer("resize"),
            fields.choice("interpolation", Interpolation.class),
            fields.integer("channels"),
            fields.integer("upright") != 0,
            variation));
  }
}
