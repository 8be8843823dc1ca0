package io.github.densenet4j.internal.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.densenet4j.config.DenseNetConfig;
import io.github.densenet4j.config.Stem;
import io.github.densenet4j.config.Strategy;
import io.github.densenet4j.internal.program.Access;
import io.github.densenet4j.internal.program.LabelledLowering;
import io.github.densenet4j.internal.program.Lowering;
import io.github.densenet4j.internal.program.Lowerings;
import io.github.densenet4j.internal.program.Op;
import io.github.densenet4j.internal.program.Phase;
import io.github.densenet4j.internal.program.Program;
import io.github.densenet4j.internal.program.Workload;
import io.github.densenet4j.internal.tensor.Buffer;
import io.github.densenet4j.internal.tensor.Category;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

class ArenaPlanTest {
  /** A workspace that differs from operation to operation; none for every fifth. */
  private static long workspace(Op op) {
    return Math.floorMod(op.stem().hashCode() + op.trafficBytes(), 5) * 1000L;
  }

  private static Program lower(Lowering lowering, String model) {
    return lower(lowering, DenseNetConfig.named(model));
  }

  private static Program lower(Lowering lowering, DenseNetConfig config) {
    return lowering.lower(config, Workload.training(2, 0.9, 1e-4));
  }

  /** Of each kind of network one, all but the first shallow: planning takes the square of the depth. */
  private static final List<DenseNetConfig> KINDS =
      List.of(
          DenseNetConfig.named("bc-40-12"),
          new DenseNetConfig("basic", 12, List.of(5, 6, 5), 16, 0, 1, 0, Stem.CIFAR, 3, 32, 10),
          new DenseNetConfig("ImageNet stem", 32, List.of(3, 5, 6, 4), 64, 4, 0.5, 0, Stem.IMAGENET, 3, 224, 1000));

  /** A program and its plan. */
  record Planned(String name, Program program, ArenaPlan plan) {
    static Planned of(String name, Program program) {
      return new Planned(name, program, ArenaPlan.of(program, ArenaPlanTest::workspace));
    }

    @Override
    public String toString() {
      return name;
    }
  }

  private static final List<Planned> NETWORKS =
      Stream.concat(
              Lowerings.all().stream()
                  .flatMap(
                      lowering ->
                          KINDS.stream()
                              .map(kind -> Planned.of(kind.name() + " " + lowering.label(), lower(lowering, kind)))),
              IntStream.range(0, 24).mapToObj(i -> Planned.of("network " + i, RandomPrograms.network(i))))
          .toList();
  private static final List<Planned> TRAINED =
      NETWORKS.stream().filter(planned -> planned.program().workload().training()).toList();
  private static final List<Planned> PROGRAMS =
      Stream.concat(
              NETWORKS.stream(),
              IntStream.range(0, 80).mapToObj(i -> Planned.of("operations " + i, RandomPrograms.operations(i))))
          .toList();

  @ParameterizedTest
  @FieldSource("PROGRAMS")
  void buffersThatLiveAtOneTimeDoNotOverlap(Planned planned) {
    List<Placement> placements = planned.plan().placements();
    for (int i = 0; i < placements.size(); i++) {
      var a = placements.get(i);
      for (int j = i + 1; j < placements.size(); j++) {
        var b = placements.get(j);
        boolean sameTime = a.lifetime().first() <= b.lifetime().last() && b.lifetime().first() <= a.lifetime().last();
        boolean sameBytes = a.offset() < b.end() && b.offset() < a.end();
        if (sameTime && sameBytes) {
          Assertions.fail(a + " and " + b);
        }
      }
    }
  }

  @ParameterizedTest
  @FieldSource("PROGRAMS")
  void lifetimesSpanEveryUse(Planned planned) {
    var plan = planned.plan();
    Map<Buffer, Lifetime> lifetimes =
        plan.placements().stream()
            .collect(Collectors.toMap(p -> p.lifetime().buffer(), Placement::lifetime));
    var ops = planned.program().ops();
    for (int i = 0; i < ops.size(); i++) {
      for (var access : Access.of(ops.get(i))) {
        var lifetime = lifetimes.get(access.buffer());
        boolean inside = lifetime.first() <= i && i <= lifetime.last();
        boolean lasts = lifetime.first() == 0 && lifetime.last() == ops.size() - 1;
        assertThat(access.buffer().lasting() ? lasts : inside).as("%s at %s", lifetime, i).isTrue();
      }
      var workspace = plan.workspace(ops.get(i));
      assertThat(workspace == null ? 0 : workspace.lifetime().buffer().bytes()).isEqualTo(workspace(ops.get(i)));
      if (workspace != null) {
        assertThat(workspace.lifetime()).extracting(Lifetime::first, Lifetime::last).containsExactly(i, i);
      }
    }
  }

