package io.github.densenet4j.internal.checkpoint;

import io.github.densenet4j.config.DenseNetConfig;
import io.github.densenet4j.data.Preprocessing;
import io.github.densenet4j.error.CheckpointException;
import io.github.densenet4j.error.ConfigurationException;
import io.github.densenet4j.internal.io.Json;
import io.github.densenet4j.internal.io.SafetensorsFile;
import io.github.densenet4j.internal.io.SafetensorsWriter;
import io.github.densenet4j.internal.network.Parameter;
import io.github.densenet4j.internal.network.Parameters;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;

/**
 * Checkpoints as safetensors files: the state under torchvision's names, the optimizer's momentum as
 * {@code optimizer.velocity.<name>}, all else as JSON in the metadata. Equal checkpoints are equal files.
 */
public final class CheckpointFile {
  private static final String FORMAT = "densenet4j checkpoint 1";
  private static final String VELOCITY = "optimizer.velocity.";
  private static final String BATCHES = ".num_batches_tracked";

  private CheckpointFile() {}

  /**
   * Replaces {@code file} as a whole or not at all.
   *
   * @throws CheckpointException if it cannot be written
   */
  public static void write(Path file, Checkpoint checkpoint) {
    var writer =
        described(checkpoint.config(), checkpoint.data())
            .metadata("training", Json.toLine(Descriptions.of(checkpoint.recipe())))
            .metadata("computation", Json.toLine(Descriptions.of(checkpoint.computation())))
            .metadata("progress", Json.toLine(Descriptions.of(checkpoint.progress())));
    add(writer, checkpoint.network());
    add(writer, VELOCITY, new Parameters(checkpoint.config()).learnable(), checkpoint.velocity());
    writer.write(file);
  }

  /**
   * Writes a checkpoint without the state of a training; otherwise as {@link #write}.
   *
   * @throws CheckpointException if it cannot be written
   */
  public static void writeNetwork(Path file, NetworkState network) {
    var writer = described(network.config(), network.data());
    add(writer, network);
    writer.write(file);
  }

  private static SafetensorsWriter described(DenseNetConfig config, TrainedOn data) {
    return new SafetensorsWriter()
        .digested()
        .metadata("format", FORMAT)
        .metadata("model", Json.toLine(Descriptions.of(config)))
        .metadata("data", Json.toLine(Descriptions.of(data)));
  }

  private static void add(SafetensorsWriter writer, NetworkState network) {
    var parameters = new Parameters(network.config());
    add(writer, "", parameters.learnable(), network.parameters());
    add(writer, "", parameters.running(), network.running());
    for (String norm : parameters.norms()) {
      writer.add(norm + BATCHES, new long[] {network.steps()});
    }
  }

  private static void add(SafetensorsWriter writer, String prefix, List<Parameter> group, float[] values) {
    for (var parameter : group) {
      long[] shape = parameter.shape().stream().mapToLong(Integer::longValue).toArray();
      writer.addPart(prefix + parameter.name(), values, (int) parameter.offset(), shape);
    }
  }

  /**
   * Reads and checks a checkpoint.
   *
   * @throws CheckpointException if it is damaged, was not written by this library, or has weights that are not finite
   */
  public static Checkpoint read(Path file) {
    try (var tensors = SafetensorsFile.open(file)) {
      return new Reader(file.toString(), tensors).read();
    }
  }

  /**
   * Reads a checkpoint's network and leaves the state of its training, which it may lack, where it is.
   *
   * @throws CheckpointException as {@link #read} does
   */
  public static NetworkState readNetwork(Path file) {
    try (var tensors = SafetensorsFile.open(file)) {
      return new Reader(file.toString(), tensors).network();
    }
  }

  private record Reader(String file, SafetensorsFile tensors) {
    Checkpoint read() {
      var network = network();
      var layout = new Parameters(network.config());
      var recipe = Descriptions.recipe(Json.parse(metadata("training"), file), file);
      var progress = Json.parse(metadata("progress"), file);
      return new Checkpoint(
          network.config(),
          network.data(),
          recipe,
          computation(),
          Descriptions.progress(progress, file, recipe, network.data()),
          network.parameters(),
          network.running(),
          group(VELOCITY, layout.learnable(), layout.learnableCount()));
    }

