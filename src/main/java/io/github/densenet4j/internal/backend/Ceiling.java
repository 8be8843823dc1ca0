package io.github.densenet4j.internal.backend;

import io.github.densenet4j.internal.tensor.ElementType;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * What a device can do at most: no kernel that fetches its operands from memory is faster than its roof.
 *
 * @param peakFlops operations a second by the type of the factors, float32 always; bfloat16 only where there is an
 *     instruction for it. Sums are float32.
 * @param copyBytes bytes a second, read plus written, that can be copied through memory
 * @param cached memory of several sizes, the smallest first; empty if that was not measured
 */
public record Ceiling(
    Map<ElementType, Double> peakFlops, double copyBytes, List<CacheRate> cached, LaunchTimes launches) {
  public Ceiling {
    cached = List.copyOf(cached);
    peakFlops = Collections.unmodifiableMap(new EnumMap<>(peakFlops));
  }

  /** The peak for factors of a type; where no instruction multiplies them they become float32 first. */
  public double peakFlops(ElementType type) {
    return peakFlops.getOrDefault(type, peakFlops.get(ElementType.FLOAT32));
  }

  /**
   * The seconds below which no kernel can come: on the roof min(peak, bandwidth * flops / bytes), or the time of its
   * traffic for a kernel without flops.
   */
  public double leastSeconds(ElementType type, long flops, long trafficBytes) {
    return Math.max(flops / peakFlops(type), trafficBytes / copyBytes);
  }
}
