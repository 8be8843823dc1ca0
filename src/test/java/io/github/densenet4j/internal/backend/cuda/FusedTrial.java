package io.github.densenet4j.internal.backend.cuda;

import io.github.densenet4j.config.DenseNetConfig;
import io.github.densenet4j.config.MemoryLevel;
import io.github.densenet4j.config.Precision;
import io.github.densenet4j.config.Strategy;
import io.github.densenet4j.internal.backend.Backend;
import io.github.densenet4j.internal.backend.Session;
import io.github.densenet4j.internal.backend.cpu.CpuBackend;
import io.github.densenet4j.internal.network.Initialization;
import io.github.densenet4j.internal.network.Parameter;
import io.github.densenet4j.internal.program.Access;
import io.github.densenet4j.internal.program.FusedOp;
import io.github.densenet4j.internal.program.Lowerings;
import io.github.densenet4j.internal.program.Op;
import io.github.densenet4j.internal.program.Phase;
import io.github.densenet4j.internal.program.PlainOp;
import io.github.densenet4j.internal.program.Program;
import io.github.densenet4j.internal.program.Workload;
import io.github.densenet4j.internal.tensor.Buffer;
import io.github.densenet4j.internal.tensor.BufferView;
import io.github.densenet4j.internal.tensor.ChannelSlice;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Random;
import java.util.Set;

/**
 * One step of a fused network on a CUDA device, and the same on the processor from what the device has made so far:
 * each forward operation from the device's own operands, the backward pass from the device's forward pass. So no value is on
 * the other side of its ReLU, and what differs is rounding.
 */
final class FusedTrial {
  private static final double EPSILON = 1e-5;

  private final Program program;
  private final Set<Buffer> buffers = new LinkedHashSet<>();
  private final Map<ChannelSlice, Long> gradients = new LinkedHashMap<>();
  private final StoredValues found = new StoredValues(new LinkedHashMap<>());

  /** The norm of an error by the norm of what was expected. */
  private final Map<String, Double> errors = new LinkedHashMap<>();

  /** That errors of gradients are divided by; empty: that of each tensor. */
  private OptionalDouble norm = OptionalDouble.empty();

  FusedTrial(DenseNetConfig config, int batch, MemoryLevel memory, Precision precision) {
    var lowered = Lowerings.of(Strategy.FUSED, memory, precision).lower(config, Workload.training(batch, 0.9, 1e-4));
    lowered.ops(Phase.FORWARD).forEach(this::note);
    lowered.ops(Phase.BACKWARD).forEach(this::note);
    program = kept(lowered);
  }

  private void note(Op op) {
    Access.of(op).forEach(access -> buffers.add(access.buffer()));
    switch (op) {
      case FusedOp.HeadDgrad o -> note(o.dx().gradient().sum(), o.channels());
      case FusedOp.TransitionBprop o -> note(o.dx().gradient().sum(), o.inChannels());
      case FusedOp.BnReluConv1x1Bprop o -> note(o.dx().gradient().sum(), o.inChannels());
      case FusedOp.BnReluConv3x3Bprop o -> note(o.dx().gradient().sum(), o.inChannels());
      case FusedOp.BnReluMaxpoolDgrad o -> note(o.dx().gradient().sum(), o.channels());
      default -> {}
    }
  }

  private void note(ChannelSlice gradient, long channels) {
    gradients.putIfAbsent(gradient, channels); // the first consumer has all channels
  }

  /** Operations that are not run touch all buffers again, so that no plan gives their bytes to others. */
  private Program kept(Program lowered) {
    var phases = new EnumMap<Phase, List<Op>>(Phase.class);
    for (var phase : Phase.values()) {
      phases.put(phase, new ArrayList<>(lowered.ops(phase)));
    }
    for (var buffer : buffers) {
      var slice = new ChannelSlice(buffer.view(), 1);
      phases.get(Phase.FOLD).add(new PlainOp.ConcatAppend(slice, slice, 1, 1));
    }
    return with(lowered, phases);
  }

  private static Program with(Program p, Map<Phase, List<Op>> phases) {
    return new Program(p.config(), p.lowering(), p.workload(), p.parameters(), p.ports(), phases);
  }