    NetworkState network() {
      if (!FORMAT.equals(tensors.metadata().get("format"))) {
        throw new CheckpointException(
            file + " is not a checkpoint of this library: its format is "
                + tensors.metadata().getOrDefault("format", "missing") + ", expected " + FORMAT);
      }
      var config = Descriptions.config(Json.parse(metadata("model"), file), file);
      var data = Descriptions.data(Json.parse(metadata("data"), file), file);
      if (data.normalization().channels() != config.inChannels()) {
        throw new CheckpointException(
            file + " cannot be used: the images of its model have " + config.inChannels()
                + " channels, but its normalisation has " + data.normalization().channels());
      }
      data.preprocessing().ifPresent(preprocessing -> requireFit(config, preprocessing));
      if (data.classNames().size() != config.classes()) {
        throw new CheckpointException(
            file + " cannot be used: its model has " + config.classes() + " classes, but "
                + data.classNames().size() + " class names");
      }
      var parameters = parameters(config);
      refuseOthers(parameters);
      var network =
          new NetworkState(
              config,
              data,
              steps(parameters),
              group("", parameters.learnable(), parameters.learnableCount()),
              group("", parameters.running(), parameters.runningCount()));
      refuseNegativeVariances(parameters, network.running());
      tensors.requireDigest();
      return network;
    }

    private void requireFit(DenseNetConfig config, Preprocessing preprocessing) {
      if (preprocessing.size() != config.imageSize() || preprocessing.channels() != config.inChannels()) {
        throw new CheckpointException(
            file + " cannot be used: its images are prepared to " + preprocessing.size() + " pixels and "
                + preprocessing.channels() + " channels, but its model takes " + config.imageSize() + " and "
                + config.inChannels());
      }
    }

    private Parameters parameters(DenseNetConfig config) {
      try {
        return new Parameters(config);
      } catch (ConfigurationException | ArithmeticException tooLarge) {
        throw new CheckpointException(file + " cannot be used: its model is too large", tooLarge);
      }
    }

    /** Files of before version 0.1 have no computation, or an empty one that is written anew. */
    private Optional<Computation> computation() {
      String text = tensors.metadata().get("computation");
      return Optional.ofNullable(text)
          .map(found -> Json.parse(found, file))
          .filter(found -> !found.isEmpty())
          .map(found -> Descriptions.computation(found, file));
    }

    private long steps(Parameters parameters) {
      String name = parameters.norms().getFirst() + BATCHES;
      if (!tensors.names().contains(name)) {
        return 0;
      }
      if (tensors.info(name).elements() != 1 || tensors.longs(name)[0] < 0) {
        throw new CheckpointException(file + " cannot be used: tensor " + name + " is not one number of steps");
      }
      return tensors.longs(name)[0];
    }

    private void refuseNegativeVariances(Parameters parameters, float[] running) {
      for (var parameter : parameters.running()) {
        if (parameter.kind() != Parameter.Kind.RUNNING_VARIANCE) {
          continue;
        }
        for (int i = 0; i < parameter.count(); i++) {
          float variance = running[(int) parameter.offset() + i];
          if (variance < 0) {
            throw new CheckpointException(
                file + " cannot be used: tensor " + parameter.name() + " has the variance " + variance
                    + ", expected none below 0");
          }
        }
      }
    }

    private String metadata(String key) {
      String text = tensors.metadata().get(key);
      if (text == null) {
        throw new CheckpointException(file + " cannot be used: its metadata has no " + key);
      }
      return text;
    }

    private void refuseOthers(Parameters parameters) {
      var names = new HashSet<>(tensors.names());
      parameters.learnable().forEach(p -> names.removeAll(List.of(p.name(), VELOCITY + p.name())));
      parameters.running().forEach(p -> names.remove(p.name()));
      parameters.norms().forEach(norm -> names.remove(norm + BATCHES));
      if (!names.isEmpty()) {
        throw new CheckpointException(
            file + " is of another model than it says: it has a tensor " + names.iterator().next()
                + " that its model does not have");
      }
    }

    private float[] group(String prefix, List<Parameter> group, long count) {
      var values = new float[Math.toIntExact(count)];
      for (var parameter : group) {
        float[] tensor = tensor(prefix + parameter.name(), parameter);
        System.arraycopy(tensor, 0, values, (int) parameter.offset(), tensor.length);
      }
      return values;
    }

    private float[] tensor(String name, Parameter parameter) {
      if (!tensors.names().contains(name)) {
        throw new CheckpointException(file + " is of another model than it says: it has no tensor " + name);
      }
      List<Long> expected = parameter.shape().stream().map(Integer::longValue).toList();
      if (!tensors.info(name).shape().equals(expected)) {
        throw new CheckpointException(
            file + " is of another model than it says: tensor " + name + " has shape " + tensors.info(name).shape()
                + ", expected " + expected);
      }
      float[] values = tensors.floats(name);
      for (float value : values) {
        if (!Float.isFinite(value)) {
          throw new CheckpointException(
              file + " cannot be used: tensor " + name + " has a value that is " + value + ", expected finite ones");
        }
      }
      return values;
    }
  }
}
