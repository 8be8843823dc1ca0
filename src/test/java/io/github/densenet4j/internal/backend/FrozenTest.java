package io.github.densenet4j.internal.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.densenet4j.config.CudaOptions;
import io.github.densenet4j.config.DenseNetConfig;
import io.github.densenet4j.config.Stem;
import io.github.densenet4j.internal.backend.cpu.CpuBackend;
import io.github.densenet4j.internal.backend.cuda.CudaBackend;
import io.github.densenet4j.internal.backend.cuda.SoftwareDevice;
import io.github.densenet4j.internal.network.Initialization;
import io.github.densenet4j.internal.network.Parameter;
import io.github.densenet4j.internal.network.Parameters;
import io.github.densenet4j.internal.program.LabelledLowering;
import io.github.densenet4j.internal.program.Workload;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Predicate;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Networks whose first part is frozen. With the statistics of a batch as running statistics, a step on that batch has the
 * mathematics of a network of which nothing is frozen: the same loss, and the same gradients of what is trained.
 */
class FrozenTest {
  private static final int BATCH = 4;
  private static final float MOMENTUM = 0.1f;

  private final Random random = new Random(5);
  private DenseNetConfig config;
  private Parameters parameters;
  private float[] learnable;
  private float[] images;
  private int[] labels;

  /** What is frozen: what stands before the first of these. */
  private static final List<String> FIRST_TRAINED =
      List.of(
          "classifier.weight", "features.norm5.weight", "features.denseblock2.denselayer2.conv1.weight",
          "features.denseblock2.denselayer1.norm1.weight", "features.transition1.norm.weight",
          "features.denseblock1.denselayer2.norm2.weight", "features.denseblock1.denselayer1.norm1.bias");

  private void draw(Stem stem, int bnSize) {
    config =
        DenseNetConfig.builder(4, 2, 2).stem(stem).initFeatures(8).bnSize(bnSize)
            .imageSize(stem == Stem.CIFAR ? 8 : 32).classes(5).build();
    parameters = new Parameters(config);
    learnable = new Initialization(3).learnable(parameters);
    for (int i = 0; i < learnable.length; i++) {
      learnable[i] += (float) (0.1 * random.nextGaussian());
    }
    images = new float[BATCH * config.imageSize() * config.imageSize() * 3];
    for (int i = 0; i < images.length; i++) {
      images[i] = (float) random.nextGaussian();
    }
    labels = random.ints(BATCH, 0, 5).toArray();
  }

  @ParameterizedTest
  @ValueSource(strings = {"fused", "fused minimal", "shared", "naive"})
  void onTheProcessor(String strategy) {
    try (var device = new CpuBackend(2)) {
      check(device, strategy, Stem.CIFAR, 2);
      check(device, strategy, Stem.IMAGENET, 2);
      check(device, strategy, Stem.CIFAR, 0);
    }
  }

  @ParameterizedTest
  @Tag("cuda")
  @ValueSource(strings = {"fused", "naive"})
  void onTheSoftwareDevice(String strategy) {
    SoftwareDevice.required();
    try (var device = CudaBackend.software(CudaOptions.DEFAULT)) {
      check(device, strategy, Stem.IMAGENET, 2);
    }
  }

  private void check(Backend device, String strategy, Stem stem, int bnSize) {
    draw(stem, bnSize);
    try (var free = start(device, strategy, List.of(), new float[(int) parameters.runningCount()])) {
      step(free);
      long most = Long.MAX_VALUE;
      for (String first : FIRST_TRAINED.reversed()) {
        if (bnSize > 0 || !first.endsWith("norm2.weight")) {
          var frozen = before(first);
          try (var session = start(device, strategy, frozen, statistics(free))) {
            step(session);
            compare(free, session, frozen, strategy + " " + stem + " " + first);
            assertThat(session.plan().totalBytes()).as(first).isLessThan(most);
            most = session.plan().totalBytes();
          }
        }
      }
    }
  }

  private List<String> before(String first) {
    return parameters.learnable().stream().map(Parameter::name).takeWhile(Predicate.not(first::equals)).toList();
  }