  /** @param seed of parameters, images and labels */
  void step(Backend device, long seed) {
    try (var session = device.load(program, device.plan(program))) {
      given(session, seed);
      session.run(List.of(Phase.FORWARD));
      session.run(List.of(Phase.BACKWARD));
      buffers.forEach(buffer -> found.put(buffer, read(session, buffer)));
    }
  }

  /**
   * What of {@link #step} differs from the processor's: the norm of each tensor's error by the norm of the tensor, of
   * means by that of deviations. The max pool's own parameters are left out: their gradients are what little remains of sums
   * that cancel.
   */
  Map<String, Double> errors() {
    addAffine();
    program.ops(Phase.FORWARD).forEach(this::compareForward);
    compareBackward();
    errors.keySet().removeIf(name -> name.startsWith("gradient of features.norm0"));
    return errors;
  }

  /** The same, but the errors of gradients by the norm of those of all parameters: some are what is left of nothing. */
  Map<String, Double> errorsBesideAllGradients() {
    norm = OptionalDouble.of(norm(found.floats(program.ports().gradients())));
    return errors();
  }

  private void given(Session session, long seed) {
    var random = new Random(seed);
    var initial = new Initialization(seed);
    float[] parameters = initial.learnable(program.parameters());
    for (var parameter : program.parameters().learnable()) {
      disturb(parameters, parameter, random);
    }
    write(session, program.ports().parameters(), MemorySegment.ofArray(parameters));
    write(session, program.ports().running(), MemorySegment.ofArray(initial.running(program.parameters())));
    var images = new float[(int) (program.ports().images().bytes() / Float.BYTES)];
    for (int i = 0; i < images.length; i++) {
      images[i] = (float) random.nextGaussian();
    }
    write(session, program.ports().images(), MemorySegment.ofArray(images));
    var labels = random.ints(program.workload().batch(), 0, program.config().classes()).toArray();
    write(session, program.ports().labels(), MemorySegment.ofArray(labels));
    long[] control = {Double.doubleToRawLongBits(0.1), 3, 5};
    write(session, program.ports().control(), MemorySegment.ofArray(control));
  }

  /** So that no gamma is 1 and no beta 0. */
  private static void disturb(float[] values, Parameter parameter, Random random) {
    if (parameter.name().contains("norm")) {
      for (int i = 0; i < parameter.count(); i++) {
        values[(int) parameter.offset() + i] += 0.3f * (float) random.nextGaussian();
      }
    }
  }

  private static void write(Session session, Buffer buffer, MemorySegment values) {
    session.write(buffer.view(), values);
  }

  private static byte[] read(Session session, Buffer buffer) {
    var bytes = new byte[Math.toIntExact(buffer.bytes())];
    session.read(buffer.view(), MemorySegment.ofArray(bytes));
    return bytes;
  }

  /** The device folds scale and shift anew wherever it needs them; the processor reads them. */
  private void addAffine() {
    for (var op : program.ops(Phase.FORWARD)) {
      if (op instanceof FusedOp.BnFinalize norm) {
        int channels = (int) norm.channels();
        float[] mean = found.floats(norm.statistics().mean(), channels);
        float[] variance = found.floats(norm.statistics().variance(), channels);
        float[] gamma = found.floats(norm.gamma(), channels);
        float[] beta = found.floats(norm.beta(), channels);
        for (int c = 0; c < channels; c++) {
          double scale = gamma[c] / Math.sqrt(variance[c] + EPSILON);
          found.put(norm.affine().scale(), c, (float) scale);
          found.put(norm.affine().shift(), c, (float) (beta[c] - mean[c] * scale));
        }
      }
    }
  }

