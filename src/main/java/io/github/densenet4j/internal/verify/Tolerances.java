package io.github.densenet4j.internal.verify;

import java.util.Map;

/**
 * What float32 may differ from the float64 reference. For the bundled cases: ten times what PyTorch's own float32 shows
 * on them, at least 1e-5, 1e-4 for gradients. For any other case the worst that PyTorch's float32 showed over many: a
 * pre-activation within rounding of 0 may fall on the other side of the ReLU and move a gradient by that much.
 */
final class Tolerances {
  /** bfloat16 rounds the tensors of every layer, and not the parameters alone. */
  private static final double TIMES_ROUNDED = 4;

  /** Half a unit in the last place of bfloat16, relative to the value. */
  private static final double BFLOAT16_ROUNDING = 0x1p-9;

  private static final double TIMES_PYTORCH = 10;
  private static final double LEAST = 1e-5;
  private static final double LEAST_GRADIENTS = 1e-4;

  private static final Map<String, Errors> PYTORCH =
      Map.of(
          "basic_k8", new Errors(1.5e-7, 4.0e-8, 4.8e-6, 3.1e-7, 3.1e-7, 1.9e-7, 2.5e-7),
          "cifar_bc_k12", new Errors(3.9e-7, 9.5e-8, 4.3e-6, 3.4e-7, 3.4e-7, 2.3e-7, 5.6e-7),
          "cifar_bc_small", new Errors(1.3e-7, 1.4e-8, 2.4e-6, 1.8e-7, 1.8e-7, 2.8e-7, 1.5e-7),
          "imagenet_small", new Errors(1.1e-6, 1.9e-8, 4.6e-5, 2.3e-6, 2.3e-6, 1.3e-5, 1.2e-5));

  private static final Errors OTHERS = new Errors(1e-5, 1e-5, 5e-3, 1e-5, 5e-3, 2e-2, 2e-2);

  private Tolerances() {}

  static Errors of(String caseName) {
    var pytorch = PYTORCH.get(caseName);
    if (pytorch == null) {
      return OTHERS;
    }
    return new Errors(
        Math.max(LEAST, TIMES_PYTORCH * pytorch.logits()),
        Math.max(LEAST, TIMES_PYTORCH * pytorch.loss()),
        Math.max(LEAST_GRADIENTS, TIMES_PYTORCH * pytorch.gradients()),
        Math.max(LEAST, TIMES_PYTORCH * pytorch.runningStats()),
        Math.max(LEAST, TIMES_PYTORCH * pytorch.weightsAfter1()),
        Math.max(LEAST, TIMES_PYTORCH * pytorch.weightsAfter3()),
        Math.max(LEAST, TIMES_PYTORCH * pytorch.evalLogits()));
  }

  /**
   * For tensors in bfloat16: four times what happens to float32 when nothing but the parameters is rounded to bfloat16
   * before the first step. How far that moves the results is a property of the network and its images: of values within
   * rounding of 0, which are many, some fall on the other side of their ReLU.
   *
   * @param rounded the errors of float32 from parameters that have been rounded
   */
  static Errors ofBfloat16(Errors rounded) {
    return rounded.map(error -> Math.max(BFLOAT16_ROUNDING, TIMES_ROUNDED * error));
  }
}
