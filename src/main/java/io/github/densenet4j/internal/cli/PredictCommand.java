package io.github.densenet4j.internal.cli;

import io.github.densenet4j.DenseNet;
import io.github.densenet4j.Prediction;
import io.github.densenet4j.Predictor;
import io.github.densenet4j.error.ConfigurationException;
import io.github.densenet4j.error.DataException;
import io.github.densenet4j.internal.io.Json;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

@Command(
    name = "predict",
    customSynopsis = "densenet4j predict (--checkpoint=FILE | --weights=FILE --model=NAME --normalization=VALUES) [OPTIONS] "
        + "IMAGE...",
    description = "Names the most probable classes of images.")
final class PredictCommand implements Callable<Integer> {
  private static final int LARGEST_BATCH = 64;

  @ParentCommand private Main main;

  @Parameters(arity = "1..*", paramLabel = "IMAGE", description = "PNG or JPEG files")
  private List<Path> images;

  @Mixin private TrainedOptions trained;

  @Option(
      names = "--top",
      defaultValue = "5",
      paramLabel = "N",
      description = "how many classes to name for each image (default: 5)")
  private int top;

  @Mixin private DeviceOptions deviceOptions;
  @Mixin private StrategyOptions strategyOptions;

  @Option(names = "--json", description = "print the result as one JSON object")
  private boolean json;

  /** What became of one image: a prediction, or a sentence. */
  private record Outcome(Path image, Optional<Prediction> prediction, String fault) {}

  @Override
  public Integer call() {
    if (top < 1) {
      throw new ConfigurationException("--top is " + top + ", it must be at least 1");
    }
    int batch = Math.min(images.size(), LARGEST_BATCH);
    var network = trained.network(main.console(), Optional.empty());
    var outcomes = new ArrayList<Outcome>();
    try (var device = deviceOptions.device();
        var predictor = network.predictor(device, strategyOptions.predictorOptions(batch, device))) {
      for (int first = 0; first < images.size(); first += batch) {
        outcomes.addAll(predict(predictor, images.subList(first, Math.min(images.size(), first + batch))));
      }
    }
    if (json) {
      print(network, outcomes);
    } else {
      outcomes.forEach(this::describe);
    }
    var faults = outcomes.stream().map(Outcome::fault).filter(fault -> !fault.isEmpty()).toList();
    faults.forEach(fault -> main.console().err().println("densenet4j: " + fault));
    return faults.isEmpty() ? 0 : 1;
  }

  /** All at once; one by one if an image cannot be read, so that it loses no other. */
  private static List<Outcome> predict(Predictor predictor, List<Path> files) {
    try {
      var predictions = predictor.predict(files);
      return IntStream.range(0, files.size())
          .mapToObj(i -> new Outcome(files.get(i), Optional.of(predictions.get(i)), ""))
          .toList();
    } catch (DataException fault) {
      return files.size() == 1
          ? List.of(new Outcome(files.getFirst(), Optional.empty(), fault.getMessage()))
          : files.stream().flatMap(file -> predict(predictor, List.of(file)).stream()).toList();
    }
  }

  private void print(DenseNet network, List<Outcome> outcomes) {
    var list = new ArrayList<Map<String, Object>>();
    for (var outcome : outcomes) {
      var image = new LinkedHashMap<String, Object>();
      image.put("file", outcome.image().toString());
      outcome.prediction().ifPresentOrElse(
          found -> image.put("predictions", found.top(top).stream().map(PredictCommand::object).toList()),
          () -> image.put("error", outcome.fault()));
      list.add(image);
    }
    var object = new LinkedHashMap<String, Object>();
    object.put("model", network.config().name());
    object.put("images", list);
    main.console().out().println(Json.toText(object));
  }

  private static Map<String, Object> object(Prediction.Candidate prediction) {
    var object = new LinkedHashMap<String, Object>();
    object.put("label", prediction.label());
    object.put("name", prediction.name());
    object.put("probability", prediction.probability());
    return object;
  }

  private void describe(Outcome outcome) {
    PrintStream out = main.console().out();
    outcome.prediction().ifPresent(
        prediction -> {
          out.println(outcome.image());
          for (var candidate : prediction.top(top)) {
            out.println(String.format(Locale.ROOT, "  %6.2f %%  %s", 100 * candidate.probability(), candidate.name()));
          }
        });
  }
}
