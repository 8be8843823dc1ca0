package io.github.densenet4j.internal.training;

import io.github.densenet4j.config.DenseNetConfig;
import io.github.densenet4j.error.CheckpointException;
import io.github.densenet4j.error.ConfigurationException;
import io.github.densenet4j.internal.checkpoint.Checkpoint;
import io.github.densenet4j.internal.checkpoint.CheckpointFile;
import io.github.densenet4j.internal.checkpoint.Descriptions;
import io.github.densenet4j.internal.checkpoint.TrainedOn;
import io.github.densenet4j.internal.checkpoint.TrainingOptions;
import io.github.densenet4j.internal.io.Json;
import io.github.densenet4j.internal.io.MetricsCsv;
import io.github.densenet4j.internal.io.OutputFolder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** The folder that a training writes: configuration, metrics, checkpoints, report. */
public final class RunFolder {
  static final String CONFIG = "config.json";
  static final String METRICS = "metrics.csv";
  public static final String LAST = "checkpoint-last.safetensors";
  public static final String BEST = "checkpoint-best.safetensors";
  public static final String REPORT = "report.html";

  private final Path folder;
  private final Map<String, Object> description;
  private final Optional<Checkpoint> resumed;

  private RunFolder(Path folder, Map<String, Object> description, Optional<Checkpoint> resumed) {
    this.folder = folder;
    this.description = description;
    this.resumed = resumed;
  }

  /**
   * Finds out whether the folder can take a training, without changing anything.
   *
   * @param resume whether a training that is there is to go on; one without a checkpoint starts anew
   * @throws ConfigurationException if there is a training that is not to go on, or one of another configuration
   * @throws CheckpointException if the folder cannot be written, or its files are damaged
   */
  public static RunFolder check(
      Path folder, boolean resume, DenseNetConfig config, TrainingOptions options, TrainedOn data) {
    OutputFolder.check(folder);
    var description = describe(config, options, data);
    boolean started = Files.exists(folder.resolve(CONFIG));
    if (started && !resume) {
      throw new ConfigurationException(
          folder + " has a training in it: continue it with --resume, or choose another --out");
    }
    Path last = folder.resolve(LAST);
    if (started) {
      refuseDifference(folder, description, Json.read(folder.resolve(CONFIG)));
    }
    if (!started || !Files.exists(last)) {
      return new RunFolder(folder, description, Optional.empty());
    }
    var checkpoint = CheckpointFile.read(last);
    refuseDifference(
        folder, description, describe(checkpoint.config(), checkpoint.options(), checkpoint.data()));
    return new RunFolder(folder, description, Optional.of(checkpoint));
  }

  /**
   * Makes the folder ready for the training.
   *
   * @return its metrics so far
   * @throws CheckpointException if the folder cannot be written
   */
  public MetricsCsv open() {
    OutputFolder.open(folder);
    Path table = folder.resolve(METRICS);
    var metrics =
        resumed
            .map(checkpoint -> MetricsCsv.resume(table, checkpoint.progress().epoch()))
            .orElseGet(() -> MetricsCsv.create(table));
    // Last, because its presence says that there is a training here.
    if (!Files.exists(folder.resolve(CONFIG))) {
      Json.write(folder.resolve(CONFIG), description);
    }
    return metrics;
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
  public Optional<Checkpoint> resumed() {
    return resumed;
  }

  public Path path() {
    return folder;
  }

  public Path last() {
    return folder.resolve(LAST);
  }

  public Path best() {
    return folder.resolve(BEST);
  }

  public Path report() {
    return folder.resolve(REPORT);
  }
}
