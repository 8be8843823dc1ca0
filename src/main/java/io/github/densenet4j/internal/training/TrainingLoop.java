package io.github.densenet4j.internal.training;

import io.github.densenet4j.data.Evaluation;
import io.github.densenet4j.error.ConfigurationException;
import io.github.densenet4j.error.DivergedException;
import io.github.densenet4j.internal.backend.NetworkSession;
import io.github.densenet4j.internal.checkpoint.Checkpoint;
import io.github.densenet4j.internal.checkpoint.Progress;
import io.github.densenet4j.internal.io.EpochMetrics;
import io.github.densenet4j.train.Schedule;
import io.github.densenet4j.train.TrainingListener;
import io.github.densenet4j.train.TrainingListener.Settings;
import java.util.Optional;
import java.util.function.Function;

/**
 * One run of a training, from where it starts to its last epoch or to where a listener stops it. The same job gives the
 * same bits, whatever the number of threads and however often it was stopped and resumed.
 */
public final class TrainingLoop {
  private final NetworkSession session;
  private final Job job;
  private final Settings settings;
  private final RunStore store;
  private final Evaluator evaluator;
  private final Batches batches;
  private final long steps;
  private final BatchRing ring;
  private Progress progress;
  private boolean stopped;
  private boolean interrupted;

  /** The step that the session has images for. */
  private long loaded = -1;

  /** @param session of a program that does what the job's recipe says */
  public TrainingLoop(NetworkSession session, Job job, RunStore store) {
    this.session = session;
    this.job = job;
    this.store = store;
    settings = job.recipe().settings();
    progress = store.resumed().map(Checkpoint::progress).orElse(Progress.START);
    var normalization = job.trainedOn().normalization();
    evaluator = new Evaluator(session, normalization, job.readers());
    batches = new Batches(job.data().training(), settings.augmentation(), settings.batch(), settings.seed());
    steps = (long) batches.batchesPerEpoch() * settings.epochs();
    ring = BatchRing.of(job.data().training(), settings.batch(), normalization, job.readers());
  }

  /**
   * Trains.
   *
   * @throws DivergedException if the loss or a weight becomes NaN or infinite; what was kept before stays
   * @throws ConfigurationException if the schedule gives a rate that is none
   */
  public Outcome run() {
    restore();
    var outcome = progress.epoch() < settings.epochs() ? null : complete();
    while (outcome == null || !stopped && progress.epoch() < settings.epochs()) {
      outcome = null; // or two checkpoints would be in memory
      outcome = epoch();
    }
    return outcome;
  }

  /** Of a training that was resumed after its last epoch. */
  private Outcome complete() {
    return new Outcome(store.resumed().orElseThrow(), evaluate(), false);
  }

  private void restore() {
    session.setParameters(store.resumed().map(Checkpoint::parameters).orElse(job.start().parameters()));
    session.setRunning(store.resumed().map(Checkpoint::running).orElse(job.start().running()));
    store.resumed().map(Checkpoint::velocity).ifPresent(session::setVelocity);
    session.setLevels(job.trainedOn().normalization().levels());
  }

  private Optional<Evaluation> evaluate() {
    return job.data().heldOut().map(evaluator::evaluate);
  }

  private Outcome epoch() {
    var clock = new EpochClock(progress, batches.batchesPerEpoch(), settings.batch(), steps);
    try (var reader = ring.read(batches.epoch(progress.epoch()), progress.batch())) {
      steps(reader, clock);
    }
    if (interrupted) {
      return interrupt();
    }
    return stopped && progress.batch() < batches.batchesPerEpoch() ? stop() : end(clock);
  }

  /** To the end of the epoch, or to where a listener says stop. */
  private void steps(BatchReader reader, EpochClock clock) {
    while (progress.batch() < batches.batchesPerEpoch() && !stopped) {
      double rate = rate(progress.step());
      step(reader, rate);
      if (job.checkpointEvery() > 0 && progress.step() % job.checkpointEvery() == 0) {
        store.keep(checkpoint());
      }
      var report = clock.report(progress, settings.epochs(), rate);
      tell(listener -> listener.stepped(report));
    }
  }

