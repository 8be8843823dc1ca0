package io.github.densenet4j.internal.checkpoint;

import io.github.densenet4j.config.DenseNetConfig;
import io.github.densenet4j.config.Stem;
import io.github.densenet4j.data.ImageSource;
import io.github.densenet4j.data.ImageSource.Augmentation;
import io.github.densenet4j.error.CheckpointException;
import io.github.densenet4j.train.Schedule;
import io.github.densenet4j.train.TrainingListener.Settings;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/** The records of a training as ordered JSON objects and back, for checkpoints, config.json and reports. */
public final class Descriptions {
  private Descriptions() {}

  public static Map<String, Object> of(DenseNetConfig config) {
    var map = new LinkedHashMap<String, Object>();
    map.put("name", config.name());
    map.put("growth_rate", config.growthRate());
    map.put("block_config", config.blockConfig());
    map.put("init_features", config.initFeatures());
    map.put("bn_size", config.bnSize());
    map.put("compression", config.compression());
    map.put("dropout", config.dropout());
    map.put("stem", config.stem().label());
    map.put("in_channels", config.inChannels());
    map.put("image_size", config.imageSize());
    map.put("classes", config.classes());
    return map;
  }

  static DenseNetConfig config(Map<String, Object> map, String file) {
    var fields = new Fields(map, file, "model");
    return fields.make(
        () ->
            new DenseNetConfig(
                fields.text("name"),
                fields.integer("growth_rate"),
                fields.integers("block_config"),
                fields.integer("init_features"),
                fields.integer("bn_size"),
                fields.number("compression"),
                fields.number("dropout"),
                fields.choice("stem", Stem.class),
                fields.integer("in_channels"),
                fields.integer("image_size"),
                fields.integer("classes")));
  }

  public static Map<String, Object> of(Recipe recipe) {
    var settings = recipe.settings();
    var map = new LinkedHashMap<String, Object>();
    map.put("epochs", settings.epochs());
    map.put("batch_size", settings.batch());
    map.put("lr", settings.schedule().initialRate());
    map.put("schedule", settings.schedule().describe());
    map.put("momentum", settings.momentum());
    map.put("weight_decay", settings.weightDecay());
    map.put("augment", settings.augmentation().name().toLowerCase(Locale.ROOT));
    map.put("seed", settings.seed());
    if (!recipe.frozen().isEmpty()) {
      map.put("frozen", recipe.frozen());
    }
    recipe.classifierRate().ifPresent(rate -> map.put("classifier_lr", rate));
    return map;
  }

  static Recipe recipe(Map<String, Object> map, String file) {
    var fields = new Fields(map, file, "training");
    return fields.make(
        () ->
            new Recipe(
                new Settings(
                    fields.integer("epochs"),
                    fields.integer("batch_size"),
                    new Recipe.Named(fields.number("lr"), fields.text("schedule")),
                    fields.number("momentum"),
                    fields.number("weight_decay"),
                    fields.choice("augment", Augmentation.class),
                    fields.wholeNumber("seed")),
                fields.has("frozen") ? fields.texts("frozen") : List.of(),
                fields.has("classifier_lr")
                    ? OptionalDouble.of(fields.number("classifier_lr"))
                    : OptionalDouble.empty()));
  }

  /** What is known of it; of a file of before it was kept, nothing. */
  public static Map<String, Object> of(Optional<Computation> computation) {
    var map = new LinkedHashMap<String, Object>();
    computation.ifPresent(
        known -> {
          map.put("device", known.device());
          map.put("strategy", known.strategy());
          map.put("precision", known.precision());
          map.put("processor", known.processor());
        });
    return map;
  }

  static Computation computation(Map<String, Object> map, String file) {
    var fields = new Fields(map, file, "computation");
    return new Computation(
        fields.text("device"), fields.text("strategy"), fields.text("precision"), fields.text("processor"));
  }

