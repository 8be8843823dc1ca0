package io.github.densenet4j.internal.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.densenet4j.internal.backend.Ceiling;
import io.github.densenet4j.internal.backend.LaunchTimes;
import io.github.densenet4j.internal.io.Json;
import io.github.densenet4j.internal.tensor.ElementType;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** How the ceiling of a GPU is reported. */
@Tag("fast")
class BenchKernelFiguresTest {
  private static final String REST = "790000.0 GFLOP/s bf16, copying 4300.0 GB/s";

  private static Ceiling ceiling(LaunchTimes launches) {
    return new Ceiling(Map.of(ElementType.BFLOAT16, 790e12), 4300e9, launches);
  }

  private static Ceiling ceiling(Map<Integer, Double> programmatic, String notMeasured) {
    var plain = new TreeMap<>(Map.of(132, 2.25e-6, 264, 2.5e-6));
    return ceiling(new LaunchTimes(plain, new TreeMap<>(programmatic), Optional.ofNullable(notMeasured)));
  }

  @Test
  void launchesWithBothKindsOfEdges() {
    var ceiling = ceiling(Map.of(132, 1e-6, 264, 1.125e-6), null);
    assertThat(BenchKernelFigures.text(ceiling))
        .isEqualTo(
            REST + ", an empty kernel 2.25 us on 132 blocks and 2.50 us on 264 blocks, with programmatic edges 1.00 us"
                + " on 132 blocks and 1.13 us on 264 blocks");
    assertThat(Json.toText(BenchKernelFigures.object(ceiling)).replaceAll("\\s", ""))
        .contains(
            "\"launches\":[{\"blocks\":132,\"launch_us\":2.25,\"programmatic_launch_us\":1.0},"
                + "{\"blocks\":264,\"launch_us\":2.5,\"programmatic_launch_us\":1.125}]}");
  }

  @Test
  void whyProgrammaticEdgesWereNotMeasured() {
    var ceiling = ceiling(Map.of(), "there are none");
    assertThat(BenchKernelFigures.text(ceiling))
        .isEqualTo(
            REST + ", an empty kernel 2.25 us on 132 blocks and 2.50 us on 264 blocks, with programmatic edges not"
                + " measured: there are none");
    assertThat(Json.toText(BenchKernelFigures.object(ceiling)).replaceAll("\\s+", " "))
        .contains("\"launch_us\": 2.5", "\"programmatic_launches_not_measured\": \"there are none\"")
        .doesNotContain("programmatic_launch_us");
  }

  @Test
  void aProcessorHasNoLaunches() {
    var ceiling = ceiling(LaunchTimes.NONE);
    assertThat(BenchKernelFigures.text(ceiling)).isEqualTo(REST);
    assertThat(BenchKernelFigures.object(ceiling))
        .containsOnlyKeys("peak_gflops_per_second", "copy_gigabytes_per_second");
  }
}
