package io.github.densenet4j.internal.backend.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.densenet4j.config.CudaOptions;
import io.github.densenet4j.error.DeviceException;
import io.github.densenet4j.internal.backend.SteppedNetwork;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Backends on one device share its context: an error of one is the other's too. */
@Tag("cuda")
class CudaSharedContextTest {
  private static final String ENDED =
      "an earlier error has ended this CUDA context, which all that use the device in this process share: close their"
          + " sessions and open new ones";

  private SoftwareCuda software;
  private CudaBackend failing;
  private CudaBackend other;
  private int[] expected;

  @BeforeEach
  void open() {
    software = SoftwareDevice.required();
    failing = CudaBackend.software(CudaOptions.DEFAULT);
    other = CudaBackend.software(CudaOptions.DEFAULT);
    expected = state(failing);
  }

  @AfterEach
  void nothingIsLeft() {
    if (software != null) {
      software.set("fail", "");
      failing.close();
      other.close();
      SoftwareDevice.requireNothingHeld();
    }
  }

  private static int[] state(CudaBackend backend) {
    try (var network = new SteppedNetwork(backend, 1)) {
      return network.steps(3).state();
    }
  }

  private void works(CudaBackend backend) {
    assertThat(state(backend)).isEqualTo(expected);
  }

  /** A session whose second step has failed. */
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

  private static void refused(CudaBackend backend, int holders) {
    assertThatThrownBy(() -> new SteppedNetwork(backend, 1))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(
            "an earlier error has ended the CUDA context of densenet4j software CUDA device, and others in this process"
                + " still hold it (" + holders + "): close their sessions, and in other threads their devices, first");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void anErrorEndsTheSessionsOfBothAndBothWorkAgainWhenTheyAreClosed(boolean failingFirst) {
    var bystander = new SteppedNetwork(other, 2).steps(3);
    bystander.session().finish();
    var network = failed();
    for (Runnable use : new Runnable[] {bystander::step, bystander.session()::loss, network::step}) {
      assertThatThrownBy(use::run).isInstanceOf(IllegalStateException.class).hasMessage(ENDED);
    }
    var first = failingFirst ? failing : other;
    var second = failingFirst ? other : failing;
    (failingFirst ? network : bystander).close();
    refused(first, 1);
    assertThatThrownBy(() -> new SteppedNetwork(second, 1)).isInstanceOf(IllegalStateException.class).hasMessage(ENDED);
    (failingFirst ? bystander : network).close();
    works(first);
    works(second);
    try (var one = new SteppedNetwork(first, 1).steps(2); var two = new SteppedNetwork(second, 1).steps(2)) {
      assertThat(one.step().state()).isEqualTo(expected);
      assertThat(two.step().state()).isEqualTo(expected);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void oneThatIsIdleKeepsNobodyWaiting(boolean failingFirst) {
    other.plan(SteppedNetwork.program());
    failed().close();
    works(failingFirst ? failing : other);
    works(failingFirst ? other : failing);
  }

  @Test
  void oneThatIsIdleWorksAgainAsSoonAsTheSessionIsClosed() {
    works(other);
    var network = failed();
    refused(other, 1);
    network.close();
    assertThat(other.availableBytes()).isPositive();
    works(other);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void bothCanBeClosedInAnyOrderAfterAnError(boolean failingFirst) {
    works(other);
    var network = failed();
    if (!failingFirst) {
      other.close();
    }
    network.close();
    failing.close();
    other.close();
    SoftwareDevice.requireNothingHeld();
  }

  @Test
  void oneInAnotherThreadIsClosedThere() throws Exception {
    try (var thread = Executors.newSingleThreadExecutor()) {
      thread.submit(() -> works(other)).get();
      failed().close();
      refused(failing, 1);
      thread.submit(other::close).get();
      works(failing);
    }
  }
}
