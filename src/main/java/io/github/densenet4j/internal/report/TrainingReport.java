package io.github.densenet4j.internal.report;

import io.github.densenet4j.internal.io.AtomicFile;
import io.github.densenet4j.internal.io.EpochMetrics;
import io.github.densenet4j.internal.io.Figures;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleFunction;
import java.util.function.ToDoubleFunction;
import java.util.stream.DoubleStream;

/**
 * The report of a training run as one HTML file that needs nothing else: no script, no network, no second file. The
 * markup is also well-formed XML. It follows the reader's light or dark setting.
 */
public final class TrainingReport {
  private static final int MOST_TABLE_CLASSES = 20;
  private static final int MOST_MISTAKES = 10;
  private static final int MOST_LEVELS = 6;

  private final ReportData data;
  private final StringBuilder html = new StringBuilder();

  private TrainingReport(ReportData data) {
    this.data = data;
  }

  /** Writes the report, atomically. */
  public static void write(Path file, ReportData data) {
    AtomicFile.writeText(file, html(data));
  }

  /** The text of the report. */
  public static String html(ReportData data) {
    return new TrainingReport(data).page();
  }

  private String page() {
    headlines();
    charts();
    data.confusion().ifPresent(this::confusion);
    html.append(MemorySection.html(data.memoryBytes(), data.totalBytes()));
    configuration();
    epochTable();
    return Page.html("Training report", data.title(), data.summary(), "", html.toString());
  }

  private void headlines() {
    html.append("<dl class=\"headlines\">\n");
    var best = data.best();
    headline("best held-out accuracy",
        Figures.percent(best.map(EpochMetrics::heldOutAccuracy).orElse(Double.NaN)),
        best.map(epoch -> "in epoch " + epoch.epoch()).orElse("no held-out images"));
    headline("parameters", Figures.count(data.parameters()), "trainable");
    headline("training speed", Figures.significant(data.imagesPerSecond(), 3) + " images/s", "median of the epochs");
    headline("training time", Figures.duration(data.seconds()),
        data.epochs().size() == 1 ? "1 epoch" : data.epochs().size() + " epochs");
    headline("planned memory", Figures.bytes(data.totalBytes()), "on " + data.device());
    html.append("</dl>\n");
  }

  private void headline(String name, String figure, String note) {
    append("<div><dt>%s</dt><dd>%s<small>%s</small></dd></div>\n", name, figure, Html.escape(note));
  }

  private void charts() {
    html.append("<section aria-label=\"Curves\" class=\"charts\">\n");
    DoubleFunction<String> four = value -> Figures.significant(value, 4);
    var loss = lines(EpochMetrics::trainLoss, EpochMetrics::heldOutLoss);
    chart("Loss", "mean cross-entropy, nats", loss, Axis.linear(0, most(loss)), four);
    var accuracy = lines(EpochMetrics::trainAccuracy, EpochMetrics::heldOutAccuracy);
    chart("Accuracy", "share of images classified correctly",
        accuracy, Axis.shares(finite(accuracy).min().orElse(0), finite(accuracy).max().orElse(1)), Figures::percent);
    var rate = List.of(new LineChart.Series("learning rate", "rate", values(EpochMetrics::learningRate)));
    Axis axis = learningRateAxis(values(EpochMetrics::learningRate));
    chart("Learning rate", axis.logarithmic() ? "at the end of the epoch, logarithmic" : "at the end of the epoch",
        rate, axis, four);
    var speed = List.of(new LineChart.Series("images/s", "rate", values(EpochMetrics::imagesPerSecond)));
    chart("Training speed", "images per second", speed, Axis.linear(0, most(speed)), four);
    html.append("</section>\n");
  }

  private void chart(
      String title, String unit, List<LineChart.Series> series, Axis axis, DoubleFunction<String> figures) {
    int[] epochs = data.epochs().stream().mapToInt(EpochMetrics::epoch).toArray();
    append("<figure><figcaption><h2>%s</h2><span>%s</span></figcaption>\n%s</figure>\n",
        title, unit, new LineChart(title, epochs, series, axis, figures).svg());
  }

