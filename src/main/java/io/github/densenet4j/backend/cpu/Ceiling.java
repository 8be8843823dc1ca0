package io.github.densenet4j.backend.cpu;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.SequencedMap;

/**
 * What the processor can do at most: no kernel that fetches its operands from memory is faster than its roof.
 *
 * @param peakFlops operations a second by the type of the factors, {@code fp32} first; {@code bf16} only where there is
 *     an instruction for it. Sums are float32.
 * @param copyBytes bytes a second, read plus written, that can be copied through memory
 */
public record Ceiling(SequencedMap<String, Double> peakFlops, double copyBytes) {
  /** The key of float32, which every processor has. */
  public static final String FP32 = "fp32";

  /** The key of bfloat16. */
  public static final String BF16 = "bf16";

  public Ceiling {
    peakFlops = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(peakFlops));
  }

  /** The peak for factors of a type; where no instruction multiplies them they become float32 first. */
  public double peakFlops(String type) {
    return peakFlops.getOrDefault(type, peakFlops.get(FP32));
  }

  /**
   * The seconds below which no kernel can come: on the roof min(peak, bandwidth * flops / bytes), or for a kernel without
   * flops, the time of its traffic.
   */
  public double leastSeconds(String type, long flops, long trafficBytes) {
    return Math.max(flops / peakFlops(type), trafficBytes / copyBytes);
  }
}
