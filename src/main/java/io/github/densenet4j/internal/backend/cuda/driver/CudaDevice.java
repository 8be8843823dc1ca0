package io.github.densenet4j.internal.backend.cuda.driver;

import static io.github.densenet4j.internal.backend.cuda.driver.Status.check;

import io.github.densenet4j.error.ConfigurationException;
import io.github.densenet4j.error.DeviceException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.IntStream;
import jcuda.driver.CUdevice;
import jcuda.driver.CUdevice_attribute;
import jcuda.driver.JCudaDriver;

/**
 * A GPU.
 *
 * @param ordinal its place among the visible devices, from 0
 * @param memoryBytes all of its memory
 * @param capability its compute capability, such as 9.0
 * @param residentThreads that a multiprocessor holds at a time
 * @param blockSharedBytes shared memory that a block can have
 * @param sharedBytes shared memory of a multiprocessor
 */
public record CudaDevice(
    int ordinal, String name, long memoryBytes, String capability, int multiprocessors, int residentThreads,
    int blockSharedBytes, int sharedBytes) {
  private static final int NAME_BYTES = 256;

  /** All devices that the driver shows; empty if there are none. */
  public static List<CudaDevice> all(DriverLibrary driver) {
    return IntStream.range(0, count(driver)).mapToObj(CudaDevice::query).toList();
  }

  /**
   * @throws DeviceException if there is no device at all
   * @throws ConfigurationException if there is none with this ordinal
   */
  public static CudaDevice of(DriverLibrary driver, int ordinal) {
    int count = count(driver);
    if (count == 0) {
      throw new DeviceException(
          "the driver " + driver.file() + " shows no GPU: look at nvidia-smi and CUDA_VISIBLE_DEVICES, or use device"
              + " cpu",
          "device");
    }
    if (ordinal < 0 || ordinal >= count) {
      throw new ConfigurationException(
          "CUDA device is " + ordinal + ", but "
              + (count == 1 ? "the only device here is 0" : "the devices here are 0 to " + (count - 1)),
          "CUDA device");
    }
    return query(ordinal);
  }

  /** Whether its compute capability is {@code major}.0 or more. */
  public boolean isAtLeast(int major) {
    return Integer.parseInt(capability.substring(0, capability.indexOf('.'))) >= major;
  }

  private static int count(DriverLibrary driver) {
    var count = new int[1];
    check(JCudaDriver.cuDeviceGetCount(count), "cuDeviceGetCount of " + driver.file());
    return count[0];
  }

  private static CudaDevice query(int ordinal) {
    var device = handle(ordinal);
    var name = new byte[NAME_BYTES];
    check(JCudaDriver.cuDeviceGetName(name, name.length, device), "cuDeviceGetName");
    var bytes = new long[1];
    check(JCudaDriver.cuDeviceTotalMem(bytes, device), "cuDeviceTotalMem");
    int major = attribute(device, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR);
    int minor = attribute(device, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR);
    return new CudaDevice(
        ordinal,
        new String(name, StandardCharsets.UTF_8).replaceAll("\0.*", ""),
        bytes[0],
        major + "." + minor,
        attribute(device, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT),
        attribute(device, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_MULTIPROCESSOR),
        attribute(device, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN),
        attribute(device, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_MULTIPROCESSOR));
  }

  private static int attribute(CUdevice device, int attribute) {
    var value = new int[1];
    check(
        JCudaDriver.cuDeviceGetAttribute(value, attribute, device),
        "cuDeviceGetAttribute of " + CUdevice_attribute.stringFor(attribute));
    return value[0];
  }

  static CUdevice handle(int ordinal) {
    var device = new CUdevice();
    check(JCudaDriver.cuDeviceGet(device, ordinal), "cuDeviceGet of device " + ordinal);
    return device;
  }
}
