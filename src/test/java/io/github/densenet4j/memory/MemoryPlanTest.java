package io.github.densenet4j.memory;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.densenet4j.network.DenseNetConfig;
import io.github.densenet4j.network.NamedModels;
import io.github.densenet4j.network.Stem;
import io.github.densenet4j.program.Access;
import io.github.densenet4j.program.Lowering;
import io.github.densenet4j.program.Op;
import io.github.densenet4j.program.Phase;
import io.github.densenet4j.program.Program;
import io.github.densenet4j.program.Workload;
import io.github.densenet4j.tensor.Buffer;
import io.github.densenet4j.tensor.Category;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class MemoryPlanTest {
  /** A workspace that differs from operation to operation; none for every fifth. */
  private static long workspace(Op op) {
    return Math.floorMod(op.hashCode(), 5) * 1000L;
  }

  static Stream<Program> programs() {
    var named =
        Stream.of("bc-40-12", "dense-40-12", "densenet121")
            .map(name -> Lowering.standard().lower(NamedModels.get(name), Workload.training(2, 0.9, 1e-4)));
    return Stream.concat(named, IntStream.range(0, 40).mapToObj(MemoryPlanTest::random));
  }

  private static Program random(int seed) {
    var random = new Random(seed);
    var blocks = random.ints(1 + random.nextInt(4), 1, 6).boxed().toList();
    var stem = random.nextBoolean() ? Stem.CIFAR : Stem.IMAGENET;
    var config =
        new DenseNetConfig(
            "random " + seed, 1 + random.nextInt(40), blocks, 2 + random.nextInt(60), random.nextInt(5),
            0.3 + 0.7 * random.nextDouble(), 0, stem, 1 + random.nextInt(4), 64 + random.nextInt(40),
            2 + random.nextInt(20));
    int batch = 2 + random.nextInt(4);
    var workload = random.nextInt(4) == 0 ? Workload.inference(batch) : Workload.training(batch, 0.9, 1e-4);
    return Lowering.standard().lower(config, workload);
  }

  @ParameterizedTest
  @MethodSource("programs")
  void buffersThatLiveAtOneTimeDoNotOverlap(Program program) {
    List<Placement> placements = MemoryPlan.of(program, MemoryPlanTest::workspace).placements();
    for (int i = 0; i < placements.size(); i++) {
      for (int j = i + 1; j < placements.size(); j++) {
        var a = placements.get(i);
        var b = placements.get(j);
        boolean sameTime = a.lifetime().first() <= b.lifetime().last() && b.lifetime().first() <= a.lifetime().last();
        boolean sameBytes = a.offset() < b.end() && b.offset() < a.end();
        assertThat(sameTime && sameBytes).as("%s and %s", a, b).isFalse();
      }
    }
  }

  @ParameterizedTest
  @MethodSource("programs")
  void everyPlaceIsAlignedAndInsideTheArena(Program program) {
    var plan = MemoryPlan.of(program, MemoryPlanTest::workspace);
    assertThat(plan.placements())
        .allSatisfy(
            p -> {
              assertThat(p.offset() % MemoryPlan.ALIGNMENT).isZero();
              assertThat(p.offset()).isNotNegative();
              assertThat(p.end()).isLessThanOrEqualTo(plan.totalBytes());
            });
  }

  @ParameterizedTest
  @MethodSource("programs")
  void theArenaIsWithinFivePercentOfTheLowerBound(Program program) {
    var plan = MemoryPlan.of(program, MemoryPlanTest::workspace);
    assertThat(plan.totalBytes()).isBetween(plan.lowerBoundBytes(), (long) (1.05 * plan.lowerBoundBytes()));
    assertThat(plan.bytesByCategory().values().stream().mapToLong(Long::longValue).sum()).isEqualTo(plan.totalBytes());
  }

  @ParameterizedTest
  @MethodSource("programs")
  void everyBufferIsWrittenBeforeItIsRead(Program program) {
    Set<Buffer> written = Collections.newSetFromMap(new IdentityHashMap<>());
    var ports = program.ports();
    for (var given : List.of(ports.images(), ports.labels(), ports.control(), ports.parameters(), ports.running())) {
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

  @Test
  void memoryGrowsLinearlyWithDepth() {
    long half = activations(List.of(16, 16, 16));
    long whole = activations(List.of(32, 32, 32));
    double exponent = Math.log((double) whole / half) / Math.log(2);
    assertThat(exponent).isLessThan(1.1);
  }

  private static long activations(List<Integer> blocks) {
    var config = new DenseNetConfig("t", 12, blocks, 24, 4, 0.5, 0, Stem.CIFAR, 3, 32, 10);
    var program = Lowering.standard().lower(config, Workload.training(64, 0.9, 1e-4));
    return MemoryPlan.of(program, _ -> 0).bytesByCategory().get(Category.ACTIVATIONS);
  }
}
