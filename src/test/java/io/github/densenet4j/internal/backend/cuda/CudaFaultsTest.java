package io.github.densenet4j.internal.backend.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.github.densenet4j.config.CudaOptions;
import io.github.densenet4j.error.DeviceException;
import io.github.densenet4j.internal.backend.SteppedNetwork;
import io.github.densenet4j.internal.program.Op;
import io.github.densenet4j.internal.program.Phase;
import io.github.densenet4j.internal.program.Program;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is left of the engine after a part of it failed. An error that ends the context ends all use of the device. */
@Tag("cuda")
class CudaFaultsTest {
  private static final String ALL_MEMORY = String.valueOf(16L << 30);

  private static final Pattern BEGUN =
      Pattern.compile(
          "densenet4j software CUDA device: a run of small that had begun operations (?<from>\\d+) to (?<to>\\d+) of"
              + " (?<phase>\\w+) \\((?<stems>.*); checked mode names the one\\) failed: cu\\w+ .*failed with"
              + " CUDA_ERROR_LAUNCH_FAILED \\(719\\).*");

  private SoftwareCuda software;
  private CudaBackend backend;

  @BeforeEach
  void open() {
    software = SoftwareDevice.required();
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
    software.startAgain();
    SoftwareDevice.requireNothingHeld();
  }

  /** As another process would. */
  private void startAgain() {
    nothingIsLeft();
    backend = CudaBackend.software(CudaOptions.DEFAULT);
  }

  /** That neither the device nor another one works in this process, and that both say what to do. */
  private void isOver() {
    software.set("fail", "");
    assertThatThrownBy(() -> new SteppedNetwork(backend, 1))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(
            "an earlier error has ended this CUDA context, which all that use the device in this process share: start"
                + " the process again");
    try (var another = CudaBackend.software(CudaOptions.DEFAULT)) {
      assertThatThrownBy(() -> new SteppedNetwork(another, 1))
          .isInstanceOf(DeviceException.class)
          .hasMessage(
              "an earlier error has ended the CUDA context of densenet4j software CUDA device in this process: start"
                  + " the process again");
    }
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
    try (var network = new SteppedNetwork(backend, 1)) {
      software.set("fail", "dn_concat_append:3");
      assertThatThrownBy(network::step)
          .isInstanceOf(DeviceException.class)
          .hasMessageMatching(
              "densenet4j software CUDA device.*: concat_append \\(operation \\d+ of forward\\) of small failed:"
                  + " cuStreamSynchronize failed with CUDA_ERROR_LAUNCH_FAILED \\(719\\).*; this process cannot use the"
                  + " device any more, start it again");
      assertThatThrownBy(network::step)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("an earlier error has ended this CUDA context");
    }
    isOver();
  }

  /** As a driver for CUDA 13 reports what ends a process, such as memory that is broken. */
  @ParameterizedTest
  @CsvSource({
    "CUDA_ERROR_CONTAINED, 226", "CUDA_ERROR_TENSOR_MEMORY_LEAK, 721", "CUDA_ERROR_MPS_CLIENT_TERMINATED, 810",
    "CUDA_ERROR_EXTERNAL_DEVICE, 911", "CUDA_ERROR_NVLINK_UNCORRECTABLE, 220"
  })
  void anErrorThatEndsTheProcessSaysSo(String name, int code) {
    try (var network = new SteppedNetwork(backend, 1)) {
      software.set("fail", "dn_concat_append:1:" + code);
      assertThatThrownBy(network::step)
          .isInstanceOf(DeviceException.class)
          .hasMessageContaining(name + " (" + code + ")")
          .hasMessageEndingWith("this process cannot use the device any more, start it again");
    }
    isOver();
  }

  /** The launch, which one of a step it is, and the stem of the operation that it belongs to. */
  @ParameterizedTest
  @CsvSource({
    "dn_concat_append, 1, concat_append", "dn_concat_append, 4, concat_append", "cublasSgemm_v2, 1, linear_fprop",
    "dn_softmax_xent, 1, softmax_xent", "cudnnPoolingBackward, 1, avgpool_dgrad",
    "cudnnBatchNormalizationBackward, 2, bn_dgrad", "cudnnBatchNormalizationBackward, 5, bn_dgrad",
    "dn_concat_split, 1, concat_split", "dn_concat_split, 4, concat_split"
  })
  void aGraphThatFailsNamesTheOperationsItHadBegun(String launch, int count, String stem) {
    for (int steps = 1; steps <= 3; steps++) {
      try (var network = new SteppedNetwork(backend, 1).steps(steps)) {
        network.session().finish();
        software.set("fail", launch + ":" + count);
        network.step();
        requireNamed(catchThrowable(network.session()::loss), Program::step, stem, count);
      }
      isOver();
      startAgain();
    }
  }