  /** The lines of training and held-out images; the latter only if something was measured. */
  private List<LineChart.Series> lines(
      ToDoubleFunction<EpochMetrics> train, ToDoubleFunction<EpochMetrics> heldOut) {
    var lines = new ArrayList<LineChart.Series>();
    lines.add(new LineChart.Series("training", "train", values(train)));
    if (Arrays.stream(values(heldOut)).anyMatch(Double::isFinite)) {
      lines.add(new LineChart.Series("held-out", "held-out", values(heldOut)));
    }
    return lines;
  }

  private double[] values(ToDoubleFunction<EpochMetrics> measure) {
    return data.epochs().stream().mapToDouble(measure).toArray();
  }

  private static DoubleStream finite(List<LineChart.Series> series) {
    return series.stream().flatMapToDouble(one -> Arrays.stream(one.values())).filter(Double::isFinite);
  }

  private static double most(List<LineChart.Series> series) {
    return finite(series).max().orElse(1);
  }

  /** A schedule of few steps spans powers of ten; a smooth one would be distorted by its tail near zero. */
  private static Axis learningRateAxis(double[] rates) {
    var levels = Arrays.stream(rates).filter(Double::isFinite).distinct().sorted().toArray();
    if (levels.length == 0) {
      return Axis.linear(0, 1);
    }
    double least = levels[0];
    double most = levels[levels.length - 1];
    boolean steps = levels.length <= MOST_LEVELS && least > 0 && most / least > 9;
    return steps ? Axis.logarithmic(least, most) : Axis.linear(0, most);
  }

  private void confusion(Confusion confusion) {
    append("""
        <section><h2>Confusion matrix</h2>
        <p class="note">%s: %s correct. Rows are true classes, columns are predictions; <b class="right">blue</b> cells
        are correct, <b class="wrong">orange</b> cells are mistakes, and the shade grows with the square root of the
        share of the row.</p>
        """, Html.escape(confusion.source()), Figures.percent(confusion.accuracy()));
    html.append(confusion.classes() <= MOST_TABLE_CLASSES
        ? new ConfusionTable(confusion).html()
        : new ConfusionMap(confusion).html());
    var mistakes = confusion.worst(MOST_MISTAKES);
    if (!mistakes.isEmpty()) {
      html.append("<h3>Most frequent mistakes</h3>\n<ol class=\"mistakes\">\n");
      for (var mistake : mistakes) {
        append("<li>%s</li>\n", ConfusionTable.describe(
            confusion, mistake.actual(), mistake.predicted(), confusion.images(mistake.actual())));
      }
      html.append("</ol>\n");
    }
    html.append("</section>\n");
  }

  private void configuration() {
    html.append("<section><h2>Configuration</h2>\n<dl class=\"settings\">\n");
    data.configuration().forEach((key, value) ->
        append("<div><dt>%s</dt><dd>%s</dd></div>\n", Html.escape(key), Html.escape(value)));
    html.append("</dl></section>\n");
  }

  private void epochTable() {
    html.append("""
        <details><summary>All epochs as a table</summary>
        <div class="scroll"><table class="epochs">
        <thead><tr><th scope="col">epoch</th><th scope="col">training loss</th><th scope="col">training accuracy</th>\
        <th scope="col">held-out loss</th><th scope="col">held-out accuracy</th><th scope="col">learning rate</th>\
        <th scope="col">images/s</th><th scope="col">time</th></tr></thead>
        <tbody>
        """);
    for (var epoch : data.epochs()) {
      append("<tr><th scope=\"row\">%d</th><td>%s</td><td>%s</td><td>%s</td><td>%s</td><td>%s</td><td>%s</td>"
              + "<td>%s</td></tr>\n",
          epoch.epoch(), Figures.significant(epoch.trainLoss(), 4), Figures.percent(epoch.trainAccuracy()),
          Figures.significant(epoch.heldOutLoss(), 4), Figures.percent(epoch.heldOutAccuracy()),
          Figures.significant(epoch.learningRate(), 4), Figures.significant(epoch.imagesPerSecond(), 4),
          Figures.duration(epoch.seconds()));
    }
    html.append("</tbody></table></div></details>\n");
  }

  private void append(String template, Object... arguments) {
    html.append(Html.fill(template, arguments));
  }
}