  private void compareForward(Op op) {
    switch (op) {
      case FusedOp.StemConvFprop o ->
          forward(op, o.y(), o.outChannels(), o.yStatistics().mean(), o.yStatistics().variance());
      case FusedOp.BnReluMaxpoolFprop o ->
          forward(op, o.y(), o.channels(), o.yStatistics().mean(), o.yStatistics().variance());
      case FusedOp.BnReluConv1x1Fprop o ->
          forward(op, o.y(), o.outChannels(), o.yStatistics().mean(), o.yStatistics().variance());
      case FusedOp.BnReluConv3x3Fprop o ->
          forward(op, o.y(), o.outChannels(), o.yStatistics().mean(), o.yStatistics().variance());
      case FusedOp.TransitionFprop o ->
          forward(op, o.y(), o.outChannels(), o.yStatistics().mean(), o.yStatistics().variance());
      case FusedOp.HeadFprop o -> {
        var made = alone(op);
        compare("logits", made.floats(o.logits().buffer()), found.floats(o.logits().buffer()));
      }
      default -> {}
    }
  }

  private void forward(Op op, ChannelSlice y, long channels, BufferView mean, BufferView variance) {
    var made = alone(op);
    String name = op.stem() + " of " + y.data().buffer().name() + " at " + y.data().offset();
    compare(name, made.slice(y, channels), found.slice(y, channels));
    var deviations = made.floats(variance, channels);
    for (int c = 0; c < channels; c++) {
      deviations[c] = (float) Math.sqrt(deviations[c]);
    }
    compare(name + " mean", made.floats(mean, channels), found.floats(mean, channels), norm(deviations));
    compare(name + " variance", made.floats(variance, channels), found.floats(variance, channels));
  }

  /** What the processor makes of the operation with the device's operands. */
  private StoredValues alone(Op op) {
    var single = with(program, Map.of(Phase.FORWARD, List.of(op)));
    var processor = new CpuBackend(1);
    var made = new StoredValues(new LinkedHashMap<>());
    try (var session = processor.load(single, processor.plan(single))) {
      var touched = new LinkedHashSet<Buffer>();
      Access.of(op).forEach(access -> touched.add(access.buffer()));
      touched.forEach(buffer -> write(session, buffer, MemorySegment.ofArray(found.get(buffer))));
      session.run(List.of(Phase.FORWARD));
      touched.forEach(buffer -> made.put(buffer, read(session, buffer)));
    }
    return made;
  }

  private void compareBackward() {
    var processor = new CpuBackend(1);
    try (var session = processor.load(program, processor.plan(program))) {
      found.bytes().forEach((buffer, bytes) -> write(session, buffer, MemorySegment.ofArray(bytes)));
      session.run(List.of(Phase.BACKWARD));
      var made = new StoredValues(new LinkedHashMap<>());
      if (program.config().dropout() == 0) { // otherwise the device has put its mask into them
        gradients.forEach(
            (gradient, channels) -> {
              var buffer = gradient.data().buffer();
              made.put(buffer, read(session, buffer));
              compare(buffer.name(), made.slice(gradient, channels), found.slice(gradient, channels));
            });
      }
      made.put(program.ports().gradients(), read(session, program.ports().gradients()));
      compareParameters(made);
    }
  }

  private void compareParameters(StoredValues processors) {
    float[] expected = processors.floats(program.ports().gradients());
    float[] made = found.floats(program.ports().gradients());
    for (var parameter : program.parameters().learnable()) {
      int from = (int) parameter.offset();
      int to = from + parameter.count();
      compare(
          "gradient of " + parameter.name(), Arrays.copyOfRange(expected, from, to),
          Arrays.copyOfRange(made, from, to));
    }
  }

  /** The bits of all parameters' gradients. */
  byte[] gradientBits() {
    return found.get(program.ports().gradients());
  }

  private void compare(String name, float[] expected, float[] made) {
    compare(name, expected, made, name.contains("gradient") ? norm.orElse(norm(expected)) : norm(expected));
  }

  private void compare(String name, float[] expected, float[] made, double size) {
    var difference = new float[expected.length];
    for (int i = 0; i < expected.length; i++) {
      difference[i] = made[i] - expected[i];
    }
    errors.put(name, norm(difference) / Math.max(size, 1e-20));
  }

  private static double norm(float[] values) {
    double sum = 0;
    for (float value : values) {
      sum += (double) value * value;
    }
    return Math.sqrt(sum);
  }
}
