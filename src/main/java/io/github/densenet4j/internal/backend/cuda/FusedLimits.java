package io.github.densenet4j.internal.backend.cuda;

import io.github.densenet4j.error.ConfigurationException;
import io.github.densenet4j.internal.program.FusedOp;
import io.github.densenet4j.internal.program.Op;
import io.github.densenet4j.internal.tensor.Extent;

/** What the fused engine's kernels can do: whatever else is refused before anything is allocated. */
final class FusedLimits {
  /** Bytes of them that the max pool's kernels take. */
  private static final long MOST_POOLED = 2048;

  private FusedLimits() {}

  /** @throws ConfigurationException if there is no kernel for {@code op} */
  static void require(Op op) {
    switch (op) {
      case FusedOp.StemConvFprop o -> requirePixels(o.extent());
      case FusedOp.BnReluMaxpoolFprop o ->
          require(o.channels(), MOST_POOLED / o.y().type().bytes(), "channels of the stem");
      default -> {}
    }
  }

  private static void requirePixels(Extent extent) {
    if (extent.pixels() > Integer.MAX_VALUE) {
      throw refusal("has no CUDA kernels for " + extent.pixels() + " pixels a step", "use a smaller batch");
    }
  }

  private static void require(long found, long most, String what) {
    if (found > most) {
      throw refusal("has no CUDA kernels for " + found + " " + what + ", at most " + most, "use fewer");
    }
  }

  private static ConfigurationException refusal(String what, String instead) {
    return new ConfigurationException(
        "strategy fused " + what + " in this version: " + instead + ", strategy shared or naive, or device cpu",
        "strategy", "precision", "device");
  }
}
