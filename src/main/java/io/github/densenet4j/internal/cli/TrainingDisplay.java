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
  private static final String LONGEST_TITLE = "precision";
  private static final int LEAST_COLUMNS = 40;

  private final Console console;
  private final Dataset data;
  private final Device device;
  private final StrategyOptions strategy;
  private final WorkerOptions workers;
  private final ProgressLine progress;
  private long plannedBytes;

  TrainingDisplay(
      Console console, Dataset data, Device device, StrategyOptions strategy, WorkerOptions workers) {
    this.console = console;
    this.data = data;
    this.device = device;
    this.strategy = strategy;
    this.workers = workers;
    progress = new ProgressLine(console);
  }

  @Override
  public void started(Start start) {
    var precision = strategy.precision(device);
    var plan =
        MemoryPlan.of(
            start.config(), start.settings().batch(), strategy.strategy(), strategy.memory(), precision, device);
    plannedBytes = plan.totalBytes();
    var table = new Table(Table.Align.LEFT, Table.Align.LEFT);
    addRow(table, "model", describeModel(start));
    addRow(table, "data", data.name());
    addRow(table, "", describeData());
    addRow(table, "training", describe(start.settings()));
    addRow(table, "device", device.name() + " (" + device.reason() + "): " + device.description());
    addRow(table, "precision", precision.label());
    workers.describe(data.training(), start.settings().batch()).ifPresent(text -> addRow(table, "reading", text));
    MemoryRows.add(table, plan.bytesByCategory(), plan.totalBytes());
    table.print(console.out());
    start.warnings().forEach(warning -> console.err().println("densenet4j: warning: the training " + warning));
    if (start.step() > 0) {
      console.out().println("resuming after epoch " + start.epoch() + ", step " + Figures.count(start.step()));
    }
  }

  private void addRow(Table table, String title, String text) {
    table.paragraph(title, text, LONGEST_TITLE.length(), Math.max(LEAST_COLUMNS, console.width().getAsInt()));
  }

  private static String describeModel(Start start) {
    long parameters = new Parameters(start.config()).learnableCount();
    return start.config().name() + ": " + Figures.count(parameters) + " parameters";
  }

  private String describeData() {
    var images = data.training();
    return Figures.count(images.count()) + " training and "
        + Figures.count(data.heldOut().map(ImageSource::count).orElse(0)) + " held-out images of " + images.height()
        + "x" + images.width() + "x" + images.channels() + ", " + data.classes() + " classes";
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
    var text = new ProgressText(step, plannedBytes);
    progress.update(text::fitted, text::whole);
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

  /** Takes the live line away. */
  void clear() {
    progress.clear();
  }

  @Override
  public void close() {
    progress.close();
  }
}
