package io.github.densenet4j.internal.backend.cuda.driver;

import static jcuda.driver.CUresult.CUDA_ERROR_ECC_UNCORRECTABLE;
import static jcuda.driver.CUresult.CUDA_ERROR_ILLEGAL_ADDRESS;
import static jcuda.driver.CUresult.CUDA_ERROR_MISALIGNED_ADDRESS;
import static jcuda.driver.CUresult.CUDA_ERROR_NO_BINARY_FOR_GPU;
import static jcuda.driver.CUresult.CUDA_ERROR_NO_DEVICE;
import static jcuda.driver.CUresult.CUDA_ERROR_OUT_OF_MEMORY;
import static jcuda.driver.CUresult.CUDA_SUCCESS;

import io.github.densenet4j.error.DeviceException;
import java.util.Set;
import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;

/** What the driver's calls return. */
final class Status {
  // Newer than JCuda 12.6.
  private static final int CUDA_ERROR_CONTAINED = 226;
  private static final int CUDA_ERROR_TENSOR_MEMORY_LEAK = 721;

  /** After these nothing in a context works any more: those of which cuda.h says that the process must end, and like. */
  private static final Set<Integer> FATAL =
      Set.of(
          CUDA_ERROR_ECC_UNCORRECTABLE, CUDA_ERROR_ILLEGAL_ADDRESS, CUresult.CUDA_ERROR_LAUNCH_TIMEOUT,
          CUresult.CUDA_ERROR_ASSERT, CUresult.CUDA_ERROR_CONTEXT_IS_DESTROYED,
          CUresult.CUDA_ERROR_HARDWARE_STACK_ERROR,
          CUresult.CUDA_ERROR_ILLEGAL_INSTRUCTION, CUDA_ERROR_MISALIGNED_ADDRESS,
          CUresult.CUDA_ERROR_INVALID_ADDRESS_SPACE, CUresult.CUDA_ERROR_INVALID_PC,
          CUresult.CUDA_ERROR_LAUNCH_FAILED, CUresult.CUDA_ERROR_NVLINK_UNCORRECTABLE, CUDA_ERROR_CONTAINED,
          CUDA_ERROR_TENSOR_MEMORY_LEAK, CUresult.CUDA_ERROR_MPS_CLIENT_TERMINATED,
          CUresult.CUDA_ERROR_EXTERNAL_DEVICE);

  private Status() {}

  /**
   * @param call the function and what it was asked for, such as {@code cuMemAlloc of 64 bytes}
   * @throws DeviceException if {@code status} is not success
   */
  static void check(int status, String call) {
    if (status != CUDA_SUCCESS) {
      throw failure(status, call);
    }
  }

  static DeviceException failure(int status, String call) {
    String end = losesContext(status) ? "; this process cannot use the device any more, start it again" : "";
    return new DeviceException(
        "%s failed with %s (%d)%s%s".formatted(call, name(status), status, remedy(status), end), "batch size");
  }

  static boolean losesContext(int status) {
    return FATAL.contains(status);
  }

  /** As the driver calls it, which knows newer ones than JCuda. */
  static String name(int status) {
    var text = new String[1];
    return JCudaDriver.cuGetErrorName(status, text) == CUDA_SUCCESS && text[0] != null
        ? text[0]
        : CUresult.stringFor(status);
  }

  private static String remedy(int status) {
    return switch (status) {
      case CUDA_ERROR_OUT_OF_MEMORY -> ": use a smaller batch size, or end what else uses the device";
      case CUDA_ERROR_NO_BINARY_FOR_GPU -> ": the kernels are not compiled for this device, see densenet4j doctor";
      case CUDA_ERROR_NO_DEVICE -> ": no NVIDIA GPU is visible, look at nvidia-smi and CUDA_VISIBLE_DEVICES";
      case CUDA_ERROR_MISALIGNED_ADDRESS, CUDA_ERROR_ILLEGAL_ADDRESS ->
          ": this is a bug, report it with the command that you ran";
      default -> description(status);
    };
  }

  private static String description(int status) {
    var text = new String[1];
    return JCudaDriver.cuGetErrorString(status, text) == CUDA_SUCCESS && text[0] != null ? ": " + text[0] : "";
  }
}
