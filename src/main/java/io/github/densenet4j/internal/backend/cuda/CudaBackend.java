package io.github.densenet4j.internal.backend.cuda;

import io.github.densenet4j.config.CudaOptions;
import io.github.densenet4j.config.Precision;
import io.github.densenet4j.config.Strategy;
import io.github.densenet4j.error.DeviceException;
import io.github.densenet4j.internal.backend.Backend;
import io.github.densenet4j.internal.backend.Ceiling;
import io.github.densenet4j.internal.backend.KernelCount;
import io.github.densenet4j.internal.backend.Session;
import io.github.densenet4j.internal.backend.cuda.driver.CudaDevice;
import io.github.densenet4j.internal.backend.cuda.driver.DriverLibrary;
import io.github.densenet4j.internal.backend.cuda.library.SearchPath;
import io.github.densenet4j.internal.memory.ArenaPlan;
import io.github.densenet4j.internal.memory.OwnBuffer;
import io.github.densenet4j.internal.program.Op;
import io.github.densenet4j.internal.program.Program;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SequencedMap;

/**
 * A GPU, or the software device. Belongs to the platform thread that first uses it; close it there, after its sessions.
 * If an error ends the device's context, neither the sessions of all backends on it in this process nor new ones are of
 * use: the process has to be started again.
 */
public final class CudaBackend implements Backend {
  private static final String SOFTWARE = "cuda-software";

  private final String name;
  private final DriverLibrary driver;
  private final CudaDevice device;
  private final SearchPath path;
  private final CudaOptions options;
  private NvidiaLibraries libraries;
  private CudaRuntime runtime;
  private long freeAtFirst;
  private int sessions;
  private long planned; // bytes of open sessions
  private boolean closed;

  private CudaBackend(String name, DriverLibrary driver, SearchPath path, CudaOptions options) {
    var fatbin = Fatbin.shipped(); // says so at once if they were left out
    this.name = name;
    this.driver = driver;
    this.device = CudaDevice.of(driver, options.ordinal());
    this.path = path;
    Toolkit.shipped().ifPresent(toolkit -> toolkit.require(driver.number(), device, fatbin));
    this.options = options;
  }

  /**
   * A GPU of this machine. cuDNN 9 and cuBLAS are looked for by the first program that needs them.
   *
   * @throws DeviceException if the driver, a GPU or the kernels are missing
   */
  public static CudaBackend gpu(CudaOptions options) {
    return new CudaBackend("cuda", DriverLibrary.ofSystem(), SearchPath.ofProcess(), options);
  }

  /**
   * The software device: for tests, and slow.
   *
   * @throws DeviceException if this build has none, or the process uses a GPU already
   */
  public static CudaBackend software(CudaOptions options) {
    var software = SoftwareCuda.load();
    return new CudaBackend(SOFTWARE, software.driver(), software.libraries(), options);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public String description() {
    String loaded =
        libraries == null
            ? ""
            : ", cuDNN " + libraries.cudnn().version() + ", cuBLAS " + libraries.cublas().version();
    return device.name() + ", compute capability " + device.capability() + ", CUDA " + driver.version() + loaded;
  }

  @Override
  public String computes() {
    return name + (options.tf32() ? ", TF32" : "") + (options.deterministic() ? "" : ", nondeterministic");
  }

  public CudaDevice device() {
    return device;
  }

  /** Empty for the software device: how fast it is says nothing of a GPU. */
  @Override
  public Optional<Ceiling> measureCeiling() {
    return name.equals(SOFTWARE)
        ? Optional.empty()
        : Optional.of(CudaCeiling.LONG.measure(runtime(), driver.functions(), options.tf32()));
  }

  /** bfloat16 where tensor cores have it, and kernels that use them. */
  @Override
  public Precision precision(Strategy strategy) {
    return strategy == Strategy.FUSED && device.isAtLeast(8) ? Precision.BFLOAT16 : Precision.FLOAT32;
  }

  /** cuDNN chooses algorithms by the batch. */
  @Override
  public boolean keepsBitsInBatches(Strategy strategy) {
    return strategy == Strategy.FUSED;
  }

  @Override
  public Optional<KernelCount> kernels(Program program) {
    return FusedProgram.isFused(program) ? Optional.of(KernelCounter.count(program, device)) : Optional.empty();
  }

  @Override
  public long workspaceBytes(Op op) {
    return new Launches(runtime(), Places.NOWHERE, 1, null).workspaceBytes(op);
  }

  @Override
  public List<OwnBuffer> ownBuffers(Program program) {
    return FusedProgram.isFused(program) ? new FusedProgram(program, device).buffers() : List.of();
  }

  @Override
  public long availableBytes() {
    return runtime().context().freeBytes();
  }

  @Override
  public SequencedMap<String, Long> besidesPlan(Program program) {
    var bytes = new LinkedHashMap<String, Long>();
    bytes.put("pinned_host", Staging.bytes(program.ports()) + Progress.BYTES);
    return bytes;
  }

  @Override
  public OptionalLong besidesPlansBytes() {
    return runtime == null
        ? OptionalLong.empty()
        : OptionalLong.of(freeAtFirst - runtime.context().freeBytes() - planned);
  }

  @Override
  public Session load(Program program, ArenaPlan plan) {
    var open = runtime();
    sessions++; // a session that cannot be made closes what it has of itself
    planned += plan.totalBytes();
    return new CudaSession(open, options, program, plan, () -> sessionClosed(plan));
  }

  private void sessionClosed(ArenaPlan plan) {
    sessions--;
    planned -= plan.totalBytes();
  }

  private CudaRuntime runtime() {
    if (closed) {
      throw new IllegalStateException("the device " + name + " is closed");
    }
    if (runtime == null) {
      runtime = new CudaRuntime(device, this::libraries, options);
      freeAtFirst = runtime.context().freeBytes();
    }
    runtime.context().requireUsable();
    return runtime;
  }

  private NvidiaLibraries libraries() {
    if (libraries == null) {
      libraries = NvidiaLibraries.load(path, driver.number());
    }
    return libraries;
  }

  private void closeRuntime() {
    var open = runtime;
    runtime = null;
    open.close();
  }

  private void requireNoSessions() {
    if (sessions > 0) {
      throw new IllegalStateException(
          sessions == 1
              ? "1 session of the device " + name + " is open: close it first"
              : sessions + " sessions of the device " + name + " are open: close them first");
    }
  }

  /** @throws IllegalStateException if a session is open, or this is another thread than the device's */
  @Override
  public void close() {
    if (runtime != null) {
      runtime.context().requireOwner();
      requireNoSessions();
      closeRuntime();
    }
    closed = true;
  }
}
