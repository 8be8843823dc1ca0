package io.github.densenet4j.internal.program;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.densenet4j.config.DenseNetConfig;
import io.github.densenet4j.config.MemoryLevel;
import io.github.densenet4j.config.Precision;
import io.github.densenet4j.config.Stem;
import io.github.densenet4j.config.Strategy;
import io.github.densenet4j.error.ConfigurationException;
import io.github.densenet4j.internal.memory.ArenaPlan;
import io.github.densenet4j.internal.network.FrozenNames;
import io.github.densenet4j.internal.network.Parameter;
import io.github.densenet4j.internal.network.Parameters;
import io.github.densenet4j.internal.tensor.Buffer;
import io.github.densenet4j.internal.tensor.BufferView;
import java.util.Collections;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

@Tag("fast")
class LoweringTest {
  private static final List<Lowering> ALL = Lowerings.all();

  private static DenseNetConfig tiny(int size) {
    return new DenseNetConfig("tiny", 4, List.of(1, 1, 1), 8, 4, 0.5, 0, Stem.CIFAR, 1, size, 3);
  }

  @ParameterizedTest
  @FieldSource("ALL")
  void everyParameterGetsItsGradientOnce(Lowering lowering) {
    var program = lowering.lower(DenseNetConfig.named("densenet121"), Workload.training(2, 0.9, 1e-4));
    var written = new HashSet<BufferView>();
    for (var op : program.ops(Phase.BACKWARD)) {
      gradients((Record) op, program, written);
    }
    var gradients = program.ports().gradients().view();
    assertThat(written)
        .containsExactlyInAnyOrderElementsOf(
            new Parameters(program.config())
                .learnable().stream().map(p -> gradients.plusFloats(p.offset())).toList());
  }

  private static void gradients(Record record, Program program, HashSet<BufferView> into) {
    for (var component : record.getClass().getRecordComponents()) {
      switch (Components.value(record, component)) {
        case BufferView view when view.buffer() == program.ports().gradients() ->
            assertThat(into.add(view)).as("%s of %s", component.getName(), record).isTrue();
        case null -> {} // no gradient: a tensor that is made again
        case Record nested -> gradients(nested, program, into);
        default -> {}
      }
    }
  }

  @ParameterizedTest
  @FieldSource("ALL")
  void onlyTheForwardPassUpdatesRunningStatisticsAndOnce(Lowering lowering) {
    var program = lowering.lower(DenseNetConfig.named("bc-40-12"), Workload.training(2, 0.9, 1e-4));
    var running = program.ports().running();
    var forward = program.ops(Phase.FORWARD).stream().filter(op -> writes(op, running)).count();
    long norms = program.parameters().running().size() / 2;
    assertThat(forward).isEqualTo(norms);
    for (var phase : List.of(Phase.BACKWARD, Phase.UPDATE, Phase.FOLD, Phase.INFER)) {
      assertThat(program.ops(phase)).as("%s", phase).noneMatch(op -> writes(op, running));
    }
  }

  @ParameterizedTest
  @FieldSource("ALL")
  void frozenParametersAreLeftOutOfTheUpdateAndNothingElseChanges(Lowering lowering) {
    var config = DenseNetConfig.named("bc-40-12");
    var whole = lowering.lower(config, Workload.training(2, 0.9, 1e-4));
    var learnable = whole.parameters().learnable();
    var frozen =
        learnable.stream()
            .map(Parameter::name)
            .filter(name -> name.contains("conv1") || name.contains("norm2"))
            .toList();
    var program = lowering.lower(config, Workload.training(2, 0.9, 1e-4, frozen));
    var updated = new HashSet<Long>();
    for (var op : program.ops(Phase.UPDATE)) {
      var update = (PlainOp.SgdNesterov) op;
      long first = update.parameters().offset() / Float.BYTES;
      assertThat(update.velocity().offset()).isEqualTo(update.parameters().offset());
      assertThat(update.gradients().offset()).isEqualTo(update.parameters().offset());
      assertThat(LongStream.range(first, first + update.count()).allMatch(updated::add)).isTrue();
    }
    for (var parameter : learnable) {
      var values = LongStream.range(parameter.offset(), parameter.offset() + parameter.count());
      boolean none = values.noneMatch(updated::contains);
      assertThat(none).as(parameter.name()).isEqualTo(frozen.contains(parameter.name()));
    }
    long left = learnable.stream().filter(p -> !frozen.contains(p.name())).mapToLong(Parameter::count).sum();
    assertThat((long) updated.size()).isEqualTo(left);
    // Of 36 layers each has conv1 and norm2 side by side.
    assertThat(program.ops(Phase.UPDATE)).hasSizeBetween(18, 37);
    assertThat(whole.ops(Phase.UPDATE)).hasSize(1);
    assertThat(ArenaPlan.of(program, _ -> 0).totalBytes()).isEqualTo(ArenaPlan.of(whole, _ -> 0).totalBytes());
  }

