package io.github.densenet4j.train;

import io.github.densenet4j.error.CheckpointException;
import io.github.densenet4j.error.ConfigurationException;
import io.github.densenet4j.io.Json;
import io.github.densenet4j.io.MetricsCsv;
import io.github.densenet4j.io.OutputFolder;
import io.github.densenet4j.network.DenseNetConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** The folder that a training writes: configuration, metrics, checkpoints, report. */
final class RunFolder {
  static final String CONFIG = "config.json";
  static final String METRICS = "metrics.csv";
  static final String LAST = "checkpoint-last.safetensors";
  static final String BEST = "checkpoint-best.safetensors";
  static final String REPORT = "report.html";

  private final Path folder;
  private final Optional<Checkpoint> resumed;
  private final MetricsCsv metrics;

  private RunFolder(Path folder, Optional<Checkpoint> resumed, MetricsCsv metrics) {
    this.folder = folder;
    this.resumed = resumed;
    this.metrics = metrics;
  }

  /**
   * A folder for a new training.
   *
   * @throws ConfigurationException if the folder has a training in it
   * @throws CheckpointException if the folder cannot be written
   */
  static RunFolder create(Path folder, DenseNetConfig config, TrainingOptions options, TrainedOn data) {
    if (Files.exists(folder.resolve(CONFIG))) {
      throw new ConfigurationException(
          folder + " has a training in it: continue it with --resume, or choose another --out");
    }
    OutputFolder.open(folder);
    var run = new RunFolder(folder, Optional.empty(), MetricsCsv.create(folder.resolve(METRICS)));
    // Last, because its presence says that there is a training here.
    Json.write(folder.resolve(CONFIG), describe(config, options, data));
    return run;
  }

  /**
   * The folder of a training that is to go on; as new if it was stopped before its first checkpoint.
   *
   * @throws ConfigurationException if it was started with another configuration
   */
  static RunFolder resume(Path folder, DenseNetConfig config, TrainingOptions options, TrainedOn data) {
    if (!Files.exists(folder.resolve(CONFIG))) {
      return create(folder, config, options, data);
    }
    OutputFolder.open(folder);
    refuseDifference(folder, describe(config, options, data), Json.read(folder.resolve(CONFIG)));
    Path last = folder.resolve(LAST);
    if (!Files.exists(last)) {
      return new RunFolder(folder, Optional.empty(), MetricsCsv.create(folder.resolve(METRICS)));
    }
    var checkpoint = CheckpointFile.read(last);
    refuseDifference(
        folder,
        describe(config, options, data),
        describe(checkpoint.config(), checkpoint.options(), checkpoint.data()));
    var metrics = MetricsCsv.resume(folder.resolve(METRICS), checkpoint.progress().epoch());
    return new RunFolder(folder, Optional.of(checkpoint), metrics);
  }

  private static Map<String, Object> describe(DenseNetConfig config, TrainingOptions options, TrainedOn data) {
    var map = new LinkedHashMap<String, Object>();
    map.put("model", Descriptions.of(config));
    map.put("training", Descriptions.of(options));
    map.put("data", Descriptions.of(data));
    return map;
  }

  private static void refuseDifference(Path folder, Map<String, Object> wanted, Map<String, Object> found) {
    for (String part : wanted.keySet()) {
      Map<?, ?> expected = (Map<?, ?>) wanted.get(part);
      Map<?, ?> there = found.get(part) instanceof Map<?, ?> map ? map : Map.of();
      for (var key : expected.keySet()) {
        // As text, because JSON does not tell an int from a long.
        String now = String.valueOf(expected.get(key));
        String before = String.valueOf(there.get(key));
        if (!Objects.equals(now, before)) {
          throw new ConfigurationException(
              folder + " was started with " + key + " " + before + ", this command says " + now
                  + ": repeat the options of the first command, or choose another --out");
        }
      }
    }
  }

  /** Where the training stopped, if it had come to a checkpoint. */
  Optional<Checkpoint> resumed() {
    return resumed;
  }

  MetricsCsv metrics() {
    return metrics;
  }

  Path path() {
    return folder;
  }

  Path last() {
    return folder.resolve(LAST);
  }

  Path best() {
    return folder.resolve(BEST);
  }

  Path report() {
    return folder.resolve(REPORT);
  }
}
