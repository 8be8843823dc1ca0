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

/** Backends on one device share its context: an error of one ends the other's sessions too, and for good. */
@Tag("cuda")
class CudaSharedContextTest {
  private static final String ENDED =
      "an earlier error has ended this CUDA context, which all that use the device in this process share: start the"
          + " process again";

  private SoftwareCuda software;
  private CudaBackend failing;
  private CudaBackend other;

  @BeforeEach
  void open() {
    software = SoftwareDevice.required();
    failing = CudaBackend.software(CudaOptions.DEFAULT);
    other = CudaBackend.software(CudaOptions.DEFAULT);
  }

  @AfterEach
  void nothingIsLeft() {
    if (software != null) {
      software.set("fail", "");
      failing.close();
      other.close();
      software.startAgain();
      SoftwareDevice.requireNothingHeld();
    }
  }

  /** A session whose third step has failed. */
  private SteppedNetwork failed() {
    var network = new SteppedNetwork(failing, 1).steps(2);
    network.session().finish();
    software.set("fail", "dn_concat_split:2");
    network.step();
    assertThatThrownBy(network.session()::loss)
        .isInstanceOf(DeviceException.class)
        .hasMessageContaining("a run of small that had begun operations ");
    return network;
  }

  private static void ended(Runnable use) {
    assertThatThrownBy(use::run).isInstanceOf(IllegalStateException.class).hasMessage(ENDED);
  }

  @Test
  void anErrorEndsTheSessionsOfBothAndNeitherWorksAgain() {
    var bystander = new SteppedNetwork(other, 2).steps(3);
    bystander.session().finish();
    var network = failed();
    for (Runnable use : new Runnable[] {bystander::step, bystander.session()::loss, network::step}) {
      ended(use);
    }
    bystander.close();
    network.close();
    ended(() -> new SteppedNetwork(failing, 1));
    ended(() -> new SteppedNetwork(other, 1));
    ended(other::availableBytes);
  }

  @Test
  void theDeviceIsNotStartedAgainUnderSomebody() {
    var network = failed();
    assertThatThrownBy(software::startAgain)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("is in use");
    network.close();
  }

  @Test
  void afterAStartTheBitsAreThoseOfBefore() {
    int[] expected;
    try (var network = new SteppedNetwork(failing, 1)) {
      expected = network.steps(3).state();
    }
    failed().close();
    nothingIsLeft();
    failing = CudaBackend.software(CudaOptions.DEFAULT);
    try (var network = new SteppedNetwork(failing, 1)) {
      assertThat(network.steps(3).state()).isEqualTo(expected);
    }
  }
}