  private NetworkSession start(Backend device, String strategy, List<String> frozen, float[] running) {
    String[] words = strategy.split(" ");
    var lowering = words.length == 1 ? LabelledLowering.of(strategy) : LabelledLowering.of(words[0], words[1]);
    var program = lowering.lower(config, Workload.training(BATCH, 0.9, 1e-4, frozen));
    var session = new NetworkSession(device, program);
    session.setParameters(learnable);
    session.setRunning(running);
    return session;
  }

  private void step(NetworkSession session) {
    session.load(MemorySegment.ofArray(images), MemorySegment.ofArray(labels));
    session.step(0.1, 0, 1);
  }

  /** Of the batch, from what they have moved running ones that were 0. */
  private float[] statistics(NetworkSession free) {
    float[] moved = free.running();
    for (var parameter : parameters.running()) {
      double pixels = pixels(parameter.name());
      double factor = parameter.kind() == Parameter.Kind.RUNNING_MEAN ? 1 : (pixels - 1) / pixels;
      for (int i = 0; i < parameter.count(); i++) {
        int at = (int) parameter.offset() + i;
        moved[at] = (float) (factor * moved[at] / MOMENTUM);
      }
    }
    return moved;
  }

  private long pixels(String name) {
    int size =
        name.contains("norm0")
            ? config.stem().convolved(config.imageSize())
            : config.blocks().get(name.contains("denseblock1") || name.contains("transition1") ? 0 : 1).size();
    return (long) BATCH * size * size;
  }

  private void compare(NetworkSession free, NetworkSession session, List<String> frozen, String what) {
    assertThat(session.loss()).as(what).isCloseTo(free.loss(), within(1e-5 * free.loss()));
    float[] expected = free.gradients();
    float[] found = session.gradients();
    float[] values = session.parameters();
    for (var parameter : parameters.learnable()) {
      int from = (int) parameter.offset();
      int to = from + parameter.count();
      String name = what + ": " + parameter.name();
      if (frozen.contains(parameter.name())) {
        assertThat(Arrays.copyOfRange(values, from, to)).as(name).isEqualTo(Arrays.copyOfRange(learnable, from, to));
      } else {
        float largest = 1e-3f;
        for (int i = from; i < to; i++) {
          largest = Math.max(largest, Math.abs(expected[i]));
        }
        assertThat(Arrays.copyOfRange(found, from, to)).as(name)
            .containsExactly(Arrays.copyOfRange(expected, from, to), within(1e-4f * largest));
        assertThat(Arrays.copyOfRange(values, from, to)).as(name).isNotEqualTo(Arrays.copyOfRange(learnable, from, to));
      }
    }
    running(free, session, frozen, what);
  }

  /** Of a unit that is frozen as a whole they stay, to the bit; those of all others have moved. */
  private void running(NetworkSession free, NetworkSession session, List<String> frozen, String what) {
    float[] before = statistics(free);
    float[] after = session.running();
    for (var parameter : parameters.running()) {
      String norm = parameter.name().substring(0, parameter.name().lastIndexOf('.'));
      boolean stays = frozen.containsAll(unit(norm));
      int from = (int) parameter.offset();
      int to = from + parameter.count();
      if (stays) {
        assertThat(Arrays.copyOfRange(after, from, to)).as(what + ": " + norm)
            .isEqualTo(Arrays.copyOfRange(before, from, to));
      } else if (parameter.kind() == Parameter.Kind.RUNNING_VARIANCE) { // means of a batch are where they were
        assertThat(Arrays.copyOfRange(after, from, to)).as(what + ": " + norm)
            .isNotEqualTo(Arrays.copyOfRange(before, from, to));
      }
    }
  }

  private List<String> unit(String norm) {
    String unit = norm.contains("norm0") ? "features." : norm.replaceFirst("\\.norm[12]?$", ".");
    return parameters.learnable().stream()
        .map(Parameter::name)
        .filter(name -> unit.equals("features.") ? name.matches("features\\.(conv|norm)0.*") : name.startsWith(unit))
        .toList();
  }
}
