package io.github.densenet4j.internal.cli;

import io.github.densenet4j.error.DensenetException;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The library's settings as the options that set them, for messages. */
final class FieldOptions {
  /** By the settings' names as messages spell them. */
  private static final Map<String, String> OPTIONS =
      Map.ofEntries(
          Map.entry("batch size", "--batch-size"),
          Map.entry("memory limit", "--memory-limit"),
          Map.entry("number of threads", "--threads"),
          Map.entry("number of readers", "--workers"),
          Map.entry("strategy", "--strategy"),
          Map.entry("memory level", "--memory"),
          Map.entry("precision", "--precision"),
          Map.entry("device", "--device"),
          Map.entry("CUDA device", "--cuda-device"),
          Map.entry("checked mode", "--cuda-checked"),
          Map.entry("workspace limit", "--cuda-workspace"),
          Map.entry("growth rate", "--growth-rate"),
          Map.entry("block config", "--block-config"),
          Map.entry("init features", "--init-features"),
          Map.entry("bn size", "--bn-size"),
          Map.entry("compression", "--compression"),
          Map.entry("dropout", "--dropout"),
          Map.entry("stem", "--stem"),
          Map.entry("in channels", "--in-channels"),
          Map.entry("image size", "--image-size"),
          Map.entry("number of classes", "--classes"),
          Map.entry("number of epochs", "--epochs"),
          Map.entry("learning rate", "--lr"),
          Map.entry("momentum", "--momentum"),
          Map.entry("normalization", "--normalization"),
          Map.entry("patience", "--patience"),
          Map.entry("weight decay", "--weight-decay"),
          Map.entry("checkpoint interval", "--checkpoint-every"),
          Map.entry("validation split", "--validation-split"),
          Map.entry("split column", "--split-column"),
          Map.entry("label column", "--label-column"),
          Map.entry("label columns", "--label-columns"),
          Map.entry("Columns.singleOnly", "--single-label-only"),
          Map.entry("ImageFiles.skipUnreadable", "--skip-unreadable"),
          Map.entry("picture size", "--size"),
          Map.entry("picture channels", "--channels"),
          Map.entry("resized side", "--resize"),
          Map.entry("crop scale", "--crop-scale"),
          Map.entry("crop ratio", "--crop-ratio"),
          Map.entry("flip probability", "--flip"),
          Map.entry("rotation", "--rotation"),
          Map.entry("colour jitter", "--jitter"),
          Map.entry("hue jitter", "--jitter"),
          Map.entry("normalisation", "--normalization"),
          Map.entry("IfExists.RESUME", "--resume"),
          Map.entry("IfExists.RESUME_WITH_DIFFERENT_BITS", "--allow-different-bits"),
          Map.entry("classifier's learning rate", "--classifier-lr"),
          Map.entry("number of frozen blocks", "--freeze blocks"),
          Map.entry("Trainer.extend", "--extend"),
          Map.entry("another folder", "another --out"));

  private FieldOptions() {}

  /** The message with options in the place of the settings that it says it speaks of. */
  static String message(DensenetException failure) {
    String message = failure.getMessage();
    for (String field : failure.fields()) {
      String option = OPTIONS.getOrDefault(field, field);
      message =
          Pattern.compile("(?<![\\w-])" + Pattern.quote(field) + "(?![\\w-])")
              .matcher(message)
              .replaceAll(Matcher.quoteReplacement(option));
    }
    return message;
  }
}