  @ParameterizedTest
  @FieldSource("PROGRAMS")
  void everyPlaceIsAlignedAndInsideTheArena(Planned planned) {
    var plan = planned.plan();
    assertThat(plan.placements())
        .allSatisfy(
            p -> {
              assertThat(p.offset() % ArenaPlan.ALIGNMENT).isZero();
              assertThat(p.offset()).isNotNegative();
              assertThat(p.end()).isLessThanOrEqualTo(plan.totalBytes());
            });
  }

  @ParameterizedTest
  @FieldSource("PROGRAMS")
  void theArenaIsWithinFivePercentOfTheLowerBound(Planned planned) {
    var plan = planned.plan();
    assertThat(plan.totalBytes()).isBetween(plan.lowerBoundBytes(), (long) (1.05 * plan.lowerBoundBytes()));
    assertThat(plan.bytesByCategory().values().stream().mapToLong(Long::longValue).sum()).isEqualTo(plan.totalBytes());
  }

  /** The plan's own peak and stages against a count of what lives at each operation. */
  @ParameterizedTest
  @FieldSource("PROGRAMS")
  void thePeakIsWhereMostBytesLive(Planned planned) {
    var plan = planned.plan();
    var ops = planned.program().ops();
    var live = new long[ops.size()];
    for (var placement : plan.placements()) {
      for (int i = placement.lifetime().first(); i <= placement.lifetime().last(); i++) {
        live[i] += placement.lifetime().bytes();
      }
    }
    var peak = plan.peak();
    assertThat(peak.bytes()).isEqualTo(plan.lowerBoundBytes()).isEqualTo(live[peak.index()]);
    assertThat(IntStream.range(0, live.length).allMatch(i -> live[i] <= peak.bytes())).isTrue();
    assertThat(ops.get(peak.index())).isSameAs(peak.op());
    assertThat(planned.program().ops(peak.phase())).anyMatch(op -> op == peak.op());
    long stages = plan.stages().stream().mapToLong(StageBytes::atPeak).sum();
    long lasting =
        plan.placements().stream()
            .filter(p -> p.lifetime().buffer().lasting())
            .mapToLong(p -> p.lifetime().bytes())
            .sum();
    assertThat(stages + lasting + peak.workspaceBytes()).isEqualTo(peak.bytes());
    assertThat(plan.stages()).allSatisfy(stage -> assertThat(stage.atPeak()).isLessThanOrEqualTo(stage.most()));
  }

  @ParameterizedTest
  @FieldSource("NETWORKS")
  void everyBufferIsWrittenBeforeItIsRead(Planned planned) {
    var program = planned.program();
    Set<Buffer> written = Collections.newSetFromMap(new IdentityHashMap<>());
    var ports = program.ports();
    for (var given :
        List.of(
            ports.pixels(), ports.placement(), ports.levels(), ports.labels(), ports.control(), ports.parameters(),
            ports.running())) {
      written.add(given);
    }
    if (program.workload().training()) {
      written.add(ports.velocity());
    }
    for (var phase : Phase.values()) {
      for (var op : program.ops(phase)) {
        var accesses = Access.of(op);
        assertThat(accesses).as(op.stem()).anyMatch(Access::writes);
        accesses.stream()
            .filter(Access::reads)
            .forEach(a -> assertThat(written).as("%s reads %s", op.stem(), a.buffer()).contains(a.buffer()));
        accesses.stream().filter(Access::writes).forEach(a -> written.add(a.buffer()));
      }
    }
  }

  /** Evaluation between the epochs of a training costs it what is folded, and nothing else. */
  @ParameterizedTest
  @FieldSource("TRAINED")
  void inferenceAddsWhatIsFoldedToATraining(Planned planned) {
    var program = planned.program();
    var phases = new EnumMap<>(program.phases());
    phases.remove(Phase.FOLD);
    phases.remove(Phase.INFER);
    var training =
        new Program(
            program.config(), program.lowering(), program.workload(), program.parameters(), program.ports(), phases);
    Set<Buffer> folded = Collections.newSetFromMap(new IdentityHashMap<>());
    for (var op : program.ops(Phase.FOLD)) {
      Access.of(op).stream().filter(Access::writes).forEach(access -> folded.add(access.buffer()));
    }
    long bytes = folded.stream().mapToLong(buffer -> new Lifetime(buffer, 0, 0).bytes()).sum();
    var lifetimes = Lifetimes.of(training.ops(), ArenaPlanTest::workspace, List.of());
    long alone = Peak.of(training, lifetimes, Live.of(lifetimes.passing(), training.ops().size())).bytes();
    assertThat(planned.plan().lowerBoundBytes()).isEqualTo(alone + bytes);
  }

