package io.github.densenet4j.internal.cli;

import io.github.densenet4j.DenseNet;
import io.github.densenet4j.data.Dataset;
import io.github.densenet4j.data.Evaluation;
import io.github.densenet4j.data.ImageFiles;
import io.github.densenet4j.data.ImageSource;
import io.github.densenet4j.data.Preprocessing;
import io.github.densenet4j.internal.io.Figures;
import io.github.densenet4j.internal.io.Json;
import java.io.PrintStream;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

@Command(
    name = "evaluate",
    customSynopsis = "densenet4j evaluate (--checkpoint=FILE | --weights=FILE --model=NAME --normalization=VALUES) --data=SOURCE "
        + "[OPTIONS]",
    description = "Measures a trained network on the held-out images of a data set.")
final class EvaluateCommand implements Runnable {
  private static final int TOP = 5;

  @ParentCommand private Main main;

  @Mixin private TrainedOptions trained;

  @Option(names = "--data", required = true, paramLabel = "SOURCE", description = DataOptions.SOURCES)
  private String source;

  @Option(
      names = "--batch-size",
      defaultValue = "64",
      paramLabel = "N",
      description = "images that are computed at a time (default: 64)")
  private int batchSize;

  @Mixin private TableOptions table;
  @Mixin private WorkerOptions workers;
  @Mixin private DeviceOptions deviceOptions;
  @Mixin private StrategyOptions strategyOptions;

  @Option(names = "--json", description = "print the result as one JSON object")
  private boolean json;

  @Override
  public void run() {
    var files = table.files(source, false);
    var stored = files.isPresent() ? Optional.<Dataset>empty() : Optional.of(Dataset.openHeldOut(source));
    var network = trained.network(main.console(), stored.flatMap(Dataset::heldOut));
    var pictures = files.or(() -> table.files(source, network.preprocessing().isPresent()));
    var images = pictures.map(found -> images(found, network));
    try (var device = deviceOptions.device();
        var predictor = network.predictor(device, workers.applied(strategyOptions.predictorOptions(batchSize, device)))) {
      var evaluation = images.map(predictor::evaluate).orElseGet(() -> predictor.evaluate(stored.orElseThrow()));
      stored.ifPresent(data -> warnOfOtherNames(network.classNames(), data.classNames()));
      if (json) {
        print(network, evaluation);
      } else {
        describe(network, evaluation);
      }
    }
  }

  /** Prepared as the network's were, of its classes if these have names. */
  private static ImageSource images(ImageFiles files, DenseNet network) {
    var config = network.config();
    var preprocessing =
        network.preprocessing()
            .orElseGet(() -> Preprocessing.of(config.imageSize()).withChannels(config.inChannels()));
    boolean named = !network.classNames().stream().allMatch(name -> name.matches("class \\d+"));
    return files.preprocessing(preprocessing).classNames(named ? network.classNames() : List.of()).evaluation();
  }

  /** Classes are compared by number; names that only count them say nothing. */
  private void warnOfOtherNames(List<String> trained, List<String> found) {
    for (int label = 0; label < trained.size(); label++) {
      String one = trained.get(label);
      String other = found.get(label);
      if (!one.equals(other) && !isNumber(one) && !isNumber(other)) {
        main.console().err().println(
            "densenet4j: warning: class " + label + " is " + one + " to the network and " + other
                + " in the data, so the figures may say nothing");
        return;
      }
    }
  }

  private static boolean isNumber(String name) {
    return name.matches("(class )?\\d+");
  }

  private void print(DenseNet network, Evaluation evaluation) {
    var object = new LinkedHashMap<String, Object>();
    object.put("model", network.config().name());
    object.put("images", evaluation.images());
    object.put("accuracy", evaluation.accuracy());
    object.put("top5", evaluation.topFive());
    object.put("top5_accuracy", evaluation.topFive());
    object.put("loss", evaluation.loss());
    object.put("confusion", evaluation.confusion());
    main.console().out().println(Json.toText(object));
  }

  private void describe(DenseNet network, Evaluation evaluation) {
    PrintStream out = main.console().out();
    var summary =
        new Table(Table.Align.LEFT, Table.Align.LEFT)
            .row("model", network.config().name())
            .row("images", Figures.count(evaluation.images()))
            .row("accuracy", Figures.percent(evaluation.accuracy()));
    if (network.config().classes() > TOP) {
      summary.row("top-5", Figures.percent(evaluation.topFive()));
    }
    summary.row("loss", String.format(Locale.ROOT, "%.4f", evaluation.loss())).print(out);
    out.println();
    var classes =
        new Table(Table.Align.LEFT, Table.Align.RIGHT, Table.Align.RIGHT).row("class", "images", "recognised");
    for (int label = 0; label < network.config().classes(); label++) {
      long[] row = evaluation.confusion()[label];
      long images = Arrays.stream(row).sum();
      String recall = images == 0 ? "-" : Figures.percent((double) row[label] / images);
      classes.row(network.classNames().get(label), Figures.count(images), recall);
    }
    classes.print(out);
  }
}
