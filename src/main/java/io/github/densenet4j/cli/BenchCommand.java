package io.github.densenet4j.cli;

import io.github.densenet4j.backend.NetworkSession;
import io.github.densenet4j.error.ConfigurationException;
import io.github.densenet4j.io.Figures;
import io.github.densenet4j.io.Json;
import io.github.densenet4j.network.Initialization;
import io.github.densenet4j.program.Workload;
import io.github.densenet4j.train.TrainingOptions;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Locale;
import java.util.Random;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

@Command(name = "bench", description = "Times steps of a network on random images.")
final class BenchCommand implements Runnable {
  /** What is timed. */
  enum Mode {
    TRAIN,
    INFER
  }

  // Small enough that weights stay finite on labels that mean nothing.
  private static final double LEARNING_RATE = 1e-3;

  @ParentCommand private Main main;
  @Mixin private ModelOptions modelOptions;

  @Option(names = "--batch-size", defaultValue = "64", paramLabel = "N", description = "images in a step (default: 64)")
  private int batchSize;

  @Option(names = "--mode", defaultValue = "train", paramLabel = "NAME", description = "train (default) or infer")
  private Mode mode;

  @Option(names = "--steps", defaultValue = "10", paramLabel = "N", description = "steps that are timed (default: 10)")
  private int steps;

  @Option(names = "--warmup", defaultValue = "2", paramLabel = "N", description = "steps before these (default: 2)")
  private int warmup;

  @Option(names = "--seed", defaultValue = "1", paramLabel = "N", description = "of weights and images (default: 1)")
  private long seed;

  @Mixin private DeviceOptions deviceOptions;

  @Option(names = "--json", description = "print the figures as one JSON object")
  private boolean json;

  @Override
  public void run() {
    if (steps < 1) {
      throw new ConfigurationException("--steps is " + steps + ", it must be at least 1");
    }
    if (warmup < 0) {
      throw new ConfigurationException("--warmup is " + warmup + ", it must be at least 0");
    }
    var lowering = deviceOptions.lowering();
    var backend = deviceOptions.device().backend();
    var config = modelOptions.config();
    var program = lowering.lower(config, mode == Mode.INFER ? Workload.inference(batchSize) : TrainingOptions.paper(config).withBatchSize(batchSize).workload());
    try (var session = new NetworkSession(backend, program)) {
      fill(session, config.classes());
      print(session, backend.name(), medianSeconds(session));
    }
  }

  private void fill(NetworkSession session, int classes) {
    var initial = new Initialization(seed);
    session.setParameters(initial.learnable(session.program().parameters()));
    session.setRunning(initial.running(session.program().parameters()));
    var random = new Random(seed);
    var images = new float[Math.multiplyExact(batchSize, session.imageValues())];
    for (int i = 0; i < images.length; i++) {
      images[i] = (float) random.nextGaussian();
    }
    if (mode == Mode.INFER) {
      session.load(MemorySegment.ofArray(images));
    } else {
      int[] labels = random.ints(batchSize, 0, classes).toArray();
      session.load(MemorySegment.ofArray(images), MemorySegment.ofArray(labels));
    }
  }

  private double medianSeconds(NetworkSession session) {
    var seconds = new double[steps];
    for (int i = -warmup; i < steps; i++) {
      long start = System.nanoTime();
      if (mode == Mode.TRAIN) {
        session.step(LEARNING_RATE, i + warmup, seed);
      } else {
        session.infer();
      }
      if (i >= 0) {
        seconds[i] = (System.nanoTime() - start) / 1e9;
      }
    }
    Arrays.sort(seconds);
    return (seconds[(steps - 1) / 2] + seconds[steps / 2]) / 2;
  }

  private void print(NetworkSession session, String device, double median) {
    var program = session.program();
    double gigaflops = program.flops() / median / 1e9;
    if (json) {
      var object = deviceOptions.describe(program, device);
      object.put("threads", deviceOptions.threads());
      object.put("step_ms_median", 1e3 * median);
      object.put("images_per_second", batchSize / median);
      object.put("gflops_per_second", gigaflops);
      object.put("planned_bytes", session.plan().totalBytes());
      object.put("peak_rss_bytes", Machine.peakResidentBytes());
      main.console().out().println(Json.toText(object));
      return;
    }
    new Table(Table.Align.LEFT, Table.Align.LEFT)
        .row("model", program.config().name() + ", batch of " + batchSize + ", " + Choice.label(mode))
        .row("device", device + ", " + deviceOptions.threads() + " threads, strategy " + program.lowering().strategy()
            + ", memory " + program.lowering().memory().label() + ", " + deviceOptions.precision())
        .row("step", String.format(Locale.ROOT, "%.1f ms (median of %d)", 1e3 * median, steps))
        .row("speed", String.format(Locale.ROOT, "%.1f images/s, %.1f GFLOP/s", batchSize / median, gigaflops))
        .row("memory", Figures.bytes(session.plan().totalBytes()) + " planned, "
            + Figures.bytes(Machine.peakResidentBytes()) + " of the whole process at its peak")
        .print(main.console().out());
  }
}
