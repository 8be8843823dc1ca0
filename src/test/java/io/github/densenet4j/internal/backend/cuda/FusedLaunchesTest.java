package io.github.densenet4j.internal.backend.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.densenet4j.config.CudaOptions;
import io.github.densenet4j.config.DenseNetConfig;
import io.github.densenet4j.config.MemoryLevel;
import io.github.densenet4j.config.Precision;
import io.github.densenet4j.config.Stem;
import io.github.densenet4j.config.Strategy;
import io.github.densenet4j.internal.backend.NetworkSession;
import io.github.densenet4j.internal.backend.SteppedNetwork;
import io.github.densenet4j.internal.program.Lowerings;
import io.github.densenet4j.internal.program.Workload;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How many kernels a step of the fused strategy has. */
@Tag("cuda")
class FusedLaunchesTest {
  /** Stem, transitions, head, update and sums of weights' gradients of a network with two blocks. */
  private static final int BESIDES_LAYERS = 20;

  /**
   * Kernels that others wait for, at most four of a layer with a bottleneck and two of one without; one more with minimal
   * memory. Gradients of weights that are made beside those of the data are not among them.
   */
  @ParameterizedTest(name = "growth rate {0}, bottleneck {1}, {2}, {3}")
  @CsvSource({
    "12, 4, BFLOAT16, DEFAULT, 4", "12, 4, FLOAT32, DEFAULT, 4", "32, 4, BFLOAT16, DEFAULT, 4",
    "32, 4, FLOAT32, DEFAULT, 4", "48, 4, BFLOAT16, DEFAULT, 4", "64, 4, FLOAT32, DEFAULT, 4",
    "12, 4, BFLOAT16, MINIMAL, 5", "12, 0, BFLOAT16, DEFAULT, 2", "24, 0, FLOAT32, DEFAULT, 2"
  })
  void ofALayer(int growth, int bottleneck, Precision precision, MemoryLevel memory, int most) {
    int few = launches(config(growth, bottleneck, 1), precision, memory);
    int many = launches(config(growth, bottleneck, 3), precision, memory);
    int layers = 2 * (3 - 1); // that one has and the other has not
    assertThat(many - few).isBetween(1, most * layers);
    assertThat(few - 2 * most).isLessThanOrEqualTo(BESIDES_LAYERS);
  }

  private static DenseNetConfig config(int growth, int bottleneck, int layers) {
    return new DenseNetConfig(
        "layers", growth, List.of(layers, layers), 16, bottleneck, 0.5, 0, Stem.CIFAR, 3, 4, 5);
  }

  /** Of the second step, which is a graph. */
  private static int launches(DenseNetConfig config, Precision precision, MemoryLevel memory) {
    var software = SoftwareDevice.required();
    var program = Lowerings.of(Strategy.FUSED, memory, precision).lower(config, Workload.training(2, 0.9, 1e-4));
    try (var device = CudaBackend.software(CudaOptions.DEFAULT);
        var network =
            new SteppedNetwork(new NetworkSession(device, program), 0.01, new SteppedNetwork.Seeds(1, 2, 3))) {
      network.step().session().finish();
      long before = software.count("launches");
      network.step().session().finish();
      int launched = (int) (software.count("launches") - before);
      var counted = device.kernels(program).orElseThrow();
      assertThat(launched).as("as counted beforehand").isEqualTo(counted.path() + counted.beside());
      return counted.path();
    }
  }
}
