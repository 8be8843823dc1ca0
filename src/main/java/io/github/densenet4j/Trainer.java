package io.github.densenet4j;

import io.github.densenet4j.config.DenseNetConfig;
import io.github.densenet4j.data.Dataset;
import io.github.densenet4j.data.Evaluation;
import io.github.densenet4j.error.CheckpointException;
import io.github.densenet4j.error.ConfigurationException;
import io.github.densenet4j.error.DivergedException;
import io.github.densenet4j.internal.backend.Backend;
import io.github.densenet4j.internal.backend.NetworkSession;
import io.github.densenet4j.internal.checkpoint.Checkpoint;
import io.github.densenet4j.internal.checkpoint.CheckpointFile;
import io.github.densenet4j.internal.checkpoint.Progress;
import io.github.densenet4j.internal.checkpoint.TrainedOn;
import io.github.densenet4j.internal.checkpoint.TrainingOptions;
import io.github.densenet4j.internal.io.EpochMetrics;
import io.github.densenet4j.internal.io.MetricsCsv;
import io.github.densenet4j.internal.network.Initialization;
import io.github.densenet4j.internal.program.Lowering;
import io.github.densenet4j.internal.program.Lowerings;
import io.github.densenet4j.internal.training.Batches;
import io.github.densenet4j.internal.training.DataFit;
import io.github.densenet4j.internal.training.Evaluator;
import io.github.densenet4j.internal.training.ImageBatch;
import io.github.densenet4j.internal.training.Reports;
import io.github.densenet4j.internal.training.RunFolder;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Trains a network on a data set and writes a folder: {@code config.json}, {@code metrics.csv},
 * {@code checkpoint-last.safetensors}, {@code checkpoint-best.safetensors}, {@code report.html}. The same
 * configuration, data and seed give the same bits, whatever the number of threads and however often the training was
 * stopped and resumed.
 */
public final class Trainer {
  private final DenseNetConfig config;
  private final Dataset data;
  private final TrainingOptions options;
  private final Backend backend;
  private final Lowering lowering;

  /**
   * @param config for images of the data's size, channels and classes
   * @throws ConfigurationException if the network does not fit the data, or a batch is larger than the data
   */
  public Trainer(
      DenseNetConfig config, Dataset data, TrainingOptions options, Backend backend, Lowering lowering) {
    this.config = config;
    this.data = data;
    this.options = options;
    this.backend = backend;
    this.lowering = lowering;
    DataFit.check(config, data);
    if (options.batchSize() > data.training().count()) {
      throw new ConfigurationException(
          "--batch-size is " + options.batchSize() + ", but there are only " + data.training().count()
              + " training images: use a smaller batch");
    }
  }

  /** With the default strategy. */
  public Trainer(DenseNetConfig config, Dataset data, TrainingOptions options, Device device) {
    this(config, data, options, device.backend());
  }

  /** By the default strategy. */
  public Trainer(DenseNetConfig config, Dataset data, TrainingOptions options, Backend backend) {
    this(config, data, options, backend, Lowerings.standard());
  }

  /** A new training in {@code folder}, in silence, with checkpoints at the ends of epochs. */
  public TrainingResult run(Path folder) {
    return run(folder, false, 0, TrainingListener.SILENT);
  }

  /**
   * @param folder where to write; must not hold a training unless {@code resume}
   * @param resume go on where the folder's training stopped
   * @param checkpointEvery steps between checkpoints within an epoch; 0: at the ends of epochs only
   * @throws DivergedException if the loss becomes NaN or infinite; the last checkpoint is kept
   * @throws CheckpointException if the folder cannot be written
   */
  public TrainingResult run(Path folder, boolean resume, int checkpointEvery, TrainingListener listener) {
    var trainedOn = TrainedOn.of(data);
    var program = lowering.lower(config, options.workload());
    var plan = backend.plan(program);
    var run = RunFolder.check(folder, resume, config, options, trainedOn);
    var progress = run.resumed().map(Checkpoint::progress).orElse(Progress.START);
    listener.starting(program, plan, backend, progress);
    try (var session = new NetworkSession(backend, program, plan)) {
      return new Loop(session, run, run.open(), trainedOn, checkpointEvery, listener, progress).run();
    }
  }

  /** One run from where it starts to the last epoch. */
  private final class Loop {
    private final NetworkSession session;
    private final RunFolder run;
    private final MetricsCsv metrics;
    private final TrainedOn trainedOn;
    private final int checkpointEvery;
    private final TrainingListener listener;
    private final Batches batches;
    private final long steps;
    private final ImageBatch images;
    private Progress progress;

    /** The step that the session has images for. */
    private long loaded = -1;

