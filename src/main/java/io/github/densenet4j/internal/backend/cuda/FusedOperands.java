package io.github.densenet4j.internal.backend.cuda;

import io.github.densenet4j.internal.backend.cuda.Consumers.Consumer;
import io.github.densenet4j.internal.backend.cuda.driver.DevicePointer;
import io.github.densenet4j.internal.program.FusedOp;
import io.github.densenet4j.internal.program.Op;
import io.github.densenet4j.internal.tensor.Affine;
import io.github.densenet4j.internal.tensor.BufferView;
import io.github.densenet4j.internal.tensor.ChannelSlice;
import io.github.densenet4j.internal.tensor.Dropout;
import io.github.densenet4j.internal.tensor.Input;
import io.github.densenet4j.internal.tensor.InputGradient;
import io.github.densenet4j.internal.tensor.Output;
import io.github.densenet4j.internal.tensor.Statistics;

/** The structs within the parameters of the fused engine's kernels: native/cuda/norm.cuh and correction.cuh. */
final class FusedOperands {
  private static final Struct NOBODY =
      Struct.of(DevicePointer.NULL, DevicePointer.NULL, DevicePointer.NULL, DevicePointer.NULL);

  private final FusedProgram program;
  private final Places places;
  private final OwnPlaces own;
  private final boolean tf32;

  /** @param tf32 whether factors of float32 may be rounded to TF32 */
  FusedOperands(FusedProgram program, Places places, OwnPlaces own, boolean tf32) {
    this.program = program;
    this.places = places;
    this.own = own;
    this.tf32 = tf32;
  }

  DevicePointer of(BufferView view) {
    return places.of(view);
  }

  boolean tf32() {
    return tf32;
  }

  DevicePointer data(ChannelSlice slice) {
    return places.of(slice.data());
  }

  /** The sums that statistics will be made of; null if nobody wants them. */
  DevicePointer sums(Statistics of) {
    return wanted(of) ? own.of(FusedProgram.SUMS).plus(program.sums().offset(of)) : DevicePointer.NULL;
  }

  DevicePointer sums(InputGradient dx) {
    return own.of(FusedProgram.SUMS).plus(program.sums().offset(dx, 0));
  }

  DevicePointer weights(BufferView weight) {
    return own.of(FusedProgram.WEIGHTS).plus(packed(weight).offset());
  }

  PackedWeight packed(BufferView weight) {
    return program.weights().get(weight);
  }

  DevicePointer partials(PartialGradient partial) {
    return own.of(partial.name());
  }

  /** Where z is between the two kernels of a layer at inference. */
  DevicePointer z(FusedOp.BottleneckInfer op) {
    return own.of(FusedProgram.nameOfZ(op));
  }

  /** Of an operation that has one. */
  DevicePointer partials(Op op) {
    return partials(program.partials(op).getFirst());
  }

  private static boolean wanted(Statistics of) {
    return of.mean().buffer() != null;
  }

  /**
   * The batch normalisation behind an affine form.
   *
   * @param finishes whether statistics are finished, and running ones updated; not when something is computed again
   */
  Struct norm(Affine affine, boolean finishes) {
    return switch (program.norm(affine)) {
      case FusedOp.BnFinalize norm -> norm(norm, finishes);
      case FusedOp.BnFold norm ->
          Struct.of(
              of(norm.runningMean()), of(norm.runningVariance()), DevicePointer.NULL, of(norm.gamma()), of(norm.beta()),
              DevicePointer.NULL, DevicePointer.NULL, norm.channels(), norm.channels(), 1L, 0.0);
      default -> throw new IllegalArgumentException("no batch normalisation makes " + affine);
    };
  }

  private Struct norm(FusedOp.BnFinalize norm, boolean finishes) {
    long firstNew = finishes ? program.firstNew(norm) : norm.channels();
    var sums = firstNew < norm.channels() ? sums(norm.statistics()) : DevicePointer.NULL;
    return Struct.of(
        of(norm.statistics().mean()), of(norm.statistics().variance()), sums, of(norm.gamma()), of(norm.beta()),
        finishes ? of(norm.runningMean()) : DevicePointer.NULL,
        finishes ? of(norm.runningVariance()) : DevicePointer.NULL,
        firstNew, norm.channels(), norm.pixels(), norm.momentum());
  }

  /** What inference reads of a batch normalisation. */
  Struct folded(Affine affine) {
    var norm = (FusedOp.BnFold) program.norm(affine);
    return Struct.of(of(norm.runningMean()), of(norm.runningVariance()), of(norm.gamma()), of(norm.beta()));
  }

  /** What a consumer reads of its input and of its own parameters. */
  Struct reader(Input x) {
    var beta = ((FusedOp.BnFinalize) program.norm(x.affine())).beta();
    return Struct.of(of(x.statistics().mean()), of(x.statistics().variance()), of(x.gamma()), of(beta));
  }

  /** The correction of the gradient of {@code y} in {@code op}. */
  Struct correction(Op op, Output y, long pixels) {
    var last = program.consumers().ofOutput(op);
    boolean stored = last == null || !last.first();
    return Struct.of(
            of(y.statistics().mean()), of(y.statistics().variance()),
            stored ? of(y.gradient().offset()) : DevicePointer.NULL,
            stored ? of(y.gradient().slope()) : DevicePointer.NULL)
        .with(consumer(last, y.gradient().offset().offset() / Float.BYTES))
        .with(pixels);
  }

  /** What a gradient has that is corrected already. */
  static Struct corrected(long pixels) {
    return Struct.of(DevicePointer.NULL, DevicePointer.NULL, DevicePointer.NULL, DevicePointer.NULL)
        .with(NOBODY)
        .with(pixels);
  }

  Struct dropout(Dropout dropout) {
    return Struct.of(of(dropout.control()), dropout.layer(), dropout.rate());
  }

  static Struct noDropout() {
    return Struct.of(DevicePointer.NULL, 0L, 0.0);
  }

  static Struct nothingToHandOver() {
    return Struct.of().with(NOBODY).with(DevicePointer.NULL, DevicePointer.NULL, false);
  }

  /** From the consumer before {@code op}. */
  Struct handOver(Op op, InputGradient dx) {
    var before = program.consumers().ofInput(op);
    return consumer(before, 0)
        .with(of(dx.gradient().offset()), of(dx.gradient().slope()), before != null && !before.first());
  }

  private Struct consumer(Consumer consumer, long firstChannel) {
    if (consumer == null) {
      return Struct.of().with(NOBODY);
    }
    var dx = consumer.dx();
    return Struct.of(
        own.of(FusedProgram.SUMS).plus(program.sums().offset(dx, firstChannel)),
        of(consumer.gamma().plusFloats(firstChannel)), of(dx.dgamma().plusFloats(firstChannel)),
        of(dx.dbeta().plusFloats(firstChannel)));
  }

  /** The most values, in 16 bytes, that addresses, pitches and channels of slices are multiples of. */
  static long width(long channels, ChannelSlice... slices) {
    long bits = channels | PackedWeight.VECTOR_BYTES / slices[0].type().bytes();
    for (var slice : slices) {
      bits |= slice.data().offset() / slice.type().bytes() | slice.pitch();
    }
    return Long.lowestOneBit(bits);
  }
}
