package io.github.densenet4j.backend.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.densenet4j.backend.SteppedNetwork;
import io.github.densenet4j.error.DeviceException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is left of the engine after a part of it failed. */
class CudaFaultsTest {
  private static final String ALL_MEMORY = String.valueOf(16L << 30);

  private SoftwareCuda software;
  private CudaBackend backend;

  @BeforeEach
  void open() {
    software = SoftwareDevice.assumed();
    backend = CudaBackend.software(CudaOptions.DEFAULT);
  }

  @AfterEach
  void nothingIsLeft() {
    if (software == null) {
      return;
    }
    software.set("fail", "");
    software.set("memory", ALL_MEMORY);
    backend.close();
    SoftwareDevice.requireNothingHeld();
  }

  private int[] healthy() {
    try (var network = new SteppedNetwork(backend, 1)) {
      return network.steps(3).state();
    }
  }

  /** A new session on the backend does what one did before the fault. */
  private void worksAgain(int[] expected) {
    assertThat(healthy()).isEqualTo(expected);
  }

  @Test
  void aLaunchThatFailsInTheFirstStepIsNamed() {
    var expected = healthy();
    try (var network = new SteppedNetwork(backend, 1)) {
      software.set("fail", "dn_concat_append:3");
      assertThatThrownBy(network::step)
          .isInstanceOf(DeviceException.class)
          .hasMessageMatching(
              "densenet4j software CUDA device.*: concat_append \\(operation \\d+ of forward\\) of small failed:"
                  + " cuStreamSynchronize failed with CUDA_ERROR_LAUNCH_FAILED \\(719\\).*");
      assertThatThrownBy(network::step)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("an earlier error has ended this CUDA context");
    }
    worksAgain(expected);
  }

  @ParameterizedTest
  @ValueSource(strings = {"dn_sgd_nesterov", "cudnnBatchNormalizationForwardTraining", "cublasSgemm_v2", "*:40:700"})
  void aGraphThatFailsSaysHowToHaveTheOperationNamed(String fail) {
    var expected = healthy();
    try (var network = new SteppedNetwork(backend, 1).steps(2)) {
      network.session().finish();
      software.set("fail", fail);
      network.step();
      assertThatThrownBy(network.session()::loss)
          .isInstanceOf(DeviceException.class)
          .hasMessageContainingAll("a step (waiting for every operation names it: --cuda-checked) of small failed: ");
    }
    worksAgain(expected);
  }

  @Test
  void whoeverHearsOfItFirstCallsItTheStep() {
    var expected = healthy();
    try (var network = new SteppedNetwork(backend, 1).steps(2)) {
      software.set("fail", "dn_softmax_xent:2");
      assertThatThrownBy(() -> network.steps(5))
          .isInstanceOf(DeviceException.class)
          .hasMessageContainingAll("--cuda-checked", "of small failed: ");
    }
    worksAgain(expected);
  }

  @Test
  void anyStepNamesItsOperationWhereEveryOneIsChecked() {
    var checked = CudaOptions.DEFAULT.withChecked(true);
    try (var strict = CudaBackend.software(checked); var network = new SteppedNetwork(strict, 1).steps(2)) {
      software.set("fail", "cudnnPoolingBackward");
      assertThatThrownBy(network::step)
          .isInstanceOf(DeviceException.class)
          .hasMessageMatching(".*: avgpool_dgrad \\(operation \\d+ of backward\\) of small failed: .*");
    }
  }

  @Test
  void aSessionThatWasThereBeforeIsClosedBeforeTheDeviceWorksAgain() {
    var expected = healthy();
    var bystander = new SteppedNetwork(backend, 2).steps(2);
    try (var network = new SteppedNetwork(backend, 1)) {
      software.set("fail", "dn_concat_split");
      assertThatThrownBy(network::step).isInstanceOf(DeviceException.class);
    }
    assertThatThrownBy(bystander.session()::loss).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> new SteppedNetwork(backend, 1)).isInstanceOf(IllegalStateException.class);
    bystander.close();
    worksAgain(expected);
  }

  @Test
  void tooLittleMemoryIsRefusedBeforeAnythingIsAllocated() {
    long needed = backend.plan(SteppedNetwork.program()).totalBytes();
    long held = software.count("live_bytes");
    long free = needed - 256;
    software.set("memory", String.valueOf(held + free));
    assertThatThrownBy(() -> new SteppedNetwork(backend, 1))
        .isInstanceOf(DeviceException.class)
        .hasMessageMatching(
            "small in batches of 4 with strategy shared needs \\d+ KiB of memory \\(.*\\), but cuda-software has only"
                + " \\d+ KiB: use --batch-size 3 or less");
    assertThat(software.count("live_bytes")).isEqualTo(held);
    assertThat(software.count("host_bytes")).isZero();
  }

  @Test
  void memoryThatSomeoneElseTookMeanwhileIsTheDriversWord() {
    var expected = healthy();
    var program = SteppedNetwork.program();
    var plan = backend.plan(program);
    long held = software.count("live_bytes");
    software.set("memory", String.valueOf(held + plan.totalBytes() + (1L << 20)));
    assertThat(backend.availableBytes()).isGreaterThanOrEqualTo(plan.totalBytes());
    software.set("memory", String.valueOf(held + plan.totalBytes() / 2));
    assertThatThrownBy(() -> backend.load(program, plan))
        .isInstanceOf(DeviceException.class)
        .hasMessageMatching(
            "cuMemAlloc of \\d+ bytes on densenet4j software CUDA device, which has \\d+ bytes free, failed with"
                + " CUDA_ERROR_OUT_OF_MEMORY \\(2\\): use a smaller --batch-size, or end what else uses the device");
    assertThat(software.count("live_bytes")).isEqualTo(held);
    software.set("memory", ALL_MEMORY);
    worksAgain(expected);
  }

  @Test
  void aSessionThatCannotBeMadeLeavesTheOthersAlone() {
    var program = SteppedNetwork.program();
    var plan = backend.plan(program);
    var expected = healthy();
    try (var network = new SteppedNetwork(backend, 1).steps(1)) {
      software.set("memory", String.valueOf(software.count("live_bytes") + 1000));
      assertThatThrownBy(() -> backend.load(program, plan)).isInstanceOf(DeviceException.class);
      assertThat(network.steps(2).state()).isEqualTo(expected);
    }
  }
}