  @ParameterizedTest
  @FieldSource("ALL")
  void aFrozenPrefixHasNoBackwardPassAndKeepsItsStatistics(Lowering lowering) {
    var config = DenseNetConfig.named("bc-40-12");
    var frozen = FrozenNames.of(config, FrozenNames.blocks(config, 1));
    var program = lowering.lower(config, Workload.training(2, 0.9, 1e-4, frozen));
    assertThat(program.ops(Phase.BACKWARD))
        .isNotEmpty()
        .flatMap(Access::of)
        .noneMatch(access -> List.of("stem", "block 1").contains(access.buffer().stage()))
        .noneMatch(access -> access.buffer().stage().equals("transition 1") && access.writes());
    var learnable = program.parameters().learnable();
    long trained = learnable.stream().filter(p -> !frozen.contains(p.name())).mapToLong(Parameter::count).sum();
    assertThat(program.ports().gradients().bytes()).isEqualTo(Float.BYTES * trained);
    assertThat(program.ports().velocity().bytes()).isEqualTo(Float.BYTES * trained);
    long moving =
        program.parameters().norms().stream().filter(norm -> !frozen.contains(norm + ".weight")).count();
    assertThat(program.ops(Phase.FORWARD).stream().filter(op -> writes(op, program.ports().running())))
        .hasSize((int) moving);
  }

  @Test
  void somethingMustBeLeftToTrain() {
    var config = tiny(8);
    var all = new Parameters(config).learnable().stream().map(Parameter::name).toList();
    assertThatThrownBy(() -> Lowerings.standard().lower(config, Workload.training(2, 0.9, 0, all)))
        .isInstanceOf(ConfigurationException.class)
        .hasMessage("all parameters are frozen, at least one must be left to train");
  }

  private static boolean writes(Op op, Buffer buffer) {
    return Access.of(op).stream().anyMatch(access -> access.writes() && access.buffer() == buffer);
  }

  @ParameterizedTest
  @FieldSource("ALL")
  void everyProgramMakesItsImagesOfBytesFirst(Lowering lowering) {
    for (var workload : List.of(Workload.training(2, 0.9, 1e-4), Workload.inference(2))) {
      var program = lowering.lower(DenseNetConfig.named("densenet121"), workload);
      var ports = program.ports();
      assertThat(program.ops(Phase.INPUT))
          .containsExactly(
              new PlainOp.InputNormalize(
                  ports.images().view(), ports.pixels().view(), ports.placement().view(), ports.levels().view(), 2, 224,
                  3));
      assertThat(program.ops().getFirst()).isSameAs(program.ops(Phase.INPUT).getFirst());
      assertThat(ports.pixels().bytes()).isEqualTo(2 * 224 * 224 * 3);
      assertThat(ports.placement().bytes()).isEqualTo(2 * 3 * 4);
      assertThat(ports.levels().bytes()).isEqualTo(3 * 256 * 4);
    }
  }

  @ParameterizedTest
  @FieldSource("ALL")
  void inferenceNeitherUpdatesNorRemembers(Lowering lowering) {
    var program = lowering.lower(DenseNetConfig.named("densenet121"), Workload.inference(2));
    assertThat(program.ops(Phase.FORWARD)).isEmpty();
    assertThat(program.ops(Phase.INFER))
        .noneMatch(op -> op instanceof FusedOp.BnFinalize || op instanceof PlainOp.BnFprop)
        .noneMatch(op -> op instanceof PlainOp.SoftmaxXent || op instanceof PlainOp.DropoutFprop)
        .noneMatch(op -> op.stem().endsWith("grad"));
  }

  @Test
  void inferenceOfFusedHasOneOperationForALayerAndNoBottleneckTensor() {
    for (var lowering : List.of(ALL.get(0), ALL.get(1))) {
      var training = lowering.lower(DenseNetConfig.named("bc-40-12"), Workload.training(2, 0.9, 1e-4));
      var inference = lowering.lower(DenseNetConfig.named("bc-40-12"), Workload.inference(2));
      assertThat(stems(training, Phase.FORWARD)).contains("bnrelu_conv1x1_fprop").doesNotContain("bottleneck_infer");
      for (var program : List.of(training, inference)) {
        assertThat(stems(program, Phase.INFER))
            .contains("bottleneck_infer")
            .doesNotContain("bnrelu_conv1x1_fprop", "bnrelu_conv3x3_fprop");
        assertThat(touched(program, Phase.INFER)).noneMatch(buffer -> buffer.name().endsWith("denselayer1"));
      }
    }
    var basic = Lowerings.standard().lower(DenseNetConfig.named("dense-40-12"), Workload.inference(2));
    assertThat(stems(basic, Phase.INFER)).contains("bnrelu_conv3x3_fprop").doesNotContain("bottleneck_infer");
  }