    Loop(
        NetworkSession session, RunFolder run, MetricsCsv metrics, TrainedOn trainedOn, int checkpointEvery,
        TrainingListener listener, Progress progress) {
      this.session = session;
      this.run = run;
      this.metrics = metrics;
      this.trainedOn = trainedOn;
      this.checkpointEvery = checkpointEvery;
      this.listener = listener;
      this.progress = progress;
      batches = new Batches(data.training(), options.augmentation(), options.batchSize(), options.seed());
      steps = (long) batches.batchesPerEpoch() * options.epochs();
      images = ImageBatch.of(data.training(), options.batchSize(), trainedOn.normalization());
    }

    TrainingResult run() {
      restore();
      var evaluator = new Evaluator(session, trainedOn.normalization());
      Evaluation evaluation = null;
      while (progress.epoch() < options.epochs()) {
        evaluation = epoch(evaluator);
      }
      if (evaluation == null) {
        evaluation = evaluator.evaluate(data.heldOut().orElseThrow());
      }
      return new TrainingResult(evaluation, progress.bestAccuracy(), progress.bestEpoch(), run.path());
    }

    private void restore() {
      var parameters = session.program().parameters();
      var initial = new Initialization(options.seed());
      session.setParameters(run.resumed().map(Checkpoint::parameters).orElseGet(() -> initial.learnable(parameters)));
      session.setRunning(run.resumed().map(Checkpoint::running).orElseGet(() -> initial.running(parameters)));
      run.resumed().map(Checkpoint::velocity).ifPresent(session::setVelocity);
      session.setLevels(trainedOn.normalization().levels());
    }

    private Evaluation epoch(Evaluator evaluator) {
      var clock = new EpochClock(progress, batches.batchesPerEpoch(), options.batchSize(), steps);
      while (progress.batch() < batches.batchesPerEpoch()) {
        double rate = rate(progress.step());
        step(rate);
        if (checkpointEvery > 0 && progress.step() % checkpointEvery == 0) {
          CheckpointFile.write(run.last(), checkpoint());
        }
        listener.stepped(clock.report(progress, options.epochs(), rate));
      }
      double speed = clock.imagesPerSecond(progress);
      var evaluation = evaluator.evaluate(data.heldOut().orElseThrow());
      long seen = (long) progress.batch() * options.batchSize();
      var measured =
          new EpochMetrics(
              progress.epoch() + 1, progress.lossSum() / seen, (double) progress.correct() / seen, evaluation.loss(),
              evaluation.accuracy(), rate(progress.step() - 1), speed, clock.seconds());
      progress = progress.evaluated(evaluation.accuracy());
      save(measured, evaluation);
      listener.epochEnded(measured);
      return evaluation;
    }

    private double rate(long step) {
      int epoch = (int) (step / batches.batchesPerEpoch());
      return options.schedule().rate(options.learningRate(), config.stem(), epoch, options.epochs(), step, steps);
    }

    private void step(double rate) {
      int batch = options.batchSize();
      load(progress.batch());
      session.step(rate, progress.step(), options.seed());
      if (progress.batch() + 1 < batches.batchesPerEpoch()) {
        load(progress.batch() + 1); // while a device that works by itself still computes
      }
      double loss = session.loss();
      if (!Double.isFinite(loss)) {
        throw diverged("the loss became " + loss, progress.step());
      }
      progress = progress.stepped(loss * batch, session.correct());
    }

    /** A batch of this epoch, if it is not in the session yet. */
    private void load(int batch) {
      long step = (long) progress.epoch() * batches.batchesPerEpoch() + batch;
      if (step != loaded) {
        batches.fill(progress.epoch(), batch, images);
        images.load(session);
        loaded = step;
      }
    }

    private DivergedException diverged(String what, long step) {
      String kept = Files.exists(run.last()) ? "the last good checkpoint is " + run.last() : "no checkpoint was written";
      return new DivergedException(
          what + " at step " + (step + 1) + " with learning rate " + rate(step) + ": " + kept
              + "; try a smaller --lr");
    }

    private Checkpoint checkpoint() {
      var checkpoint =
          new Checkpoint(
              config, trainedOn, options, progress, session.parameters(), session.running(), session.velocity());
      for (float[] values : new float[][] {checkpoint.parameters(), checkpoint.running(), checkpoint.velocity()}) {
        for (float value : values) {
          if (!Float.isFinite(value)) {
            throw diverged("a weight became " + value, progress.step() - 1);
          }
        }
      }
      return checkpoint;
    }

    /** The checkpoint comes last: what a killed run leaves behind without it is written again. */
    private void save(EpochMetrics measured, Evaluation evaluation) {
      var checkpoint = checkpoint();
      metrics.append(measured);
      Reports.write(run.report(), metrics.rows(), session, backend, checkpoint, evaluation);
      if (progress.bestEpoch() == progress.epoch()) {
        CheckpointFile.write(run.best(), checkpoint);
      }
      CheckpointFile.write(run.last(), checkpoint);
    }
  }
}
