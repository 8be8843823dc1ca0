package io.github.densenet4j.internal.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.densenet4j.config.DenseNetConfig;
import io.github.densenet4j.internal.backend.CacheRate;
import io.github.densenet4j.internal.backend.Ceiling;
import io.github.densenet4j.internal.backend.ExactSumTimes;
import io.github.densenet4j.internal.backend.LaunchTimes;
import io.github.densenet4j.internal.io.Json;
import io.github.densenet4j.internal.program.Lowerings;
import io.github.densenet4j.internal.program.Workload;
import io.github.densenet4j.internal.tensor.ElementType;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** How the ceiling of a GPU is reported. */
@Tag("fast")
class BenchKernelFiguresTest {
  private static final String REST = "60000.0 GFLOP/s fp32, 790000.0 GFLOP/s bf16, copying 4300.0 GB/s";

  private static final List<ExactSumTimes> EXACT_SUMS =
      List.of(
          new ExactSumTimes(96, new TreeMap<>(Map.of(132, 2.5e-6, 264, 2.75e-6))),
          new ExactSumTimes(684, new TreeMap<>(Map.of(132, 3e-6, 264, 3.5e-6))));
  private static final String ADDING =
      ", one that adds to 96 sums 2.50 us on 132 blocks and 2.75 us on 264 blocks, one that adds to 684 sums 3.00 us on"
          + " 132 blocks and 3.50 us on 264 blocks";

  private static Ceiling ceiling(LaunchTimes launches) {
    return new Ceiling(Map.of(ElementType.FLOAT32, 60e12, ElementType.BFLOAT16, 790e12), 4300e9, List.of(), launches);
  }

  private static Ceiling ceiling(Map<Integer, Double> programmatic, String notMeasured) {
    var plain = new TreeMap<>(Map.of(132, 2.25e-6, 264, 2.5e-6));
    return ceiling(new LaunchTimes(plain, new TreeMap<>(programmatic), Optional.ofNullable(notMeasured), EXACT_SUMS));
  }

  @Test
  void launchesWithBothKindsOfEdges() {
    var ceiling = ceiling(Map.of(132, 1e-6, 264, 1.125e-6), null);
    assertThat(BenchKernelFigures.text(ceiling))
        .isEqualTo(
            REST + ", an empty kernel 2.25 us on 132 blocks and 2.50 us on 264 blocks, with programmatic edges 1.00 us"
                + " on 132 blocks and 1.13 us on 264 blocks" + ADDING);
    assertThat(Json.toText(BenchKernelFigures.object(ceiling)).replaceAll("\\s", ""))
        .contains(
            "\"launches\":[{\"blocks\":132,\"launch_us\":2.25,\"programmatic_launch_us\":1.0,"
                + "\"exact_sums\":[{\"sums\":96,\"launch_us\":2.5},{\"sums\":684,\"launch_us\":3.0}]},"
                + "{\"blocks\":264,\"launch_us\":2.5,\"programmatic_launch_us\":1.125,"
                + "\"exact_sums\":[{\"sums\":96,\"launch_us\":2.75},{\"sums\":684,\"launch_us\":3.5}]}]}");
  }

  @Test
  void whyProgrammaticEdgesWereNotMeasured() {
    var ceiling = ceiling(Map.of(), "there are none");
    assertThat(BenchKernelFigures.text(ceiling))
        .isEqualTo(
            REST + ", an empty kernel 2.25 us on 132 blocks and 2.50 us on 264 blocks, with programmatic edges not"
                + " measured: there are none" + ADDING);
    assertThat(Json.toText(BenchKernelFigures.object(ceiling)).replaceAll("\\s+", " "))
        .contains("\"launch_us\": 2.5", "\"programmatic_launches_not_measured\": \"there are none\"")
        .doesNotContain("programmatic_launch_us");
  }

  @Test
  void memoryThatTheL2Holds() {
    var rates = List.of(new CacheRate(8_700_000, 6e12, 5e12), new CacheRate(52_000_000, 4.5e12, 4e12));
    var ceiling = new Ceiling(ceiling(LaunchTimes.NONE).peakFlops(), 4300e9, rates, LaunchTimes.NONE);
    assertThat(BenchKernelFigures.text(ceiling))
        .isEqualTo(
            REST + ", 8.7 MB again and again 6000.0 GB/s read and 5000.0 updated, 52.0 MB again and again 4500.0 GB/s"
                + " read and 4000.0 updated");
    assertThat(Json.toText(BenchKernelFigures.object(ceiling)).replaceAll("\\s", ""))
        .contains(
            "\"cached\":[{\"megabytes\":8.7,\"read_gigabytes_per_second\":6000.0,"
                + "\"update_gigabytes_per_second\":5000.0},{\"megabytes\":52.0,");
  }

  /** Clocks of devices have ticks. */
  @Test
  void whatTakesNoTimeHasNoSpeed() {
    var program = Lowerings.standard().lower(DenseNetConfig.named("bc-40-12"), Workload.training(2, 0.9, 1e-4));
    var work = new BenchKernelTimes.Work(3, 0, 10, 20, 1e-9);
    var kernel = new BenchKernelTimes.Kernel("sgd_nesterov", work, List.of());
    var times = new BenchKernelTimes(program, 1e-3, 2e-3, List.of(kernel));
    assertThat(BenchKernelFigures.rows(times, false).getLast())
        .containsExactly("sgd_nesterov", "0", "3", "0.00", "0.0 %", "", "", "");
    assertThat((List<?>) BenchKernelFigures.object(times).get("kernels"))
        .singleElement(InstanceOfAssertFactories.map(String.class, Object.class))
        .containsEntry("ms_per_step", 0.0)
        .doesNotContainKeys("gflops_per_second", "gigabytes_per_second", "share_of_roof");
  }

  @Test
  void aProcessorHasNoLaunches() {
    var ceiling = ceiling(LaunchTimes.NONE);
    assertThat(BenchKernelFigures.text(ceiling)).isEqualTo(REST);
    assertThat(BenchKernelFigures.object(ceiling))
        .containsOnlyKeys("peak_gflops_per_second", "copy_gigabytes_per_second");
  }
}
