package io.github.densenet4j.internal.cli;

import io.github.densenet4j.Device;
import io.github.densenet4j.TrainingListener;
import io.github.densenet4j.data.Dataset;
import io.github.densenet4j.data.ImageSource;
import io.github.densenet4j.internal.backend.Backend;
import io.github.densenet4j.internal.checkpoint.Progress;
import io.github.densenet4j.internal.checkpoint.TrainingOptions;
import io.github.densenet4j.internal.io.EpochMetrics;
import io.github.densenet4j.internal.io.Figures;
import io.github.densenet4j.internal.memory.ArenaPlan;
import io.github.densenet4j.internal.program.Program;
import java.math.BigDecimal;
import java.util.Locale;

/** Shows a training: what it will do, how far it is, what each epoch came to. */
final class TrainingDisplay implements TrainingListener, AutoCloseable {
  private final Console console;
  private final Dataset data;
  private final TrainingOptions options;
  private final Device device;
  private final String precision;
  private final ProgressLine progress;

  TrainingDisplay(Console console, Dataset data, TrainingOptions options, Device device, String precision) {
    this.console = console;
    this.data = data;
    this.options = options;
    this.device = device;
    this.precision = precision;
    progress = new ProgressLine(console);
  }

  @Override
  public void starting(Program program, ArenaPlan plan, Backend backend, Progress start) {
    var table =
        new Table(Table.Align.LEFT, Table.Align.LEFT)
            .row("model", describeModel(program))
            .row("data", describeData())
            .row("training", describeTraining())
            .row("device", backend.name() + " (" + device.reason() + "): " + backend.description())
            .row("precision", precision);
    MemoryRows.add(table, plan.bytesByLabel(), plan.totalBytes());
    table.print(console.out());
    if (start.step() > 0) {
      console.out().println("resuming after epoch " + start.epoch() + ", step " + Figures.count(start.step()));
    }
  }

  private static String describeModel(Program program) {
    return program.config().name() + ": " + Figures.count(program.parameters().learnableCount()) + " parameters";
  }

  private String describeData() {
    var images = data.training();
    return "%s: %s training and %s held-out images of %dx%dx%d, %d classes"
        .formatted(
            data.name(), Figures.count(images.count()),
            Figures.count(data.heldOut().map(ImageSource::count).orElse(0)), images.height(), images.width(),
            images.channels(), data.classes());
  }

  private String describeTraining() {
    return "%d %s in batches of %d, learning rate %s (%s), momentum %s, weight decay %s, augmentation %s, seed %d"
        .formatted(
            options.epochs(), options.epochs() == 1 ? "epoch" : "epochs", options.batchSize(),
            plain(options.learningRate()), options.schedule().label(), plain(options.momentum()),
            plain(options.weightDecay()), Choice.label(options.augmentation()), options.seed());
  }

  private static String plain(double value) {
    return BigDecimal.valueOf(value).stripTrailingZeros().toPlainString();
  }

  @Override
  public void stepped(StepReport step) {
    progress.update(
        () ->
            String.format(
                Locale.ROOT,
                "epoch %d/%d step %d/%d %.0f images/s loss %.3f accuracy %.1f %% ETA %s",
                step.epoch(), step.epochs(), step.batch(), step.batches(), step.imagesPerSecond(), step.loss(),
                100 * step.accuracy(), clock(step.secondsLeft())));
  }

  @Override
  public void epochEnded(EpochMetrics metrics) {
    progress.print(
        String.format(
            Locale.ROOT,
            "epoch %d/%d: loss %.4f, accuracy %s, held-out loss %.4f, held-out accuracy %s, %.0f images/s, %s",
            metrics.epoch(), options.epochs(), metrics.trainLoss(), Figures.percent(metrics.trainAccuracy()),
            metrics.heldOutLoss(), Figures.percent(metrics.heldOutAccuracy()), metrics.imagesPerSecond(),
            Figures.duration(metrics.seconds())));
  }

  /** Seconds as h:mm:ss. */
  private static String clock(double seconds) {
    long whole = Math.round(seconds);
    return "%d:%02d:%02d".formatted(whole / 3600, whole % 3600 / 60, whole % 60);
  }

  @Override
  public void close() {
    progress.close();
  }
}
