package io.github.densenet4j.internal.checkpoint;

import io.github.densenet4j.config.DenseNetConfig;
import io.github.densenet4j.config.Stem;
import io.github.densenet4j.data.Augmentation;
import io.github.densenet4j.data.ImageSource;
import io.github.densenet4j.error.CheckpointException;
import io.github.densenet4j.error.DensenetException;
import io.github.densenet4j.train.Schedule;
import io.github.densenet4j.train.TrainingListener.Settings;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;

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

  static DenseNetConfig config(Map<String, Object> map, String source) {
    return read(
        source,
        "model",
        () ->
            new DenseNetConfig(
                (String) map.get("name"),
                integer(map, "growth_rate"),
                list(map, "block_config", v -> Math.toIntExact((Long) v)),
                integer(map, "init_features"),
                integer(map, "bn_size"),
                number(map, "compression"),
                number(map, "dropout"),
                Stem.valueOf(upper(map, "stem")),
                integer(map, "in_channels"),
                integer(map, "image_size"),
                integer(map, "classes")));
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
    return map;
  }

  static Recipe recipe(Map<String, Object> map, String source) {
    return read(
        source,
        "training",
        () ->
            new Recipe(
                new Settings(
                    integer(map, "epochs"),
                    integer(map, "batch_size"),
                    new Recipe.Named(number(map, "lr"), (String) map.get("schedule")),
                    number(map, "momentum"),
                    number(map, "weight_decay"),
                    Augmentation.valueOf(upper(map, "augment")),
                    (Long) map.get("seed")),
                map.containsKey("frozen") ? list(map, "frozen", String.class::cast) : List.of()));
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
    map.put("mean", data.normalization().mean());
    map.put("std", data.normalization().std());
    return map;
  }

  static TrainedOn data(Map<String, Object> map, String source) {
    return read(
        source,
        "data",
        () ->
            new TrainedOn(
                (String) map.get("data"),
                integer(map, "training_images"),
                integer(map, "held_out_images"),
                list(map, "class_names", String.class::cast),
                map.containsKey("pixels")
                    ? ImageSource.Pixels.valueOf(upper(map, "pixels"))
                    : ImageSource.Pixels.UINT8,
                new Normalization(
                    list(map, "mean", v -> ((Number) v).doubleValue()),
                    list(map, "std", v -> ((Number) v).doubleValue()))));
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

  static Progress progress(Map<String, Object> map, String source) {
    return read(
        source,
        "progress",
        () ->
            new Progress(
                integer(map, "epoch"),
                integer(map, "batch"),
                (Long) map.get("step"),
                number(map, "loss_sum"),
                (Long) map.get("correct"),
                number(map, "best_accuracy"),
                integer(map, "best_epoch"),
                // Files of before version 0.1 have none.
                map.containsKey("history") ? list(map, "history", Descriptions::scores) : List.of()));
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

  private static Schedule.Scores scores(Object row) {
    var values = (List<?>) row;
    return new Schedule.Scores(
        Math.toIntExact((Long) values.get(0)), score(values.get(1)), score(values.get(2)), score(values.get(3)),
        score(values.get(4)));
  }

  private static double score(Object value) {
    return value == null ? Double.NaN : ((Number) value).doubleValue();
  }

  private interface Reading<T> {
    T read();
  }

  private static <T> T read(String source, String part, Reading<T> reading) {
    try {
      return reading.read();
    } catch (DensenetException | ClassCastException | NullPointerException | IllegalArgumentException
        | ArithmeticException | IndexOutOfBoundsException e) {
      throw new CheckpointException(
          source + " cannot be used: its " + part + " description is incomplete or wrong (" + e.getMessage() + ")", e);
    }
  }

  private static int integer(Map<String, Object> map, String key) {
    return Math.toIntExact((Long) map.get(key));
  }

  private static double number(Map<String, Object> map, String key) {
    return ((Number) map.get(key)).doubleValue();
  }

  private static String upper(Map<String, Object> map, String key) {
    return ((String) map.get(key)).toUpperCase(Locale.ROOT);
  }

  private static <T> List<T> list(Map<String, Object> map, String key, Function<Object, T> element) {
    return ((List<?>) map.get(key)).stream().map(v -> element.apply(v)).toList();
  }
}
