package io.github.densenet4j.internal.cli;

import io.github.densenet4j.DenseNet;
import io.github.densenet4j.Prediction;
import io.github.densenet4j.error.ConfigurationException;
import io.github.densenet4j.internal.io.Json;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

@Command(
    name = "predict",
    customSynopsis = "densenet4j predict --checkpoint=FILE [OPTIONS] IMAGE...",
    description = "Names the most probable classes of images.")
final class PredictCommand implements Runnable {
  private static final int LARGEST_BATCH = 64;

  @ParentCommand private Main main;

  @Parameters(arity = "1..*", paramLabel = "IMAGE", description = "PNG or JPEG files")
  private List<Path> images;

  @Option(names = "--checkpoint", required = true, paramLabel = "FILE", description = "a checkpoint that train wrote")
  private Path checkpoint;

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

  @Override
  public void run() {
    if (top < 1) {
      throw new ConfigurationException("--top is " + top + ", it must be at least 1");
    }
    var options = strategyOptions.predictorOptions(Math.min(images.size(), LARGEST_BATCH));
    var network = DenseNet.load(checkpoint);
    try (var device = deviceOptions.device();
        var predictor = network.predictor(device, options)) {
      var predictions = predictor.predict(images);
      if (json) {
        print(network, predictions);
      } else {
        describe(predictions);
      }
    }
  }

  private void print(DenseNet network, List<Prediction> predictions) {
    var list = new ArrayList<Map<String, Object>>();
    for (int i = 0; i < images.size(); i++) {
      var image = new LinkedHashMap<String, Object>();
      image.put("file", images.get(i).toString());
      image.put("predictions", predictions.get(i).top(top).stream().map(PredictCommand::object).toList());
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

  private void describe(List<Prediction> predictions) {
    PrintStream out = main.console().out();
    for (int i = 0; i < images.size(); i++) {
      out.println(images.get(i));
      for (var prediction : predictions.get(i).top(top)) {
        out.println(String.format(Locale.ROOT, "  %6.2f %%  %s", 100 * prediction.probability(), prediction.name()));
      }
    }
  }
}
