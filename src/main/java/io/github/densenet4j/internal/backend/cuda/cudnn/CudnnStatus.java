package io.github.densenet4j.internal.backend.cuda.cudnn;

import io.github.densenet4j.internal.backend.cuda.library.NativeConstant;

/** {@code cudnnStatus_t}, as far as a user can do something about it. */
enum CudnnStatus implements NativeConstant {
  SUCCESS(0, ""),
  NOT_INITIALIZED(1001, Remedy.DRIVER),
  SUBLIBRARY_VERSION_MISMATCH(1002, Remedy.INSTALLATION),
  SUBLIBRARY_LOADING_FAILED(1008, Remedy.INSTALLATION),
  NOT_SUPPORTED_INCOMPATIBLE_CUDA_DRIVER(3005, Remedy.DRIVER),
  NOT_SUPPORTED_INCOMPATIBLE_CUDART(3006, Remedy.DRIVER),
  NOT_SUPPORTED_ARCH_MISMATCH(3007, "use a cuDNN that is made for this device"),
  NOT_SUPPORTED_RUNTIME_PREREQUISITE_MISSING(3008, Remedy.INSTALLATION),
  NOT_SUPPORTED_SUBLIBRARY_UNAVAILABLE(3009, Remedy.INSTALLATION),
  INTERNAL_ERROR_HOST_ALLOCATION_FAILED(4003, Remedy.MEMORY),
  INTERNAL_ERROR_DEVICE_ALLOCATION_FAILED(4004, Remedy.MEMORY),
  EXECUTION_FAILED(5000, Remedy.EXECUTION),
  EXECUTION_FAILED_CUDA_DRIVER(5001, Remedy.EXECUTION),
  EXECUTION_FAILED_CUBLAS(5002, Remedy.EXECUTION),
  EXECUTION_FAILED_CUDART(5003, Remedy.EXECUTION);

  private static final class Remedy {
    static final String INSTALLATION =
        "install the whole of cuDNN 9 from one package, or name it with -Ddensenet4j.cudnn";
    static final String DRIVER =
        "check that the driver is new enough for this cuDNN and that the device has memory left";
    static final String MEMORY = "use a smaller batch size";
    static final String EXECUTION = "look for the first error before it, the device may be lost";
  }

  private final int value;
  private final String remedy;

  CudnnStatus(int value, String remedy) {
    this.value = value;
    this.remedy = remedy;
  }

  @Override
  public int value() {
    return value;
  }

  @Override
  public String nativeName() {
    return "CUDNN_STATUS_" + name();
  }

  static String remedy(int status) {
    return NativeConstant.of(CudnnStatus.class, status)
        .map(known -> known.remedy)
        .orElse("report it with these shapes, this cuDNN may not do what this program asks");
  }
}
