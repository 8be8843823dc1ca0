package io.github.densenet4j.internal.program;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.densenet4j.config.DenseNetConfig;
import io.github.densenet4j.config.MemoryLevel;
import io.github.densenet4j.config.Precision;
import io.github.densenet4j.config.Strategy;
import io.github.densenet4j.internal.tensor.Extent;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Tag("fast")
class OpShapeTest {
  private static List<Op> step(Strategy strategy, Precision precision, String model) {
    var workload = Workload.training(2, 0.9, 1e-4);
    return Lowerings.of(strategy, MemoryLevel.DEFAULT, precision).lower(DenseNetConfig.named(model), workload).step();
  }

  @ParameterizedTest
  @CsvSource({"FUSED, FLOAT32", "FUSED, BFLOAT16", "SHARED, FLOAT32", "NAIVE, FLOAT32"})
  void operationsOfOneShapeDoTheSameWork(Strategy strategy, Precision precision) {
    var flops = new HashMap<OpShape, Long>();
    var traffic = new HashMap<OpShape, Long>();
    for (var op : step(strategy, precision, "densenet121")) {
      assertThat(flops.computeIfAbsent(OpShape.of(op), _ -> op.flops())).as(op.toString()).isEqualTo(op.flops());
      assertThat(traffic.computeIfAbsent(OpShape.of(op), _ -> op.trafficBytes())).isEqualTo(op.trafficBytes());
    }
  }

  /** In a block all 3x3 convolutions have one shape; each 1x1 convolution reads more channels than the one before. */
  @Test
  void placesAndNamesOfOperandsMakeNoDifference() {
    var config = DenseNetConfig.named("bc-40-12");
    int layers = config.blockConfig().stream().mapToInt(Integer::intValue).sum();
    Map<String, Long> shapes =
        step(Strategy.FUSED, Precision.FLOAT32, "bc-40-12").stream()
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
        step(Strategy.FUSED, Precision.FLOAT32, "bc-40-12").stream()
            .filter(op -> op instanceof FusedOp.BnReluConv1x1Bprop bprop && bprop.dx().accumulate())
            .map(FusedOp.BnReluConv1x1Bprop.class::cast)
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
