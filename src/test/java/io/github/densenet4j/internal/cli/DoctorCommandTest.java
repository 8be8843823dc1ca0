package io.github.densenet4j.internal.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.densenet4j.error.DeviceException;
import io.github.densenet4j.internal.backend.Backend;
import io.github.densenet4j.internal.backend.cpu.CpuBackend;
import io.github.densenet4j.internal.backend.cuda.RequiredCuda;
import io.github.densenet4j.internal.backend.cuda.SoftwareDevice;
import io.github.densenet4j.internal.backend.cuda.driver.CudaDevice;
import io.github.densenet4j.internal.io.Json;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class DoctorCommandTest {
  private static final Map<String, Object> READY = StrategyVerdict.tried(Findings.READY).object();

  /** A process has one driver; here another test may have loaded it. */
  private static CommandRun doctor(String... options) {
    var arguments = new ArrayList<>(List.of("doctor"));
    arguments.addAll(List.of(options));
    return CommandRun.of(CommandProcess.ofThisProgram(List.of(CommandRun.BRIEF), arguments));
  }

  @Test
  void examinesEveryDeviceAndNeedsTheProcessorOnly() {
    var json = doctor("--json").json();
    assertThat(json.keySet())
        .containsExactly("version", "java", "cpu", "kernels", "memory", "cuda", "cuda_strategies", "devices");
    var devices = (Map<?, ?>) json.get("devices");
    assertThat(devices.get("cpu")).isEqualTo("ready");
    assertThat((String) devices.get("cuda")).matches("ready|.*: .*");
    assertThat((String) devices.get("cuda-software")).matches(RequiredCuda.absent() ? "ready|.*: .*" : "ready");
  }

  @Test
  void theExitCodeIsThatOfTheDeviceAskedFor() {
    var cpu = CommandRun.of("doctor", "--device=cpu").done();
    assertThat(cpu.out()).containsPattern("jpeg.decoder +(turbojpeg|imageio) \\w");
    assertThat(cpu.out()).contains("processors").containsPattern("devices +cpu +ready").doesNotContain("cuda");
    CommandRun.of("doctor", "--device=gpu").refused(2, "--device is gpu", "cpu, cuda, cuda-software");
  }

  @Test
  @Tag("cuda")
  void theSoftwareDeviceIsReady() {
    SoftwareDevice.required();
    doctor("--device=cuda-software").done();
  }

  @Test
  void withoutADriverItSaysWhatToInstall() {
    var findings = examined(new FakeGpus().without("driver", "there is no NVIDIA driver here: install one"));
    assertThat(findings.ready("cuda")).isFalse();
    assertThat(text(findings))
        .containsPattern("cuda +driver +none")
        .containsPattern("gpus +none")
        .containsPattern("cudnn +9.19.0, /lib/libcudnn.so.9")
        .containsPattern("(?m)^devices +cuda +there is no NVIDIA driver here: install one$");
  }

  @Test
  void aDriverAloneDoesForFused() {
    var gpus =
        new FakeGpus()
            .without("cudnn", "cuDNN 9 was not found: looked in /a; install it")
            .without("cublas", "cuBLAS was not found: looked in /b; install it");
    var findings = examined(gpus);
    assertThat(findings.ready("cuda")).isTrue();
    assertThat(text(findings))
        .containsPattern("driver +libcuda.so.1, CUDA 13.0")
        .containsPattern("gpus +0: NVIDIA L4, 22.0 GiB, compute capability 8.9")
        .containsPattern("architectures +sm_80, compute_80")
        .containsPattern("toolkit +13.0.88")
        .containsPattern("cudnn +not found")
        .containsPattern("searched +/a, /b")
        .containsPattern("(?m)fused +ready$")
        .containsPattern("shared +cuDNN 9 was not found: looked in /a; install it; cuBLAS was not found: looked in /b");
    var json = Json.parse(findings.json(), "doctor");
    var cuda = (Map<?, ?>) json.get("cuda");
    assertThat(cuda.get("cudnn")).isEqualTo(Map.of("missing", "cuDNN 9 was not found: looked in /a; install it"));
    assertThat(cuda.get("driver")).isEqualTo(Map.of("file", "libcuda.so.1", "cuda_version", "13.0"));
    assertThat(cuda.get("searched")).isEqualTo(List.of("/a", "/b"));
    assertThat((Map<?, ?>) ((List<?>) cuda.get("gpus")).getFirst())
        .hasToString("{ordinal=0, name=NVIDIA L4, memory_bytes=" + (22L << 30) + ", compute_capability=8.9}");
    var strategies = (Map<?, ?>) json.get("cuda_strategies");
    assertThat(strategies.get("fused")).isEqualTo(READY);
    assertThat(strategies.get("naive"))
        .isEqualTo(strategies.get("shared"))
        .asString()
        .startsWith("{state=lacking, reason=cuDNN 9 was not");
  }

  @Test
  void aGpuIsReadyIfItTrains() {
    var whole = examined(new FakeGpus());
    assertThat(whole.ready("cuda")).isTrue();
    assertThat(Json.parse(whole.json(), "doctor").get("cuda_strategies"))
        .isEqualTo(Map.of("naive", READY, "shared", READY, "fused", READY));
    var broken = examined(new FakeGpus().without("device", "cuMemAlloc failed: free some memory"));
    assertThat(broken.ready("cuda")).isFalse();
    assertThat(text(broken)).containsPattern("devices +cuda +cuMemAlloc failed: free some memory");
    assertThat(broken.json()).contains("\"broken\"").doesNotContain("lacking");
    var kernels = examined(new FakeGpus().without("architectures", "no CUDA kernels: install nvcc"));
    assertThat(text(kernels)).containsPattern("architectures +none").contains("no CUDA kernels: install nvcc");
  }

  private static Findings examined(GpuSystem gpus) {
    var findings = new Findings();
    new GpuExamination(gpus).into(findings);
    return findings;
  }

  private static String text(Findings findings) {
    var out = new ByteArrayOutputStream();
    findings.print(new PrintStream(out, true));
    return out.toString(StandardCharsets.UTF_8);
  }

  /** A computer with everything for GPUs but the parts taken away; the processor computes for its GPU. */
  private static final class FakeGpus implements GpuSystem {
    private final Map<String, String> missing = new HashMap<>();

    FakeGpus without(String part, String sentence) {
      missing.put(part, sentence);
      return this;
    }

    private <T> T part(String name, T part) {
      if (missing.containsKey(name)) {
        throw new DeviceException(missing.get(name));
      }
      return part;
    }

    @Override
    public List<Path> searched() {
      return List.of(Path.of("/a"), Path.of("/b"));
    }

    @Override
    public Driver driver() {
      return part("driver", new Driver("libcuda.so.1", "13.0"));
    }

    @Override
    public List<CudaDevice> devices() {
      return List.of(new CudaDevice(0, "NVIDIA L4", 22L << 30, "8.9", 58, 1536, 101376, 102400));
    }

    @Override
    public Library cudnn() {
      return part("cudnn", new Library(Path.of("/lib/libcudnn.so.9"), "9.19.0"));
    }

    @Override
    public Library cublas() {
      return part("cublas", new Library(Path.of("/lib/libcublas.so.13"), "13.2.1"));
    }

    @Override
    public Optional<String> toolkit() {
      return Optional.of("13.0.88");
    }

    @Override
    public List<String> architectures() {
      return part("architectures", List.of("sm_80", "compute_80"));
    }

    @Override
    public Backend open() {
      return part("device", new CpuBackend(1));
    }
  }
}
