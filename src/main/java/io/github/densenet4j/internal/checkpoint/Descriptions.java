package io.github.densenet4j.internal.checkpoint;

import io.github.densenet4j.config.DenseNetConfig;
import io.github.densenet4j.config.Stem;
import io.github.densenet4j.data.Augmentation;
import io.github.densenet4j.data.ImageSource;
import io.github.densenet4j.error.CheckpointException;
import io.github.densenet4j.error.DensenetException;
import io.github.densenet4j.train.Schedule;
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

  public static Map<String, Object> of(TrainingOptions options) {
    var map = new LinkedHashMap<String, Object>();
    map.put("epochs", options.epochs());
    map.put("batch_size", options.batchSize());
    map.put("lr", options.learningRate());
    map.put("schedule", options.schedule().label());
    map.put("momentum", options.momentum());
    map.put("weight_decay", options.weightDecay());
    map.put("augment", options.augmentation().name().toLowerCase(Locale.ROOT));
    map.put("seed", options.seed());
    return map;
  }

  static TrainingOptions options(Map<String, Object> map, String source) {
    return read(
        source,
        "training",
        () ->
            new TrainingOptions(
                integer(map, "epochs"),
                integer(map, "batch_size"),
                number(map, "lr"),
                Schedule.valueOf(upper(map, "schedule")),
                number(map, "momentum"),
                number(map, "weight_decay"),
                Augmentation.valueOf(upper(map, "augment")),
                (Long) map.get("seed")));
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
                integer(map, "best_epoch")));
  }

  private interface Reading<T> {
    T read();
  }

  private static <T> T read(String source, String part, Reading<T> reading) {
    try {
      return reading.read();
    } catch (DensenetException | ClassCastException | NullPointerException | IllegalArgumentException
        | ArithmeticException e) {
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
