package io.github.densenet4j.internal.training;

import io.github.densenet4j.config.DenseNetConfig;
import io.github.densenet4j.data.Evaluation;
import io.github.densenet4j.error.CheckpointException;
import io.github.densenet4j.error.ConfigurationException;
import io.github.densenet4j.internal.backend.NetworkSession;
import io.github.densenet4j.internal.checkpoint.Checkpoint;
import io.github.densenet4j.internal.checkpoint.CheckpointFile;
import io.github.densenet4j.internal.checkpoint.Descriptions;
import io.github.densenet4j.internal.checkpoint.NetworkState;
import io.github.densenet4j.internal.checkpoint.Recipe;
import io.github.densenet4j.internal.checkpoint.TrainedOn;
import io.github.densenet4j.internal.io.EpochMetrics;
import io.github.densenet4j.internal.io.Json;
import io.github.densenet4j.internal.io.MetricsCsv;
import io.github.densenet4j.internal.io.OutputFolder;
import io.github.densenet4j.train.IfExists;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;

/** The folder that a training writes: configuration, metrics, checkpoints, report. */
public final class RunFolder implements RunStore {
  private static final String CONFIG = "config.json";
  private static final String METRICS = "metrics.csv";
  public static final String LAST = "checkpoint-last.safetensors";
  public static final String BEST = "checkpoint-best.safetensors";
  public static final String REPORT = "report.html";

  private final Path folder;
  private final Map<String, Object> description;
  private final Optional<Checkpoint> resumed;
  private MetricsCsv metrics;
  private String device;

  private RunFolder(Path folder, Map<String, Object> description, Optional<Checkpoint> resumed) {
    this.folder = folder;
    this.description = description;
    this.resumed = resumed;
  }

  /**
   * Finds out whether the folder can take a training, without changing anything.
   *
   * @param ifExists what is to become of a training that is there; one without a checkpoint starts anew
   * @throws ConfigurationException if there is a training that is not to go on, or one of another configuration
   * @throws CheckpointException if the folder cannot be written, or its files are damaged
   */
  public static RunFolder check(
      Path folder, IfExists ifExists, DenseNetConfig config, Recipe recipe, TrainedOn data) {
    OutputFolder.check(folder);
    var description = describe(config, recipe, data);
    boolean started = Files.exists(folder.resolve(CONFIG));
    if (started && ifExists == IfExists.FAIL) {
      throw new ConfigurationException(
          folder + " has a training in it: continue it with IfExists.RESUME, or choose another folder",
          "IfExists.RESUME", "another folder");
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
        folder, description, describe(checkpoint.config(), checkpoint.recipe(), checkpoint.data()));
    return new RunFolder(folder, description, Optional.of(checkpoint));
  }

  @Override
  public void open(String device) {
    this.device = device;
    OutputFolder.open(folder);
    Path table = folder.resolve(METRICS);
    metrics =
        resumed
            .map(checkpoint -> MetricsCsv.resume(table, checkpoint.progress().epoch()))
            .orElseGet(() -> MetricsCsv.create(table));
    // Last, because its presence says that there is a training here.
    if (!Files.exists(folder.resolve(CONFIG))) {
      Json.write(folder.resolve(CONFIG), description);
    }
  }

  private static Map<String, Object> describe(DenseNetConfig config, Recipe recipe, TrainedOn data) {
    var map = new LinkedHashMap<String, Object>();
    map.put("model", Descriptions.of(config));
    map.put("training", Descriptions.of(recipe));
    map.put("data", Descriptions.of(data));
    return map;
  }

  private static void refuseDifference(Path folder, Map<String, Object> wanted, Map<String, Object> found) {
    for (String part : wanted.keySet()) {
      Map<?, ?> expected = (Map<?, ?>) wanted.get(part);
      Map<?, ?> there = found.get(part) instanceof Map<?, ?> map ? map : Map.of();
      var keys = new LinkedHashSet<Object>(expected.keySet());
      keys.addAll(there.keySet());
      for (var key : keys) {
        // As text, because JSON does not tell an int from a long.
        String now = text(expected.get(key));
        String before = text(there.get(key));
        if (!now.equals(before)) {
          throw new ConfigurationException(
              folder + " was started with " + key + " " + before + ", now it is " + now
                  + ": repeat the settings of its start, or choose another folder",
              "another folder");
        }
      }
    }
  }

  private static String text(Object value) {
    return value == null ? "unset" : value.toString();
  }

  @Override
  public Optional<Checkpoint> resumed() {
    return resumed;
  }

  @Override
  public void keep(Checkpoint checkpoint) {
    CheckpointFile.write(folder.resolve(LAST), checkpoint);
  }

  /** The checkpoint comes last: what a killed run leaves behind without it is written again. */
  @Override
  public void keep(
      EpochMetrics epoch, Checkpoint checkpoint, Optional<Evaluation> evaluation, NetworkSession session) {
    metrics.append(epoch);
    report(checkpoint, evaluation, session);
    if (checkpoint.progress().bestEpoch() == checkpoint.progress().epoch()) {
      CheckpointFile.write(folder.resolve(BEST), checkpoint);
    }
    keep(checkpoint);
  }

  @Override
  public void stop(Checkpoint checkpoint, Optional<Evaluation> evaluation, NetworkSession session) {
    if (!metrics.rows().isEmpty()) {
      report(checkpoint, evaluation, session);
    }
    keep(checkpoint);
  }

  private void report(Checkpoint checkpoint, Optional<Evaluation> evaluation, NetworkSession session) {
    Reports.write(folder.resolve(REPORT), metrics.rows(), session, device, checkpoint, evaluation);
  }

  @Override
  public NetworkState best() {
    Path best = folder.resolve(BEST);
    return CheckpointFile.readNetwork(Files.exists(best) ? best : folder.resolve(LAST));
  }

  @Override
  public String remains() {
    Path last = folder.resolve(LAST);
    return Files.exists(last) ? "the last good checkpoint is " + last : "no checkpoint was written";
  }
}