  /** @param run the operations of the graph, of which the {@code count}-th of the stem has failed */
  private static void requireNamed(Throwable thrown, Function<Program, List<Op>> run, String stem, int count) {
    assertThat(thrown).isInstanceOf(DeviceException.class);
    var named = BEGUN.matcher(thrown.getMessage());
    assertThat(named.matches()).as(thrown.getMessage()).isTrue();
    int from = Integer.parseInt(named.group("from"));
    int to = Integer.parseInt(named.group("to"));
    assertThat(to - from).isBetween(1, 15);
    var program = SteppedNetwork.program();
    var failed = run.apply(program).stream().filter(op -> op.stem().equals(stem)).toList().get(count - 1);
    var group = program.ops(Phase.valueOf(named.group("phase").toUpperCase(Locale.ROOT))).subList(from, to + 1);
    assertThat(group).contains(failed);
    assertThat(named.group("stems").split(", "))
        .containsExactly(group.stream().map(Op::stem).distinct().toArray(String[]::new));
  }

  @Test
  void aGraphThatFailsInAnOperationThatIsAllOfAGroupNamesThatOne() {
    try (var network = new SteppedNetwork(backend, 1).steps(2)) {
      network.session().finish();
      software.set("fail", "dn_sgd_nesterov");
      network.step();
      assertThatThrownBy(network.session()::loss)
          .isInstanceOf(DeviceException.class)
          .hasMessageContaining(
              "device: a run of small that had begun sgd_nesterov (operation 0 of update) failed: cu");
    }
    isOver();
  }

  @Test
  void anInferenceIsNamedByItsOwnOperations() {
    try (var network = new SteppedNetwork(backend, 1).steps(2)) {
      var session = network.session();
      for (int i = 0; i < 3; i++) {
        session.infer(); // the first folds and is checked, the second is checked, the third is a graph
      }
      session.finish();
      software.set("fail", "dn_concat_append:3");
      session.infer();
      requireNamed(catchThrowable(session::logits), program -> program.ops(Phase.INFER), "concat_append", 3);
    }
    isOver();
  }

  /** The one that hears of it has no graph under way. */
  @Test
  void whoeverHearsOfAnothersErrorDoesNotClaimIt() {
    try (var network = new SteppedNetwork(backend, 1).steps(2);
        var bystander = new SteppedNetwork(backend, 2).steps(3)) {
      bystander.session().finish();
      software.set("fail", "dn_concat_append:2");
      network.step();
      assertThatThrownBy(bystander.session()::finish)
          .isInstanceOf(DeviceException.class)
          .hasMessageContaining(
              "device: something in or before a step (checked mode names it) of small"
                  + " failed: ");
    }
    isOver();
  }

  @Test
  void whoeverHearsOfItFirstNamesTheOperations() {
    try (var network = new SteppedNetwork(backend, 1).steps(2)) {
      software.set("fail", "dn_softmax_xent:2");
      requireNamed(catchThrowable(() -> network.steps(5)), Program::step, "softmax_xent", 1);
    }
    isOver();
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
  void aSessionThatWasThereBeforeEndsToo() {
    var bystander = new SteppedNetwork(backend, 2).steps(2);
    try (var network = new SteppedNetwork(backend, 1)) {
      software.set("fail", "dn_concat_split");
      assertThatThrownBy(network::step).isInstanceOf(DeviceException.class);
    }
    assertThatThrownBy(bystander.session()::loss).isInstanceOf(IllegalStateException.class);
    isOver();
    bystander.close();
    isOver();
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
                + " \\d+ KiB: use batch size 3 or less");
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
                + " CUDA_ERROR_OUT_OF_MEMORY \\(2\\): use a smaller batch size, or end what else uses the device");
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
