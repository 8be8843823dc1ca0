package io.github.densenet4j.internal.backend.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.github.densenet4j.config.CudaOptions;
import io.github.densenet4j.config.DenseNetConfig;
import io.github.densenet4j.config.Stem;
import io.github.densenet4j.error.ConfigurationException;
import io.github.densenet4j.error.DeviceException;
import io.github.densenet4j.internal.backend.SteppedNetwork;
import io.github.densenet4j.internal.backend.cuda.driver.CudaContext;
import io.github.densenet4j.internal.backend.cuda.driver.CudaEvent;
import io.github.densenet4j.internal.backend.cuda.driver.CudaModule;
import io.github.densenet4j.internal.backend.cuda.driver.CudaStream;
import io.github.densenet4j.internal.backend.cuda.driver.DeviceArena;
import io.github.densenet4j.internal.backend.cuda.driver.PinnedMemory;
import io.github.densenet4j.internal.program.Lowerings;
import io.github.densenet4j.internal.program.Workload;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Who may use a device's objects, and until when. */
@Tag("cuda")
class CudaOwnershipTest {
  private SoftwareCuda software;
  private CudaBackend backend;

  @BeforeEach
  void open() {
    software = SoftwareDevice.required();
    backend = CudaBackend.software(CudaOptions.DEFAULT);
  }

  @AfterEach
  void nothingIsLeft() {
    if (software != null) {
      backend.close();
      SoftwareDevice.requireNothingHeld();
    }
  }

  /** What the calls threw in a thread of their own. */
  private static Throwable inAnother(Thread.Builder thread, Runnable calls) throws InterruptedException {
    var thrown = new AtomicReference<Throwable>();
    thread.start(() -> thrown.set(catchThrowable(calls::run))).join();
    return thrown.get();
  }

  @Test
  void anotherThreadIsRefusedAndTheOwnerGoesOn() throws InterruptedException {
    try (var network = new SteppedNetwork(backend, 1).steps(2); var same = new SteppedNetwork(backend, 1).steps(2)) {
      List<Runnable> uses =
          List.of(
              () -> network.session().step(0.1, 0, 1), network.session()::loss, network.session()::finish,
              network::close, backend::close, backend::availableBytes,
              () -> backend.plan(SteppedNetwork.program()));
      for (var use : uses) {
        assertThat(inAnother(Thread.ofPlatform().name("stranger"), use))
            .isInstanceOf(IllegalStateException.class)
            .hasMessageContainingAll(Thread.currentThread().getName(), "stranger", "open one for each thread");
      }
      assertThat(network.step().state()).isEqualTo(same.step().state());
    }
  }

  @Test
  void twoThreadsWithADeviceEachGiveTheSameBits() throws InterruptedException {
    var found = new AtomicReference<int[]>();
    Runnable other =
        () -> {
          try (var own = CudaBackend.software(CudaOptions.DEFAULT); var network = new SteppedNetwork(own, 1)) {
            found.set(network.steps(4).state());
          }
        };
    try (var network = new SteppedNetwork(backend, 1)) {
      var thread = Thread.ofPlatform().start(other);
      var expected = network.steps(4).state();
      thread.join();
      assertThat(found.get()).isEqualTo(expected);
    }
  }

  @Test
  void aDeviceThatIsUsedAndClosedElsewhereLeavesACaptureAlone() {
    try (var context = new CudaContext(backend.device()); var stream = new CudaStream(context);
        var event = CudaEvent.untimed(context)) {
      Runnable whole =
          () -> {
            try (var own = CudaBackend.software(CudaOptions.DEFAULT)) {
              new SteppedNetwork(own, 1).steps(3).close();
            }
          };
      var graph =
          stream.capture(
              () -> {
                event.record(stream);
                assertThat(uninterrupted(whole)).isNull();
              });
      graph.launch(stream);
      stream.synchronize();
      graph.close();
    }
  }