  private static Set<String> stems(Program program, Phase phase) {
    return program.ops(phase).stream().map(Op::stem).collect(Collectors.toSet());
  }

  /** Both convolutions, and neither writes nor reads what is between them. */
  @Test
  void aLayerAtInferenceCountsItsTwoConvolutions() {
    var program = Lowerings.standard().lower(DenseNetConfig.named("bc-40-12"), Workload.training(2, 0.9, 1e-4));
    var layer =
        program.ops(Phase.INFER).stream()
            .flatMap(op -> op instanceof FusedOp.BottleneckInfer infer ? Stream.of(infer) : Stream.empty())
            .findFirst()
            .orElseThrow();
    var conv1 = first(program, "bnrelu_conv1x1_fprop");
    var conv2 = first(program, "bnrelu_conv3x3_fprop");
    long bottleneck = 4 * layer.extent().pixels() * layer.bottleneckChannels();
    assertThat(layer.flops()).isEqualTo(conv1.flops() + conv2.flops());
    assertThat(layer.trafficBytes()).isEqualTo(conv1.trafficBytes() + conv2.trafficBytes() - 2 * bottleneck);
  }

  private static Op first(Program program, String stem) {
    return program.ops(Phase.FORWARD).stream().filter(op -> op.stem().equals(stem)).findFirst().orElseThrow();
  }

  @ParameterizedTest
  @FieldSource("ALL")
  void whatIsFoldedLastsAndComesFromParametersAndStatisticsAlone(Lowering lowering) {
    var program = lowering.lower(DenseNetConfig.named("densenet121"), Workload.training(2, 0.9, 1e-4));
    var sources = Set.of(program.ports().parameters(), program.ports().running());
    for (var op : program.ops(Phase.FOLD)) {
      assertThat(Access.of(op))
          .allSatisfy(access -> assertThat(access.writes()).isNotEqualTo(sources.contains(access.buffer())))
          .allMatch(access -> access.buffer().lasting());
    }
    boolean folds = lowering.strategy() == Strategy.FUSED;
    assertThat(program.ops(Phase.FOLD)).hasSize(folds ? program.parameters().running().size() / 2 : 0);
    assertThat(program.ops(Phase.INFER)).noneMatch(op -> op instanceof FusedOp.BnFold);
  }

  @Test
  void naiveKeepsConcatenationNormalisedAndRectifiedTensorsAndTheOthersDoNot() {
    for (var lowering : ALL) {
      var program = lowering.lower(DenseNetConfig.named("bc-40-12"), Workload.training(2, 0.9, 1e-4));
      Set<Buffer> forward = touched(program, Phase.FORWARD);
      Set<Buffer> both = touched(program, Phase.BACKWARD);
      both.retainAll(forward);
      var kept = both.stream().map(Buffer::name).toList();
      String layer = "features.denseblock2.denselayer3.norm1";
      if (lowering.equals(Lowerings.of(Strategy.NAIVE))) {
        assertThat(kept).contains(layer, layer + " concatenation", layer + " rectified");
      } else {
        assertThat(kept).doesNotContain(layer, layer + " concatenation", layer + " rectified");
      }
    }
  }

  private static Set<Buffer> touched(Program program, Phase phase) {
    Set<Buffer> buffers = Collections.newSetFromMap(new IdentityHashMap<>());
    program.ops(phase).forEach(op -> Access.of(op).forEach(access -> buffers.add(access.buffer())));
    return buffers;
  }

  @Test
  void trainingOnOneValueAChannelIsRefused() {
    assertThatThrownBy(() -> Lowerings.standard().lower(tiny(4), Workload.training(1, 0.9, 0)))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("batch size is 1");
    assertThat(Lowerings.standard().lower(tiny(4), Workload.inference(1)).ops()).isNotEmpty();
    assertThat(Lowerings.standard().lower(tiny(8), Workload.training(1, 0.9, 0)).ops()).isNotEmpty();
  }

  @Test
  void strategiesAreFoundByMemoryLevelAndPrecision() {
    for (var lowering : ALL) {
      assertThat(Lowerings.of(lowering.strategy(), lowering.memory(), Precision.FLOAT32)).isEqualTo(lowering);
    }
    assertThat(Lowerings.of(Strategy.FUSED, MemoryLevel.MINIMAL, Precision.BFLOAT16).label())
        .isEqualTo("fused minimal bf16");
    assertThatThrownBy(() -> Lowerings.of(Strategy.SHARED, MemoryLevel.DEFAULT, Precision.BFLOAT16))
        .isInstanceOf(ConfigurationException.class)
        .hasMessage("precision bf16 is not there for strategy shared, use strategy fused or precision fp32");
    assertThatThrownBy(() -> Lowerings.of(Strategy.NAIVE, MemoryLevel.MINIMAL, Precision.FLOAT32))
        .isInstanceOf(ConfigurationException.class)
        .hasMessage("memory level minimal is not there for strategy naive, use default");
  }
}
