package io.github.densenet4j.program;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.densenet4j.network.NamedModels;
import io.github.densenet4j.tensor.Extent;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OpShapeTest {
  private static List<Op> step(String strategy, String model) {
    return Lowering.of(strategy, "default").lower(NamedModels.get(model), Workload.training(2, 0.9, 1e-4)).step();
  }

  @ParameterizedTest
  @ValueSource(strings = {"fused", "shared", "naive"})
  void operationsOfOneShapeDoTheSameWork(String strategy) {
    var flops = new HashMap<OpShape, Long>();
    var traffic = new HashMap<OpShape, Long>();
    for (var op : step(strategy, "densenet121")) {
      assertThat(flops.computeIfAbsent(OpShape.of(op), _ -> op.flops())).as(op.toString()).isEqualTo(op.flops());
      assertThat(traffic.computeIfAbsent(OpShape.of(op), _ -> op.trafficBytes())).isEqualTo(op.trafficBytes());
    }
  }

  /** Bottlenecks of a block have one shape, its 1x1 convolutions as many as layers, for each way to hand gradients on. */
  @Test
  void placesAndNamesOfOperandsMakeNoDifference() {
    var config = NamedModels.get("bc-40-12");
    int layers = config.blockConfig().stream().mapToInt(Integer::intValue).sum();
    Map<String, Long> shapes =
        step("fused", "bc-40-12").stream()
            .map(OpShape::of)
            .distinct()
            .collect(Collectors.groupingBy(OpShape::stem, Collectors.counting()));
    assertThat(shapes)
        .containsEntry("bnrelu_conv3x3_fprop", (long) config.blockConfig().size())
        .containsEntry("bnrelu_conv1x1_fprop", (long) layers)
        .containsEntry("sgd_nesterov", 1L);
  }

  @Test
  void sizesAndChoicesAreNamed() {
    var gradient =
        step("fused", "bc-40-12").stream()
            .filter(op -> op instanceof FusedOp.BnReluConv1x1Dgrad dgrad && dgrad.dx().accumulate())
            .map(FusedOp.BnReluConv1x1Dgrad.class::cast)
            .findFirst()
            .orElseThrow();
    var shape = OpShape.of(gradient);
    Extent extent = gradient.extent();
    assertThat(shape.sizes())
        .containsExactly(
            Map.entry("dx_accumulate", true),
            Map.entry("extent", List.of(extent.batch(), extent.height(), extent.width())),
            Map.entry("in_channels", gradient.inChannels()), Map.entry("out_channels", gradient.outChannels()));
    assertThat(shape.label())
        .isEqualTo(
            "dx accumulate, 2x8x8, in channels %d, out channels %d"
                .formatted(gradient.inChannels(), gradient.outChannels()));
  }
}
