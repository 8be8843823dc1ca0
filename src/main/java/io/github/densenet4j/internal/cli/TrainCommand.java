package io.github.densenet4j.internal.cli;

import io.github.densenet4j.DenseNet;
import io.github.densenet4j.Trainer;
import io.github.densenet4j.TrainingResult;
import io.github.densenet4j.config.DenseNetConfig;
import io.github.densenet4j.data.Dataset;
import io.github.densenet4j.data.Evaluation;
import io.github.densenet4j.error.ConfigurationException;
import io.github.densenet4j.internal.io.Figures;
import io.github.densenet4j.internal.io.Json;
import io.github.densenet4j.train.IfExists;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

@Command(
    name = "train",
    customSynopsis = "densenet4j train --data=SOURCE [OPTIONS]",
    description = "Trains a network and writes checkpoints, metrics and a report into a folder.")
final class TrainCommand implements Callable<Integer> {
  @ParentCommand private Main main;
  @Spec private CommandSpec spec;
  @Mixin private DataOptions dataOptions;
  @Mixin private ModelOptions modelOptions;
  @Mixin private RecipeOptions recipe;
  @Mixin private FreezeOptions freezeOptions;
  @Mixin private WorkerOptions workers;
  @Mixin private DeviceOptions deviceOptions;
  @Mixin private StrategyOptions strategyOptions;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "folder of the training (default: runs/<model>-<data>); must not hold another one")
  private Path out;

  @Option(
      names = "--init-from",
      paramLabel = "FILE",
      description = "start from these weights: safetensors or as torch.save wrote them, under the names of torchvision, "
          + "timm, MONAI, TorchXRayVision or densenet-pytorch, or a checkpoint of this program")
  private Path initFrom;

  @Option(
      names = "--normalization",
      paramLabel = "VALUES",
      description = "of images: imagenet, or MEAN:STD with a value from 0 to 1 for each channel (default: measured on the "
          + "training images, of files on at most 1,000)")
  private String normalization;

  @Option(names = "--resume", description = "go on where the training in --out stopped, with the same options")
  private boolean resume;

  @Option(names = "--extend", description = "let --resume go on to more --epochs than the training was started with")
  private boolean extend;

  @Option(
      names = "--allow-different-bits",
      description = "let --resume go on on another device, with another strategy or precision, or on other images of "
          + "the same number; it no longer ends in the bits of a training that was not stopped")
  private boolean allowDifferentBits;

  @Option(
      names = "--checkpoint-every",
      defaultValue = "0",
      paramLabel = "STEPS",
      description = "steps between checkpoints within an epoch (default: 0, at the end of each epoch only)")
  private int checkpointEvery;

  @Option(names = "--json", description = "print the result as one JSON object, everything else on stderr")
  private boolean json;

  @Override
  public Integer call() {
    var data = data();
    var config = modelOptions.config(data);
    var folder = out == null ? Path.of("runs", config.name() + "-" + dataOptions.kind()) : out;
    try (var device = deviceOptions.device();
        var interruption = new Interruption(main.console());
        var display = new TrainingDisplay(main.console().logging(json), data, device, strategyOptions, workers)) {
      var network = start(config);
      var trainer =
          Trainer.of(network, data, device)
              .strategy(strategyOptions.strategy())
              .memory(strategyOptions.memory())
              .precision(strategyOptions.precision(device))
              .checkpointEvery(checkpointEvery)
              .folder(folder, ifExists())
              .origin("densenet4j " + Version.current() + ": train " + String.join(" ", arguments()))
              .on(interruption)
              .on(display);
      recipe.apply(trainer);
      trainer.freeze(freezeOptions.frozen(config));
      if (extend) {
        trainer.extend();
      }
      workers.apply(trainer);
      var result = trainer.run();
      if (interruption.asked() && result.history().size() < trainer.settings().epochs()) {
        display.clear();
        main.console().err().println("stopped; the same command with --resume goes on from " + checkpoint(result));
        return Interruption.EXIT_CODE;
      }
      print(network, trainer.settings().epochs(), result);
      return 0;
    }
  }

  private Dataset data() {
    var data = dataOptions.open(recipe.seed(), recipe.variation(), modelOptions.imageSize());
    if (normalization == null) {
      return data;
    }
    var numbers = ChannelNumbers.of(normalization);
    return data.withNormalization(numbers.mean(), numbers.deviation());
  }

  private DenseNet start(DenseNetConfig config) {
    if (initFrom == null) {
      return DenseNet.create(config, recipe.seed());
    }
    var made = DenseNet.pretrained(initFrom, config, recipe.seed());
    made.notes().forEach(note -> main.console().err().println("densenet4j: note: " + note));
    return made.network();
  }

  private List<String> arguments() {
    return spec.commandLine().getParseResult().originalArgs().stream().skip(1).toList();
  }

  private static Path checkpoint(TrainingResult result) {
    return result.lastCheckpoint().orElseThrow();
  }

  private IfExists ifExists() {
    if (!resume && (allowDifferentBits || extend)) {
      throw new ConfigurationException(
          (extend ? "--extend" : "--allow-different-bits") + " is about a training that goes on: say --resume too");
    }
    return !resume ? IfExists.FAIL : allowDifferentBits ? IfExists.RESUME_WITH_DIFFERENT_BITS : IfExists.RESUME;
  }

  private void print(DenseNet network, int epochs, TrainingResult result) {
    var heldOut = result.evaluation();
    if (json) {
      var object = new LinkedHashMap<String, Object>();
      object.put("model", network.config().name());
      object.put("parameter_count", network.parameterCount());
      object.put("epochs", epochs);
      object.put("held_out_accuracy", heldOut.map(Evaluation::accuracy).orElse(Double.NaN));
      object.put("held_out_loss", heldOut.map(Evaluation::loss).orElse(Double.NaN));
      object.put("best_accuracy", result.bestAccuracy().orElse(Double.NaN));
      object.put("best_epoch", result.bestEpoch());
      object.put("out", result.folder().orElseThrow().toString());
      main.console().out().println(Json.toText(object));
      return;
    }
    var text = main.console().out();
    heldOut.ifPresent(found -> text.println("held-out accuracy: " + Figures.percent(found.accuracy())));
    result
        .bestAccuracy()
        .ifPresent(best -> text.println("best epoch: " + result.bestEpoch() + ", " + Figures.percent(best)));
    result.report().ifPresent(report -> text.println("report: " + report));
  }
}
