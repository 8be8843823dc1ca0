package io.github.densenet4j.internal.training;

import io.github.densenet4j.config.DenseNetConfig;
import io.github.densenet4j.data.Evaluation;
import io.github.densenet4j.error.CheckpointException;
import io.github.densenet4j.error.ConfigurationException;
import io.github.densenet4j.internal.backend.NetworkSession;
import io.github.densenet4j.internal.checkpoint.Checkpoint;
import io.github.densenet4j.internal.checkpoint.CheckpointFile;
import io.github.densenet4j.internal.checkpoint.Computation;
import io.github.densenet4j.internal.checkpoint.Descriptions;
import io.github.densenet4j.internal.checkpoint.NetworkState;
import io.github.densenet4j.internal.checkpoint.Recipe;
import io.github.densenet4j.internal.checkpoint.TrainedOn;
import io.github.densenet4j.internal.io.EpochMetrics;
import io.github.densenet4j.internal.io.FolderLock;
import io.github.densenet4j.internal.io.Json;
import io.github.densenet4j.internal.io.MetricsCsv;
import io.github.densenet4j.internal.io.OutputFolder;
import io.github.densenet4j.train.IfExists;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The folder that a training writes: configuration, metrics, checkpoints, report. It belongs to one training at a time,
 * and no checkpoint is replaced but by the training that wrote it.
 */
public final class RunFolder implements RunStore, AutoCloseable {
  private static final String CONFIG = "config.json";
  private static final String METRICS = "metrics.csv";
  public static final String LAST = "checkpoint-last.safetensors";
  public static final String BEST = "checkpoint-best.safetensors";
  public static final String REPORT = "report.html";

  private final Path folder;
  private final FolderLock lock;
  private final Job job;
  private final Optional<Checkpoint> resumed;
  private final List<String> warnings;
  private MetricsCsv metrics;
  private String device;
  private int bestEpoch;

  private RunFolder(
      Path folder, FolderLock lock, Job job, Optional<Checkpoint> resumed, List<String> warnings) {
    this.folder = folder;
    this.lock = lock;
    this.job = job;
    this.resumed = resumed;
    this.warnings = warnings;
    bestEpoch = resumed.map(checkpoint -> checkpoint.progress().bestEpoch()).orElse(0);
  }

  /**
   * Takes the folder for a training, if it can have it. No file of it changes before {@link #open}.
   *
   * @param ifExists what is to become of a training that is there; one without a checkpoint starts anew
   * @param extended whether it may have more epochs than it was started with
   * @return to be closed
   * @throws ConfigurationException if there is a training that is not to go on, or one of another configuration
   * @throws CheckpointException if the folder cannot be written, is in use, or its files are damaged
   */
  public static RunFolder take(Path folder, IfExists ifExists, boolean extended, Job job) {
    OutputFolder.check(folder);
    var lock = FolderLock.take(folder);
    try {
      refusePipes(folder);
      var resumed = resumed(folder, ifExists);
      var check = new ResumeCheck(folder, ifExists == IfExists.RESUME_WITH_DIFFERENT_BITS, extended);
      var warnings =
          resumed.map(checkpoint -> check.compare(describe(job), describe(checkpoint))).orElse(List.of());
      return new RunFolder(folder, lock, resumed.map(job::resuming).orElse(job), resumed, warnings);
    } catch (RuntimeException | Error failure) {
      lock.close();
      throw failure;
    }
  }

  /** One that nobody reads would keep the training waiting, perhaps at its end. */
  private static void refusePipes(Path folder) {
    for (String name : List.of(CONFIG, METRICS, LAST, BEST, REPORT)) {
      Path file = folder.resolve(name);
      if (Files.exists(file) && !Files.isRegularFile(file) && !Files.isDirectory(file)) {
        throw new CheckpointException(
            "cannot write " + file + ": it is a pipe or a device, expected a regular file or none");
      }
    }
  }

  private static Map<String, Object> describe(Job job) {
    return describe(job.start().config(), job.recipe(), job.trainedOn(), Optional.of(job.computation()));
  }

