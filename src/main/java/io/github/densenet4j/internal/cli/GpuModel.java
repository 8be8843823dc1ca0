package io.github.densenet4j.internal.cli;

import io.github.densenet4j.MemoryPlan;
import io.github.densenet4j.config.Precision;
import java.util.Locale;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * What a GPU does at most, as a model of its steps takes it.
 *
 * @param bytesPerSecond that it copies
 * @param flopsPerSecond of bfloat16 products of matrices, and of float32 ones where nothing else is said
 * @param flopsPerSecondOfFloat32 of three TF32 products each
 * @param secondsPerKernel from the beginning of one to that of the next, if they do nothing
 */
record GpuModel(
    double bytesPerSecond, double flopsPerSecond, double flopsPerSecondOfFloat32, double secondsPerKernel) {
  /** Copy and products as measured by others, the time of a kernel as expected; nothing of this project has run there. */
  private static final GpuModel H200 = new GpuModel(4.3e12, 790e12, 100e12, 2.5e-6);

  /** Reads {@code h200} or {@code GB/s,TFLOP/s,us}. */
  static final class Converter implements ITypeConverter<GpuModel> {
    @Override
    public GpuModel convert(String text) {
      if (text.equals("h200")) {
        return H200;
      }
      String[] parts = text.split(",", -1);
      if (parts.length == 3) {
        try {
          double flops = 1e12 * positive(parts[1]);
          return new GpuModel(1e9 * positive(parts[0]), flops, flops, 1e-6 * positive(parts[2]));
        } catch (NumberFormatException e) {
          // said below, with what was expected
        }
      }
      throw new TypeConversionException(
          "'" + text + "' is neither h200 nor GB/s, TFLOP/s and microseconds a kernel, such as 4300,790,2.5");
    }

    private static double positive(String text) {
      double number = Double.parseDouble(text);
      if (!(number > 0 && number < Double.POSITIVE_INFINITY)) {
        throw new NumberFormatException(text);
      }
      return number;
    }
  }

  /** Of all operations of a step the longer of arithmetic and traffic. */
  double floorSeconds(MemoryPlan plan, Precision precision) {
    return plan.leastSeconds(bytesPerSecond, flopsPerSecond(precision));
  }

  private double flopsPerSecond(Precision precision) {
    return precision == Precision.BFLOAT16 ? flopsPerSecond : flopsPerSecondOfFloat32;
  }

  /** That and the time of so many kernels. */
  double stepSeconds(MemoryPlan plan, Precision precision, int kernels) {
    return floorSeconds(plan, precision) + kernels * secondsPerKernel;
  }

  /** What a step of a precision is modelled with. */
  String limits(Precision precision) {
    return String.format(
        Locale.ROOT, "%.0f GB/s, %.0f TFLOP/s, %.1f us a kernel", bytesPerSecond / 1e9,
        flopsPerSecond(precision) / 1e12, 1e6 * secondsPerKernel);
  }
}
