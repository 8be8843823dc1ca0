package io.github.densenet4j.internal.backend.cpu;

import io.github.densenet4j.error.DeviceException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** The instruction sets that the kernels are compiled for, from the plainest to the widest. */
public enum InstructionSet {
  GENERIC,
  AVX2,
  AVX512,
  /** AVX-512 with products of bfloat16 pairs. */
  AVX512_BF16;

  /** The name in files, options and reports. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The files of its kernels, the one to load first: AVX512-BF16's has what differs, and stands on AVX-512's. */
  List<String> libraries() {
    return this == AVX512_BF16 ? List.of(file(), AVX512.file()) : List.of(file());
  }

  private String file() {
    return "libdensenet4j_cpu_" + label() + ".so";
  }

  /** @throws DeviceException if there is none of that name */
  static InstructionSet of(String label) {
    return Arrays.stream(values())
        .filter(isa -> isa.label().equals(label))
        .findFirst()
        .orElseThrow(
            () ->
                new DeviceException(
                    "instruction set " + label + " is not known, expected one of "
                        + Arrays.stream(values()).map(InstructionSet::label).collect(Collectors.joining(", "))));
  }
}
