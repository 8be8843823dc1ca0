package io.github.densenet4j.internal.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.densenet4j.data.TestFiles;
import io.github.densenet4j.internal.backend.cuda.SoftwareDevice;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The commands on the software CUDA device. */
@Tag("cuda")
class CudaCommandsTest {
  private static final String DEVICE = "--device=cuda-software";

  @TempDir private Path temporary;
  private Path data;

  @BeforeEach
  void writeData() throws IOException {
    SoftwareDevice.required();
    data = temporary.resolve("data");
    TestFiles.writeLearnableIdxFolder(data, 24, 10, 8); // one held out of each class
  }

  private CommandRun train(Path out, String... more) {
    var options = new ArrayList<>(List.of("--batch-size=8", "--epochs=2", "--augment=cifar", DEVICE));
    options.addAll(List.of(more));
    return CommandRun.train(data, out, options.toArray(String[]::new));
  }

  @Test
  void trainsResumesAndLeavesACheckpointForTheProcessor() throws IOException {
    Path whole = temporary.resolve("whole");
    var run = train(whole, "--strategy=naive").done();
    assertThat(run.out()).containsPattern("device +cuda-software .*compute\\s+capability").contains("epoch 2/2: loss");

    Path resumed = temporary.resolve("resumed");
    stoppedAfterFourSteps(whole, resumed);
    assertThat(train(resumed, "--strategy=naive", "--resume").done().out()).contains("resuming after");
    assertThat(resumed.resolve("checkpoint-last.safetensors"))
        .hasSameBinaryContentAs(whole.resolve("checkpoint-last.safetensors"));

    var gpu = evaluate(whole, DEVICE, "--strategy=naive");
    var cpu = evaluate(whole, "--device=cpu");
    assertThat((Double) cpu.get("loss")).isCloseTo((Double) gpu.get("loss"), Offset.offset(1e-5));
    assertThat(cpu.get("confusion")).isEqualTo(gpu.get("confusion"));
  }

  @ParameterizedTest
  @CsvSource({"fp32, 1e-5", "bf16, 0.02"})
  void theFusedStrategyTrainsWithTheSameBitsEveryTime(String precision, double tolerance) {
    Path whole = temporary.resolve("whole");
    train(whole, "--precision=" + precision, "--checkpoint-every=3").done();
    var cpu = evaluate(whole, "--device=cpu", "--precision=" + precision);
    var gpu = evaluate(whole, DEVICE, "--precision=" + precision);
    assertThat((Double) gpu.get("loss")).isCloseTo((Double) cpu.get("loss"), Offset.offset(tolerance));
    Path again = temporary.resolve("again");
    train(again, "--precision=" + precision, "--checkpoint-every=3").done();
    assertThat(again.resolve("checkpoint-last.safetensors"))
        .hasSameBinaryContentAs(whole.resolve("checkpoint-last.safetensors"));
  }

  @Test
  void precisionAutoIsWhatSuitsTheDeviceAndTheStrategy() {
    assertThat(precision(DEVICE)).isEqualTo("bf16");
    assertThat(precision(DEVICE, "--precision=auto")).isEqualTo("bf16");
    assertThat(precision(DEVICE, "--precision=fp32")).isEqualTo("fp32");
    assertThat(precision(DEVICE, "--strategy=naive")).isEqualTo("fp32");
    assertThat(precision("--device=cpu")).isEqualTo("fp32");
  }

  private static Object precision(String... options) {
    var arguments = new ArrayList<>(List.of("plan", "--json", "--image-size=8", "--batch-size=2"));
    arguments.addAll(CommandRun.TINY);
    arguments.addAll(List.of(options));
    return CommandRun.of(arguments.toArray(String[]::new)).json().get("precision");
  }

  /** A training that fails as soon as it has written its second checkpoint. */
  private void stoppedAfterFourSteps(Path whole, Path out) throws IOException {
    var software = SoftwareDevice.required();
    software.set("fail", "dn_sgd_nesterov:5");
    try {
      var run = train(out, "--strategy=naive", "--checkpoint-every=2");
      assertThat(run.exitCode()).isEqualTo(1);
      assertThat(run.err())
          .hasLineCount(1)
          .contains(
              "a run of custom that had begun sgd_nesterov (operation 0 of update) failed: ",
              "CUDA_ERROR_LAUNCH_FAILED", "start it again");
    } finally {
      software.set("fail", "");
      software.startAgain();
    }
    assertThat(Files.readAllBytes(out.resolve("checkpoint-last.safetensors")))
        .isNotEqualTo(Files.readAllBytes(whole.resolve("checkpoint-last.safetensors")));
  }

  private Map<String, Object> evaluate(Path run, String... more) {
    var arguments =
        new ArrayList<>(
            List.of(
                "evaluate", "--json", "--data=idx:" + data,
                "--checkpoint=" + run.resolve("checkpoint-last.safetensors")));
    arguments.addAll(List.of(more));
    return CommandRun.of(arguments.toArray(String[]::new)).json();
  }