  public static Map<String, Object> of(TrainedOn data) {
    var map = new LinkedHashMap<String, Object>();
    map.put("data", data.name());
    map.put("training_images", data.trainingImages());
    map.put("held_out_images", data.heldOutImages());
    map.put("class_names", data.classNames());
    if (data.pixels() != ImageSource.Pixels.UINT8) {
      map.put("pixels", data.pixels().name().toLowerCase(Locale.ROOT));
    }
    data.preprocessing().ifPresent(preprocessing -> PreprocessingFields.put(preprocessing, map));
    map.put("mean", data.normalization().mean());
    map.put("std", data.normalization().std());
    if (!data.digest().isEmpty()) {
      map.put("digest", data.digest());
    }
    if (!data.decoder().isEmpty()) {
      map.put("decoder", data.decoder());
    }
    return map;
  }

  static TrainedOn data(Map<String, Object> map, String file) {
    var fields = new Fields(map, file, "data");
    return fields.make(
        () ->
            new TrainedOn(
                fields.text("data"),
                fields.integer("training_images"),
                fields.integer("held_out_images"),
                fields.texts("class_names"),
                fields.has("pixels") ? fields.choice("pixels", ImageSource.Pixels.class) : ImageSource.Pixels.UINT8,
                new Normalization(fields.numbers("mean"), fields.numbers("std")),
                fields.has("digest") ? fields.text("digest") : "",
                PreprocessingFields.of(fields),
                fields.has("decoder") ? fields.text("decoder") : ""));
  }

  public static Map<String, Object> of(Progress progress) {
    var map = new LinkedHashMap<String, Object>();
    map.put("epoch", progress.epoch());
    map.put("batch", progress.batch());
    map.put("step", progress.step());
    map.put("loss_sum", progress.lossSum());
    map.put("correct", progress.correct());
    map.put("best_accuracy", progress.bestAccuracy());
    map.put("best_epoch", progress.bestEpoch());
    map.put("history", progress.history().stream().map(Descriptions::row).toList());
    return map;
  }

  /** @throws CheckpointException also if no training of this recipe on this data can have come to it */
  static Progress progress(Map<String, Object> map, String file, Recipe recipe, TrainedOn data) {
    var fields = new Fields(map, file, "progress");
    var progress =
        new Progress(
            fields.integer("epoch"),
            fields.integer("batch"),
            fields.wholeNumber("step"),
            fields.number("loss_sum"),
            fields.wholeNumber("correct"),
            fields.number("best_accuracy"),
            fields.integer("best_epoch"),
            // Files of before version 0.1 have none.
            fields.has("history") ? fields.list("history", "five scores", Descriptions::scores) : List.of());
    progress
        .fault(recipe.settings(), data)
        .ifPresent(
            fault -> {
              throw fields.failure("wrong: " + fault);
            });
    return progress;
  }

  /** An epoch's scores as a list; what was not measured is null. */
  private static List<Object> row(Schedule.Scores scores) {
    return Arrays.asList(
        scores.epoch(), measured(scores.loss()), measured(scores.accuracy()), measured(scores.heldOutLoss()),
        measured(scores.heldOutAccuracy()));
  }

  private static Double measured(double value) {
    return Double.isNaN(value) ? null : value;
  }

  /** Null if it is no row. */
  private static Schedule.Scores scores(Object row) {
    if (!(row instanceof List<?> values
        && values.size() == 5
        && values.getFirst() instanceof Long epoch
        && values.stream().skip(1).allMatch(value -> value == null || value instanceof Number))) {
      return null;
    }
    return new Schedule.Scores(
        Math.clamp(epoch, 0, Integer.MAX_VALUE), score(values.get(1)), score(values.get(2)),
        score(values.get(3)), score(values.get(4)));
  }

  private static double score(Object value) {
    return value == null ? Double.NaN : ((Number) value).doubleValue();
  }
}