  /** The checkpoint to go on from, if there is one; every other that is there must be of the same training. */
  private static Optional<Checkpoint> resumed(Path folder, IfExists ifExists) {
    Path last = folder.resolve(LAST);
    Path best = folder.resolve(BEST);
    boolean hasLast = Files.exists(last, LinkOption.NOFOLLOW_LINKS);
    boolean hasBest = Files.exists(best, LinkOption.NOFOLLOW_LINKS);
    if (!hasLast && !hasBest) {
      return Optional.empty();
    }
    if (ifExists == IfExists.FAIL) {
      throw new ConfigurationException(
          folder + " has a training in it: continue it with IfExists.RESUME, or choose another folder",
          "IfExists.RESUME", "another folder");
    }
    if (!hasLast) {
      throw new CheckpointException(
          folder + " has a " + BEST + " but no " + LAST + " to go on from: put it back, or choose another folder",
          "another folder");
    }
    var checkpoint = CheckpointFile.read(last);
    if (hasBest && !isOneTraining(checkpoint, CheckpointFile.read(best))) {
      throw new CheckpointException(
          best + " is of another training than " + LAST + ": move it away, or choose another folder",
          "another folder");
    }
    return Optional.of(checkpoint);
  }

  /** Where and on what they were trained may have changed on the way, and for how many epochs. */
  private static boolean isOneTraining(Checkpoint one, Checkpoint other) {
    return one.config().equals(other.config()) && ofAnyEpochs(one).equals(ofAnyEpochs(other));
  }

  private static Map<String, Object> ofAnyEpochs(Checkpoint checkpoint) {
    var recipe = Descriptions.of(checkpoint.recipe());
    recipe.remove(ResumeCheck.EPOCHS);
    return recipe;
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
    Json.write(folder.resolve(CONFIG), describe(job));
    resumed.filter(this::lacksItsBest).ifPresent(found -> CheckpointFile.write(folder.resolve(BEST), found));
  }

  /** Whether the run that wrote this last checkpoint was killed before it wrote the same as its best one. */
  private boolean lacksItsBest(Checkpoint last) {
    Path best = folder.resolve(BEST);
    return isBest(last)
        && !(Files.exists(best) && CheckpointFile.read(best).progress().equals(last.progress()));
  }

  private static boolean isBest(Checkpoint checkpoint) {
    var progress = checkpoint.progress();
    return progress.batch() == 0 && progress.epoch() > 0 && progress.bestEpoch() == progress.epoch();
  }

  private static Map<String, Object> describe(Checkpoint checkpoint) {
    return describe(checkpoint.config(), checkpoint.recipe(), checkpoint.data(), checkpoint.computation());
  }

  private static Map<String, Object> describe(
      DenseNetConfig config, Recipe recipe, TrainedOn data, Optional<Computation> computation) {
    var map = new LinkedHashMap<String, Object>();
    map.put("model", Descriptions.of(config));
    map.put("training", Descriptions.of(recipe));
    map.put("data", Descriptions.of(data));
    map.put("computation", Descriptions.of(computation));
    return map;
  }

  /** The training as it is to be done: one that is resumed goes on with the data as its checkpoint has it. */
  public Job job() {
    return job;
  }

  /** What is no longer as it was before a resume, in sentences whose subject is the training. */
  public List<String> warnings() {
    return warnings;
  }

  @Override
  public Optional<Checkpoint> resumed() {
    return resumed;
  }

  @Override
  public void keep(Checkpoint checkpoint) {
    CheckpointFile.write(folder.resolve(LAST), checkpoint);
  }

  /**
   * What a run that is killed leaves behind without its last checkpoint is written again; a best one that is missing
   * beside it is made by {@link #open}. Not the other way round: a best checkpoint alone could be anybody's.
   */
  @Override
  public void keep(
      EpochMetrics epoch, Checkpoint checkpoint, Optional<Evaluation> evaluation, NetworkSession session) {
    metrics.append(epoch);
    report(checkpoint, evaluation, session);
    keep(checkpoint);
    bestEpoch = checkpoint.progress().bestEpoch();
    if (isBest(checkpoint)) {
      CheckpointFile.write(folder.resolve(BEST), checkpoint);
    }
  }

  @Override
  public void stop(Checkpoint checkpoint, Optional<Evaluation> evaluation, NetworkSession session) {
    if (!metrics.rows().isEmpty()) {
      report(checkpoint, evaluation, session);
    }
    keep(checkpoint);
  }

  private void report(Checkpoint checkpoint, Optional<Evaluation> evaluation, NetworkSession session) {
    Reports.write(folder.resolve(REPORT), metrics.rows(), session, device, job.origin(), checkpoint, evaluation);
  }

  @Override
  public NetworkState best() {
    return CheckpointFile.readNetwork(folder.resolve(bestEpoch > 0 ? BEST : LAST));
  }

  @Override
  public String remains() {
    Path last = folder.resolve(LAST);
    return Files.exists(last) ? "the last good checkpoint is " + last : "no checkpoint was written";
  }

  /** Gives the folder back; one that was made for this training and is empty goes. */
  @Override
  public void close() {
    lock.close();
  }
}
