package io.github.densenet4j.internal.backend.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.densenet4j.config.CudaOptions;
import io.github.densenet4j.error.DeviceException;
import io.github.densenet4j.internal.backend.SteppedNetwork;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What the engine does where a driver or cuDNN refuses something that it can do without. */
@Tag("cuda")
class CudaRefusalsTest {
  private SoftwareCuda software;
  private int[] expected;

  @BeforeEach
  void open() {
    software = SoftwareDevice.required();
    expected = state();
  }

  @AfterEach
  void refuseNothing() {
    if (software != null) {
      software.set("refuse", "");
      software.set("fail", "");
      software.startAgain();
      SoftwareDevice.requireNothingHeld();
    }
  }

  private static int[] state() {
    return state(CudaOptions.DEFAULT);
  }

  private static int[] state(CudaOptions options) {
    try (var backend = CudaBackend.software(options); var network = new SteppedNetwork(backend, 1)) {
      return network.steps(4).state();
    }
  }

  @Test
  void marksAreMadeByAKernelWhereAGraphMayNotSetPinnedMemory() {
    software.set("refuse", "pinned_memset");
    assertThat(state()).isEqualTo(expected);
    try (var backend = CudaBackend.software(CudaOptions.DEFAULT);
        var network = new SteppedNetwork(backend, 1).steps(2)) {
      network.session().finish();
      software.set("fail", "dn_sgd_nesterov");
      network.step();
      assertThatThrownBy(network.session()::loss)
          .isInstanceOf(DeviceException.class)
          .hasMessageContaining("a run of small that had begun sgd_nesterov (operation 0 of update) failed: cu");
    }
  }

  /** The stand-in's algorithms compute the same bits. */
  @Test
  void theNextAlgorithmIsTakenWhereOneIsRefused() {
    software.set("refuse", "cudnnConvolutionForward:1");
    assertThat(state()).isEqualTo(expected);
  }

  /** Two are expected to be faster than the one that is deterministic; one of them takes no such filters. */
  @Test
  void algorithmsAreTriedInTheirOrder() {
    software.set("refuse", "cudnnConvolutionBackwardData:0,cudnnConvolutionBackwardFilter:0");
    assertThat(state(new CudaOptions(0, false, false, false, false, 256L << 20))).isEqualTo(expected);
  }

  @Test
  void theLastRefusalIsAnError() {
    software.set("refuse", "cudnnConvolutionBackwardFilter:1"); // the only one that is deterministic
    assertThatThrownBy(CudaRefusalsTest::state)
        .isInstanceOf(DeviceException.class)
        .hasMessageContainingAll(
            "conv_wgrad (operation ", "refused cudnnConvolutionBackwardFilter", "CUDNN_STATUS_NOT_SUPPORTED");
  }
}