  @Test
  void whatHasNoKernelsIsRefusedBeforeAnythingIsWritten() {
    Path out = temporary.resolve("run");
    var wide = List.of("--stem=imagenet", "--init-features=2000");
    CommandRun.of(
            "train", "--data=idx:" + data, "--out=" + out, "--growth-rate=4", "--block-config=2", wide.getFirst(),
            wide.getLast(), "--batch-size=8", DEVICE)
        .refused(2, "--strategy fused has no CUDA kernels for 2000 channels of the stem, at most 1024", "--device cpu");
    train(out, "--precision=bf16", "--strategy=shared").refused(2, "--precision bf16", "--strategy fused");
    train(out, "--strategy=shared", "--cuda-device=3").refused(2, "--cuda-device is 3, but the only device here is 0");
    var large = train(out, "--strategy=shared", "--memory-limit=1MiB");
    assertThat(large.exitCode()).isEqualTo(1);
    assertThat(large.err()).hasLineCount(1).contains("strategy shared needs", "--memory-limit is 1024 KiB: use ");
    assertThat(out).doesNotExist();
    CommandRun.of("bench", DEVICE, wide.getFirst(), wide.getLast()).refused(2, "--strategy fused has no CUDA kernels");
    CommandRun.of("plan", DEVICE, wide.getFirst(), wide.getLast()).refused(2, "--strategy fused has no CUDA kernels");
  }

  @Test
  void benchTimesStepsAsAWholeAndByOperation() {
    var arguments =
        new ArrayList<>(
            List.of(
                "bench", "--json", "--image-size=8", "--batch-size=2", "--steps=2", "--warmup=1", "--strategy=shared",
                DEVICE));
    arguments.addAll(CommandRun.TINY);
    var whole = CommandRun.of(arguments.toArray(String[]::new)).json();
    assertThat(whole).containsEntry("device", "cuda-software").containsEntry("strategy", "shared");
    assertThat((Double) whole.get("step_ms_median")).isPositive();
    // The arena is rounded up; nothing else takes memory of this device.
    assertThat((Long) whole.get("besides_plan_bytes")).isBetween(0L, (Long) whole.get("planned_bytes"));
    assertThat(whole).containsEntry("arithmetic", "fp32");
    arguments.add("--cuda-tf32");
    assertThat(CommandRun.of(arguments.toArray(String[]::new)).json()).containsEntry("arithmetic", "TF32");
    arguments.add("--profile");
    var operations = ((List<?>) CommandRun.of(arguments.toArray(String[]::new)).json().get("profile"));
    assertThat(operations)
        .anySatisfy(entry -> assertThat(((Map<?, ?>) entry).get("operation")).isEqualTo("concat_append"))
        .allSatisfy(entry -> assertThat((Double) ((Map<?, ?>) entry).get("ms_per_step")).isNotNegative());
  }

  @Test
  void memoryIsComparedOverWhatTheDeviceHas() {
    var json =
        CommandRun.of(
                "bench", "memory", "--growth-rate=4", "--block-config=1,1", "--image-size=8", "--batch-size=2",
                "--steps=1", "--strategies=naive,shared", "--json", DEVICE)
            .json();
    assertThat(json).containsEntry("device", "cuda-software");
    var model = (Map<?, ?>) ((List<?>) json.get("models")).getFirst();
    var names = ((List<?>) model.get("strategies")).stream().map(row -> (String) ((Map<?, ?>) row).get("strategy"));
    assertThat(names).containsExactly("naive", "shared");
  }

  @Test
  void plansModelAStepOfAGpu() {
    String[] plan = {"plan", "--json", "--model=bc-100-12", "--batch-size=64", "--gpu=4300,790,2.5", DEVICE};
    var json = CommandRun.of(plan).json();
    long kernels = (Long) json.get("kernels_per_step");
    assertThat(kernels).isBetween(192L, 4L * 48 + 20);
    assertThat((Long) json.get("kernels_beside_per_step")).isBetween(20L, 30L);
    double floor = (Double) json.get("model_floor_ms");
    double bytes = ((Long) json.get("traffic_bytes_per_step")).doubleValue();
    assertThat(floor).isBetween(1e3 * bytes / 4.3e12, 2e3 * bytes / 4.3e12);
    assertThat((Double) json.get("model_step_ms")).isCloseTo(floor + 2.5e-3 * kernels, Offset.offset(1e-9));
    assertThat(CommandRun.of("plan", "--gpu=h200", "--model=bc-100-12", DEVICE).done().out())
        .containsPattern("kernels +\\d+ a step, and \\d+ beside these")
        .containsPattern("modelled +[\\d.]+ ms a step, [\\d.]+ ms without the time of kernels, at 4300 GB/s, 790 ");
    assertThat(CommandRun.of("plan", "--gpu=h200", "--model=bc-100-12", "--precision=fp32", DEVICE).done().out())
        .contains(" at 4300 GB/s, 100 TFLOP/s, 2.5 us a kernel");
    CommandRun.of("plan", "--gpu=h200", "--device=cpu").refused(2, "--gpu models the kernels", "--device cuda");
    CommandRun.of("plan", "--gpu=fast", DEVICE).refused(2, "'fast' is neither h200 nor GB/s");
  }

  @Test
  void plansTellWhatTheDeviceTakesBesides() {
    var json =
        CommandRun.of("plan", "--json", "--model=bc-40-12", "--batch-size=4", "--strategy=shared", DEVICE).json();
    var besides = (Map<?, ?>) json.get("besides_plan_bytes");
    assertThat((Long) besides.get("pinned_host")).isEqualTo((2L << 20) + Integer.BYTES);
    assertThat(besides).hasSize(1);
    assertThat((Long) ((Map<?, ?>) json.get("bytes")).get("workspace")).isPositive();
  }
}
