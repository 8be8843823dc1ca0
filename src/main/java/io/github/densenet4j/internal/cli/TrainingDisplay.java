package io.github.densenet4j.internal.cli;

import io.github.densenet4j.Device;
import io.github.densenet4j.MemoryPlan;
import io.github.densenet4j.data.Dataset;
import io.github.densenet4j.data.ImageSource;
import io.github.densenet4j.internal.io.Figures;
import io.github.densenet4j.internal.network.Parameters;
import io.github.densenet4j.train.TrainingListener;
import java.math.BigDecimal;
import java.util.Locale;

/** Shows a training: what it will do, how far it is, what each epoch came to. */
final class TrainingDisplay implements TrainingListener, AutoCloseable {
  private final Console console;
  private final Dataset data;
  private final Device device;
  private final StrategyOptions strategy;
  private final ProgressLine progress;

  TrainingDisplay(Console console, Dataset data, Device device, StrategyOptions strategy) {
    this.console = console;
    this.data = data;
    this.device = device;
    this.strategy = strategy;
    progress = new ProgressLine(console);
  }

  @Override
  public void started(Start start) {
    var table =
        new Table(Table.Align.LEFT, Table.Align.LEFT)
            .row("model", describeModel(start))
            .row("data", describeData())
            .row("training", describe(start.settings()))
            .row("device", device.name() + " (" + device.reason() + "): " + device.description())
            .row("precision", strategy.precision().label());
    var plan =
        MemoryPlan.of(
            start.config(), start.settings().batch(), strategy.strategy(), strategy.memory(), strategy.precision(),
            device);
    MemoryRows.add(table, plan.bytesByCategory(), plan.totalBytes());
    table.print(console.out());
    if (start.step() > 0) {
      console.out().println("resuming after epoch " + start.epoch() + ", step " + Figures.count(start.step()));
    }
  }

  private static String describeModel(Start start) {
    long parameters = new Parameters(start.config()).learnableCount();
    return start.config().name() + ": " + Figures.count(parameters) + " parameters";
  }

  private String describeData() {
    var images = data.training();
    return "%s: %s training and %s held-out images of %dx%dx%d, %d classes"
        .formatted(
            data.name(), Figures.count(images.count()),
            Figures.count(data.heldOut().map(ImageSource::count).orElse(0)), images.height(), images.width(),
            images.channels(), data.classes());
  }

  private static String describe(Settings settings) {
    return "%d %s in batches of %d, learning rate %s (%s), momentum %s, weight decay %s, augmentation %s, seed %d"
        .formatted(
            settings.epochs(), settings.epochs() == 1 ? "epoch" : "epochs", settings.batch(),
            plain(settings.schedule().initialRate()), settings.schedule().describe(), plain(settings.momentum()),
            plain(settings.weightDecay()), Choice.label(settings.augmentation()), settings.seed());
  }

  private static String plain(double value) {
    return BigDecimal.valueOf(value).stripTrailingZeros().toPlainString();
  }

  @Override
  public Decision stepped(Step step) {
    progress.update(
        () ->
            String.format(
                Locale.ROOT,
                "epoch %d/%d step %d/%d %.0f images/s loss %.3f accuracy %.1f %% ETA %s",
                step.epoch(), step.epochs(), step.batch(), step.batches(), step.imagesPerSecond(), step.loss(),
                100 * step.accuracy(), clock(step.secondsLeft())));
    return Decision.CONTINUE;
  }

  @Override
  public Decision epochEnded(Epoch epoch) {
    var scores = epoch.scores();
    String heldOut =
        data.heldOut().isEmpty()
            ? ""
            : String.format(
                Locale.ROOT, ", held-out loss %.4f, held-out accuracy %s", scores.heldOutLoss(),
                Figures.percent(scores.heldOutAccuracy()));
    progress.print(
        String.format(
            Locale.ROOT,
            "epoch %d/%d: loss %.4f, accuracy %s%s, %.0f images/s, %s",
            scores.epoch(), epoch.epochs(), scores.loss(), Figures.percent(scores.accuracy()), heldOut,
            epoch.imagesPerSecond(), Figures.duration(epoch.seconds())));
    return Decision.CONTINUE;
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