  /** Asks every listener whether to go on. */
  private void tell(Function<TrainingListener, TrainingListener.Decision> event) {
    for (var listener : job.listeners()) {
      var decision = event.apply(listener);
      stopped |= decision != TrainingListener.Decision.CONTINUE;
      interrupted |= decision == TrainingListener.Decision.INTERRUPT;
    }
  }

  private double rate(long step) {
    int epoch = (int) (step / batches.batchesPerEpoch());
    double rate =
        settings.schedule()
            .rate(
                new Schedule.Moment(
                    session.program().config().stem(), epoch, settings.epochs(), step, steps, progress.history()));
    if (!(rate >= 0 && Double.isFinite(rate))) {
      throw new ConfigurationException(
          "learning rate is " + rate + " at step " + (step + 1) + ", it must be at least 0", "learning rate");
    }
    return rate;
  }

  private void step(BatchReader reader, double rate) {
    load(reader, progress.batch());
    session.step(rate, progress.step(), settings.seed());
    if (progress.batch() + 1 < batches.batchesPerEpoch()) {
      load(reader, progress.batch() + 1); // while a device that works by itself still computes
    }
    double loss = session.loss();
    if (!Double.isFinite(loss)) {
      throw diverged("the loss became " + loss, progress.step(), rate);
    }
    progress = progress.stepped(loss * settings.batch(), session.correct());
  }

  /** A batch of this epoch, if it is not in the session yet. */
  private void load(BatchReader reader, int batch) {
    long step = (long) progress.epoch() * batches.batchesPerEpoch() + batch;
    if (step != loaded) {
      reader.next().load(session);
      loaded = step;
    }
  }

  private DivergedException diverged(String what, long step, double rate) {
    // A step that takes more from a weight than the weight itself is the decay's fault.
    boolean decay = rate * settings.weightDecay() >= 1 && settings.weightDecay() > rate;
    String cause = decay ? "weight decay" : "learning rate";
    return new DivergedException(
        what + " at step " + (step + 1) + " with rate " + rate + ": " + store.remains() + "; try a smaller " + cause,
        cause);
  }

  private Checkpoint checkpoint() {
    var checkpoint =
        new Checkpoint(
            session.program().config(), job.trainedOn(), job.recipe(), Optional.of(job.computation()), progress,
            session.parameters(), session.running(), session.velocity());
    for (float[] values : new float[][] {checkpoint.parameters(), checkpoint.running(), checkpoint.velocity()}) {
      for (float value : values) {
        if (!Float.isFinite(value)) {
          throw diverged("a weight became " + value, progress.step() - 1, rate(progress.step() - 1));
        }
      }
    }
    return checkpoint;
  }

  private Outcome interrupt() {
    var checkpoint = checkpoint();
    store.keep(checkpoint);
    return new Outcome(checkpoint, Optional.empty(), true);
  }

  private Outcome stop() {
    var checkpoint = checkpoint();
    var evaluation = evaluate();
    store.stop(checkpoint, evaluation, session);
    return new Outcome(checkpoint, evaluation, true);
  }

  private Outcome end(EpochClock clock) {
    double speed = clock.imagesPerSecond(progress);
    double rate = rate(progress.step() - 1);
    var evaluation = evaluate();
    long seen = (long) progress.batch() * settings.batch();
    var scores =
        new Schedule.Scores(
            progress.epoch() + 1, progress.lossSum() / seen, (double) progress.correct() / seen,
            evaluation.map(Evaluation::loss).orElse(Double.NaN),
            evaluation.map(Evaluation::accuracy).orElse(Double.NaN));
    progress = progress.evaluated(scores);
    var checkpoint = checkpoint();
    double seconds = clock.seconds();
    store.keep(metrics(scores, rate, speed, seconds), checkpoint, evaluation, session);
    tell(
        listener ->
            listener.epochEnded(new TrainingListener.Epoch(scores, settings.epochs(), rate, speed, seconds)));
    return new Outcome(checkpoint, evaluation, stopped);
  }

  private static EpochMetrics metrics(Schedule.Scores scores, double rate, double speed, double seconds) {
    return new EpochMetrics(
        scores.epoch(), scores.loss(), scores.accuracy(), scores.heldOutLoss(), scores.heldOutAccuracy(), rate, speed,
        seconds);
  }
}
