package io.github.densenet4j.internal.cli;

import io.github.densenet4j.Trainer;
import io.github.densenet4j.TrainingResult;
import io.github.densenet4j.config.DenseNetConfig;
import io.github.densenet4j.error.ConfigurationException;
import io.github.densenet4j.internal.io.Figures;
import io.github.densenet4j.internal.io.Json;
import io.github.densenet4j.internal.network.Parameters;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

@Command(
    name = "train",
    customSynopsis = "densenet4j train --data=SOURCE [OPTIONS]",
    description = "Trains a network and writes checkpoints, metrics and a report into a folder.")
final class TrainCommand implements Runnable {
  @ParentCommand private Main main;
  @Mixin private DataOptions dataOptions;
  @Mixin private ModelOptions modelOptions;
  @Mixin private RecipeOptions recipe;
  @Mixin private DeviceOptions deviceOptions;
  @Mixin private StrategyOptions strategyOptions;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "folder of the training (default: runs/<model>-<data>); must not hold another one")
  private Path out;

  @Option(names = "--resume", description = "go on where the training in --out stopped, with the same options")
  private boolean resume;

  @Option(
      names = "--checkpoint-every",
      defaultValue = "0",
      paramLabel = "STEPS",
      description = "steps between checkpoints within an epoch (default: 0, at the end of each epoch only)")
  private int checkpointEvery;

  @Option(names = "--json", description = "print the result as one JSON object, everything else on stderr")
  private boolean json;

  @Override
  public void run() {
    if (checkpointEvery < 0) {
      throw new ConfigurationException("--checkpoint-every is " + checkpointEvery + ", it must be at least 0");
    }
    var lowering = strategyOptions.lowering();
    var data = dataOptions.open();
    var config = modelOptions.config(data);
    var options = recipe.options(config);
    var folder = out == null ? Path.of("runs", config.name() + "-" + dataOptions.kind()) : out;
    var log = main.console().logging(json);
    try (var device = deviceOptions.device();
        var display = new TrainingDisplay(log, data, options, device, strategyOptions.precision().label())) {
      var trainer = new Trainer(config, data, options, deviceOptions.backend(), lowering);
      print(config, trainer.run(folder, resume, checkpointEvery, display));
    }
  }

  private void print(DenseNetConfig config, TrainingResult result) {
    if (json) {
      var object = new LinkedHashMap<String, Object>();
      object.put("model", config.name());
      object.put("parameter_count", new Parameters(config).learnableCount());
      object.put("epochs", recipe.options(config).epochs());
      object.put("held_out_accuracy", result.evaluation().accuracy());
      object.put("held_out_loss", result.evaluation().loss());
      object.put("best_accuracy", result.bestAccuracy());
      object.put("best_epoch", result.bestEpoch());
      object.put("out", result.folder().toString());
      main.console().out().println(Json.toText(object));
      return;
    }
    var text = main.console().out();
    text.println("held-out accuracy: " + Figures.percent(result.evaluation().accuracy()));
    text.println("best epoch: " + result.bestEpoch() + ", " + Figures.percent(result.bestAccuracy()));
    text.println("report: " + result.report());
  }
}
