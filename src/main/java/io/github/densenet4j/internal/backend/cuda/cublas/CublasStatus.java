package io.github.densenet4j.internal.backend.cuda.cublas;

import io.github.densenet4j.internal.backend.cuda.library.NativeConstant;

/** {@code cublasStatus_t}, and what a user can do about it. */
enum CublasStatus implements NativeConstant {
  SUCCESS(0, ""),
  NOT_INITIALIZED(
      1,
      "check that the driver is new enough for this cuBLAS and that the device has memory left, or name an older cuBLAS"
          + " with -Ddensenet4j.cublas"),
  ALLOC_FAILED(3, "use a smaller batch size"),
  INVALID_VALUE(7, "report it with these shapes"),
  ARCH_MISMATCH(8, "use a cuBLAS that is made for this device"),
  MAPPING_ERROR(11, "look for the first error before it, the device may be lost"),
  EXECUTION_FAILED(13, "look for the first error before it, the device may be lost"),
  INTERNAL_ERROR(14, "look for the first error before it, the device may be lost"),
  NOT_SUPPORTED(15, "report it with these shapes"),
  LICENSE_ERROR(16, "look at the licence of this cuBLAS");

  private final int value;
  private final String remedy;

  CublasStatus(int value, String remedy) {
    this.value = value;
    this.remedy = remedy;
  }

  @Override
  public int value() {
    return value;
  }

  @Override
  public String nativeName() {
    return "CUBLAS_STATUS_" + name();
  }

  static String remedy(int status) {
    return NativeConstant.of(CublasStatus.class, status).orElse(INVALID_VALUE).remedy;
  }
}