  /** Nothing is there for a backward pass, so a block's bytes serve the blocks after it. */
  @Test
  void inferenceReusesTheMemoryOfFinishedBlocks() {
    var program = Lowerings.standard().lower(DenseNetConfig.named("bc-100-12"), Workload.inference(8));
    var plan = ArenaPlan.of(program, ArenaPlanTest::workspace);
    assertThat(plan.totalBytes()).isEqualTo(plan.lowerBoundBytes());
    Map<String, Placement> places =
        plan.placements().stream()
            .filter(place -> place.lifetime().buffer().name().matches("inference block \\d"))
            .collect(Collectors.toMap(place -> place.lifetime().buffer().name(), place -> place));
    var first = places.get("inference block 1");
    var last = places.get("inference block 3");
    assertThat(first.lifetime().last()).isLessThan(last.lifetime().first());
    assertThat(last.offset()).isGreaterThanOrEqualTo(first.offset());
    assertThat(last.end()).isLessThanOrEqualTo(first.end());
  }

  @Test
  void stagesAreThePartsOfTheNetwork() {
    for (var lowering : Lowerings.all()) {
      var stages = plan(lowering).stages().stream().map(StageBytes::stage).toList();
      assertThat(new ArrayList<>(stages))
          .as(lowering.label())
          .contains("block 1", "transition 1", "block 2", "transition 2", "block 3", "head")
          .doesNotHaveDuplicates();
    }
  }

  @Test
  void aPlanIsTheSameEveryTime() {
    for (var lowering : Lowerings.all()) {
      var first = plan(lowering);
      var second = ArenaPlan.of(lower(lowering, "bc-40-12"), ArenaPlanTest::workspace);
      assertThat(offsets(first)).as(lowering.label()).isEqualTo(offsets(second));
    }
  }

  /** Of {@code bc-40-12}, which has been made for the other tests. */
  private static ArenaPlan plan(Lowering lowering) {
    String name = "bc-40-12 " + lowering.label();
    return NETWORKS.stream().filter(planned -> planned.name().equals(name)).findFirst().orElseThrow().plan();
  }

  private static List<Long> offsets(ArenaPlan plan) {
    return plan.placements().stream().map(Placement::offset).toList();
  }

  @Test
  void unknownBuffersHaveNoPlace() {
    var plan = plan(Lowerings.standard());
    var stranger = new Buffer("stranger", "", Category.ACTIVATIONS, 4, false);
    assertThatThrownBy(() -> plan.offset(stranger.view())).hasMessageContaining("stranger");
  }

  @Test
  void fusedGrowsLinearlyWithDepthAndNaiveDoesNot() {
    assertThat(exponent("fused", "default")).isLessThan(1.1);
    assertThat(exponent("fused", "minimal")).isLessThan(1.1);
    assertThat(exponent("naive", "default")).isGreaterThan(1.6);
  }

  /** Of the activations, from 32 to 64 layers a block. */
  private static double exponent(String strategy, String memory) {
    var lowering = LabelledLowering.of(strategy, memory);
    return Math.log((double) activations(lowering, 64) / activations(lowering, 32)) / Math.log(2);
  }

  private static long activations(Lowering lowering, int layers) {
    var config = new DenseNetConfig("t", 12, List.of(layers, layers, layers), 24, 4, 0.5, 0, Stem.CIFAR, 3, 32, 10);
    var program = lowering.lower(config, Workload.training(64, 0.9, 1e-4));
    return ArenaPlan.of(program, _ -> 0).bytesByCategory().get(Category.ACTIVATIONS);
  }

  @Test
  void whatADeviceNeedsBesidesHasItsPlaceAndItsTime() {
    var program = lower(Lowerings.of(Strategy.FUSED), KINDS.get(1));
    var ops = program.ops();
    var sums = OwnBuffer.lasting("sums", Category.WORKSPACE, 1000);
    var partial = OwnBuffer.between("partial", 5000, ops.get(3), ops.get(7));
    var plan = ArenaPlan.of(program, _ -> 0, List.of(sums, partial));
    assertThat(plan.own("sums").lifetime()).isEqualTo(new Lifetime(sums.buffer(), 0, ops.size() - 1));
    assertThat(plan.own("partial").lifetime()).isEqualTo(new Lifetime(partial.buffer(), 3, 7));
    assertThat(plan.bytesByCategory()).containsEntry(Category.WORKSPACE, ArenaPlan.aligned(1000));
    for (var other : plan.placements()) {
      boolean together = other.lifetime().first() <= 7 && other.lifetime().last() >= 3;
      if (together && other != plan.own("partial")) {
        assertThat(other.end() <= plan.own("partial").offset() || other.offset() >= plan.own("partial").end())
            .as("%s beside the partial buffer", other)
            .isTrue();
      }
    }
    assertThatThrownBy(() -> plan.own("other")).isInstanceOf(IllegalArgumentException.class);
  }
}