  private static Throwable uninterrupted(Runnable calls) {
    try {
      return inAnother(Thread.ofPlatform(), calls);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void aVirtualThreadIsRefused() throws InterruptedException {
    assertThat(inAnother(Thread.ofVirtual().name("v"), backend::availableBytes))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("a CUDA device needs a platform thread");
    assertThat(backend.availableBytes()).isPositive();
  }

  @Test
  void nothingWorksAfterClose() {
    var network = new SteppedNetwork(backend, 1).steps(2);
    network.close();
    network.close();
    for (Runnable use : List.<Runnable>of(network::step, network.session()::loss, network.session()::finish)) {
      assertThatThrownBy(use::run).isInstanceOf(IllegalStateException.class).hasMessage("the session is closed");
    }
    backend.close();
    backend.close();
    for (Runnable use : List.<Runnable>of(backend::availableBytes, () -> new SteppedNetwork(backend, 1))) {
      assertThatThrownBy(use::run)
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("the device cuda-software is closed");
    }
  }

  @Test
  void aDeviceIsNotClosedUnderItsSessions() {
    try (var network = new SteppedNetwork(backend, 1)) {
      assertThatThrownBy(backend::close)
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("1 session of the device cuda-software is open: close it first");
      assertThat(network.step().session().loss()).isFinite();
    }
  }

  @Test
  void objectsOfTheDriverSayThatTheyAreClosed() {
    try (var context = new CudaContext(backend.device()); var stream = new CudaStream(context)) {
      var arena = new DeviceArena(stream, 1024);
      var pinned = new PinnedMemory(context, 1024);
      var event = CudaEvent.timed(context);
      var other = new CudaStream(context);
      var module = new CudaModule(context, Kernels.image());
      var graph = stream.capture(() -> arena.copyFrom(pinned, 0, 0, 1024, stream));
      for (AutoCloseable each : List.of(graph, module, other, event, pinned, arena)) {
        assertThat(catchThrowable(each::close)).isNull();
        assertThat(catchThrowable(each::close)).isNull();
      }
      closed("CUDA graph", () -> graph.launch(stream));
      closed("CUDA module", () -> module.kernel("dn_concat_append"));
      closed("CUDA stream", other::synchronize);
      closed("CUDA stream", () -> new DeviceArena(other, 1024));
      closed("CUDA event", () -> event.record(stream));
      closed("CUDA event", event::synchronize);
      closed("pinned memory", pinned::segment);
      closed("device arena", arena::start);
      closed("device arena", () -> arena.copyTo(pinned, 0, 0, 1024, stream));
    }
  }

  private static void closed(String what, Runnable use) {
    assertThatThrownBy(use::run).isInstanceOf(IllegalStateException.class).hasMessage("the " + what + " is closed");
  }

  @Test
  void sessionsAndDevicesSideBySideGiveTheBitsOfEachAlone() {
    int[] first;
    int[] second;
    try (var network = new SteppedNetwork(backend, 1)) {
      first = network.steps(4).state();
    }
    try (var network = new SteppedNetwork(backend, 2)) {
      second = network.steps(4).state();
    }
    try (var other = CudaBackend.software(CudaOptions.DEFAULT);
        var a = new SteppedNetwork(backend, 1);
        var b = new SteppedNetwork(backend, 2);
        var c = new SteppedNetwork(other, 1)) {
      for (int i = 0; i < 4; i++) {
        a.step();
        c.step();
        b.step();
      }
      assertThat(b.state()).isEqualTo(second);
      assertThat(a.state()).isEqualTo(first);
      assertThat(c.state()).isEqualTo(first);
    }
  }

  @Test
  void aProcessHasOneDriver() {
    assertThatThrownBy(() -> CudaBackend.gpu(CudaOptions.DEFAULT))
        .isInstanceOf(DeviceException.class)
        .hasMessageContainingAll("device cuda cannot have the driver libcuda.so.1", "start another process");
  }

  @Test
  void deviceOutOfRange() {
    assertThatThrownBy(() -> CudaBackend.software(CudaOptions.DEFAULT.withOrdinal(3)))
        .isInstanceOf(ConfigurationException.class)
        .hasMessage("CUDA device is 3, but the only device here is 0");
  }

  @Test
  void whatHasNoKernelsIsRefusedBeforeAnythingIsAllocated() {
    long held = software.count("live_allocations");
    var wide = new DenseNetConfig("wide stem", 4, List.of(1), 600, 4, 0.5, 0, Stem.IMAGENET, 3, 32, 10);
    var fused = Lowerings.standard().lower(wide, Workload.training(4, 0.9, 1e-4));
    assertThatThrownBy(() -> backend.plan(fused))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContainingAll(
            "strategy fused has no CUDA kernels for 600 channels of the stem, at most 512", "use fewer");
    assertThat(software.count("live_allocations")).isEqualTo(held);
  }
}
