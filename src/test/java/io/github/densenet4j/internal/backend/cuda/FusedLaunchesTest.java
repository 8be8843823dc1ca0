package io.github.densenet4j.internal.backend.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import io.github.densenet4j.config.CudaOptions;
import io.github.densenet4j.config.DenseNetConfig;
import io.github.densenet4j.config.MemoryLevel;
import io.github.densenet4j.config.Precision;
import io.github.densenet4j.config.Stem;
import io.github.densenet4j.config.Strategy;
import io.github.densenet4j.internal.backend.NetworkSession;
import io.github.densenet4j.internal.backend.StepProfile;
import io.github.densenet4j.internal.backend.SteppedNetwork;
import io.github.densenet4j.internal.network.Initialization;
import io.github.densenet4j.internal.program.FusedOp;
import io.github.densenet4j.internal.program.Lowerings;
import io.github.densenet4j.internal.program.Program;
import io.github.densenet4j.internal.program.Workload;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
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

  /** Of a step; {@link #launches} compares the graph with the count. */
  @ParameterizedTest(name = "{0}, dropout {1}, {2}")
  @CsvSource({"IMAGENET, 0, BFLOAT16", "IMAGENET, 0.2, FLOAT32", "CIFAR, 0.2, BFLOAT16"})
  void areCountedBeforehand(Stem stem, double dropout, Precision precision) {
    var config = new DenseNetConfig("counted", 6, List.of(2, 1), 8, 4, 0.5, dropout, stem, 3, 32, 5);
    assertThat(launches(config, precision, MemoryLevel.DEFAULT)).isPositive();
  }

  private static DenseNetConfig config(int growth, int bottleneck, int layers) {
    return new DenseNetConfig(
        "layers", growth, List.of(layers, layers), 16, bottleneck, 0.5, 0, Stem.CIFAR, 3, 4, 5);
  }

  /**
   * None where all layers of a block are one, on maps of up to 64 pixels; else one with z in shared memory, and two
   * without, where float32 or many outputs ask for it.
   */
  @ParameterizedTest(name = "growth rate {0}, bottleneck {1}, {2}, images of {3}")
  @CsvSource({
    "12, 4, BFLOAT16, 8, 0", "32, 4, BFLOAT16, 4, 0", "12, 4, FLOAT32, 7, 0", "12, 4, BFLOAT16, 18, 1",
    "32, 4, BFLOAT16, 18, 1", "12, 4, FLOAT32, 18, 2", "32, 4, FLOAT32, 4, 2", "48, 2, BFLOAT16, 4, 2"
  })
  void ofALayerAtInference(int growth, int bottleneck, Precision precision, int size, int each) {
    int layers = 2 * (4 - 2);
    assertThat(
            inferred(inferring(growth, bottleneck, 4, size), precision)
                - inferred(inferring(growth, bottleneck, 2, size), precision))
        .isEqualTo(each * layers);
  }

  private static DenseNetConfig inferring(int growth, int bottleneck, int layers, int size) {
    return new DenseNetConfig(
        "layers", growth, List.of(layers, layers), 16, bottleneck, 0.5, 0, Stem.CIFAR, 3, size, 5);
  }

  /** A launch's parameters have room for 32 layers, and a block of the grid for the features of some 1,000 channels. */
  @ParameterizedTest(name = "{0} layers of {1} after {2} channels: {3}")
  @CsvSource({"32, 12, 24, 1", "33, 12, 24, 2", "64, 12, 24, 2", "16, 32, 512, 1", "24, 32, 512, 8"})
  void ofManyLayersAtInference(int layers, int growth, int init, int kernels) {
    SoftwareDevice.required();
    try (var device = CudaBackend.software(CudaOptions.DEFAULT)) {
      var config = new DenseNetConfig("many", growth, List.of(layers), init, 4, 0.5, 0, Stem.CIFAR, 3, 7, 5);
      var one = new DenseNetConfig("one", growth, List.of(1), init, 4, 0.5, 0, Stem.CIFAR, 3, 7, 5);
      int all = device.kernels(inference(config, Precision.BFLOAT16, 1)).orElseThrow().path();
      int besides = device.kernels(inference(one, Precision.BFLOAT16, 1)).orElseThrow().path() - 1;
      assertThat(all - besides).isEqualTo(kernels);
    }
  }

  /** Where blocks would have more than one tile each, z is not made twice. */
  @Test
  void ofALayerAtInferenceByBatch() {
    SoftwareDevice.required();
    var config = new DenseNetConfig("map", 12, List.of(2), 24, 4, 0.5, 0, Stem.CIFAR, 3, 16, 5);
    try (var device = CudaBackend.software(CudaOptions.DEFAULT)) {
      int few = device.kernels(inference(config, Precision.BFLOAT16, 1)).orElseThrow().path();
      int tiles = device.device().multiprocessors();
      int all = device.kernels(inference(config, Precision.BFLOAT16, tiles / 4)).orElseThrow().path();
      int many = device.kernels(inference(config, Precision.BFLOAT16, tiles / 4 + 1)).orElseThrow().path();
      assertThat(all).isEqualTo(few);
      assertThat(many).isEqualTo(few + 2);
    }
  }

  /** What a kernel of several layers takes is shared out among them; what launches nothing takes nothing. */
  @Test
  void timesOfLayersThatAreOneKernel() {
    SoftwareDevice.required();
    var program = inference(inferring(12, 4, 3, 8), Precision.BFLOAT16, 2);
    try (var device = CudaBackend.software(CudaOptions.DEFAULT);
        var network = new NetworkSession(device, program)) {
      network.setParameters(new Initialization(1).learnable(program.parameters()));
      network.setRunning(new Initialization(1).running(program.parameters()));
      network.load(MemorySegment.ofArray(new float[2 * network.imageValues()]));
      var profile = new StepProfile(program, false);
      network.infer(profile);
      var layers =
          profile.timed().stream().filter(timed -> timed.op() instanceof FusedOp.BottleneckInfer).toList();
      assertThat(layers).hasSize(6);
      double ofFirst = layers.getFirst().seconds() / layers.getFirst().op().flops();
      assertThat(layers.subList(0, 3)).allSatisfy(
          layer -> assertThat(layer.seconds()).isCloseTo(ofFirst * layer.op().flops(), withinPercentage(0.1)));
      assertThat(profile.timed()).noneMatch(timed -> timed.op() instanceof FusedOp.BnFold);
    }
  }

  private static Program inference(DenseNetConfig config, Precision precision, int batch) {
    return Lowerings.of(Strategy.FUSED, MemoryLevel.DEFAULT, precision).lower(config, Workload.inference(batch));
  }

  /** Of the second inference, which is a graph. */
  private static int inferred(DenseNetConfig config, Precision precision) {
    var software = SoftwareDevice.required();
    try (var device = CudaBackend.software(CudaOptions.DEFAULT)) {
      var program = inference(config, precision, 2);
      try (var network = new NetworkSession(device, program)) {
        var parameters = program.parameters();
        network.setParameters(new Initialization(1).learnable(parameters));
        network.setRunning(new Initialization(1).running(parameters));
        network.load(MemorySegment.ofArray(new float[2 * network.imageValues()]));
        network.infer();
        network.infer(); // without folding, another list of operations
        network.logits();
        long before = software.count("launches");
        network.infer();
        network.logits();
        int launched = (int) (software.count("launches") - before);
        assertThat(launched).as("as counted beforehand").isEqualTo(device.kernels(program).orElseThrow().path());
        return launched;
      }
    }
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
