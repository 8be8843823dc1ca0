package io.github.densenet4j.internal.backend.cpu;

import static io.github.densenet4j.internal.backend.cpu.ConvolutionCase.Trait.ACCUMULATE;
import static io.github.densenet4j.internal.backend.cpu.ConvolutionCase.Trait.DROPOUT;
import static io.github.densenet4j.internal.backend.cpu.ConvolutionCase.Trait.FAR;
import static io.github.densenet4j.internal.backend.cpu.ConvolutionCase.Trait.STATISTICS;
import static io.github.densenet4j.internal.backend.cpu.Layout.SHARED;
import static io.github.densenet4j.internal.backend.cpu.Layout.TIGHT;
import static io.github.densenet4j.internal.backend.cpu.Layout.WIDE;

import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A shape and what else a sweep varies. */
record ConvolutionCase(
    int batch, int height, int width, int in, int out, Layout layout, Set<Trait> traits) {

  enum Trait {
    /** The input's gradient is added to. */
    ACCUMULATE,
    DROPOUT,
    /** Statistics of the output are wanted. */
    STATISTICS,
    /** Inputs and outputs have a mean of 100 and a standard deviation of 1. */
    FAR
  }

  private static ConvolutionCase of(
      int batch, int height, int width, int in, int out, Layout layout, Trait... traits) {
    return new ConvolutionCase(
        batch, height, width, in, out, layout, Arrays.stream(traits).collect(Collectors.toUnmodifiableSet()));
  }

  static ConvolutionCase small() {
    return of(2, 4, 5, 13, 20, WIDE, STATISTICS);
  }

  boolean has(Trait trait) {
    return traits.contains(trait);
  }

  double centre() {
    return has(FAR) ? 100 : 0;
  }

  /** Every size, and every trait with every layout, at least once; some shapes with many units of work. */
  static Stream<ConvolutionCase> sweep() {
    return Stream.of(
        of(2, 1, 1, 1, 7, TIGHT, STATISTICS),
        of(1, 2, 3, 7, 12, WIDE, ACCUMULATE),
        of(3, 3, 2, 12, 13, SHARED, STATISTICS, DROPOUT),
        of(5, 5, 1, 13, 16, TIGHT, ACCUMULATE, DROPOUT),
        of(2, 7, 8, 16, 20, WIDE, STATISTICS, FAR),
        of(1, 8, 5, 17, 32, SHARED, ACCUMULATE, STATISTICS),
        of(3, 9, 7, 48, 40, TIGHT, STATISTICS),
        of(2, 13, 9, 49, 12, WIDE, ACCUMULATE, DROPOUT, STATISTICS),
        of(1, 16, 13, 80, 7, SHARED, FAR, STATISTICS, ACCUMULATE),
        of(1, 32, 16, 112, 13, TIGHT, DROPOUT),
        of(1, 5, 32, 207, 16, WIDE, STATISTICS, ACCUMULATE),
        of(5, 2, 2, 1, 1, SHARED, ACCUMULATE, STATISTICS, FAR),
        of(2, 8, 8, 13, 49, TIGHT, ACCUMULATE, STATISTICS, DROPOUT),
        of(3, 1, 13, 207, 40, WIDE, FAR, STATISTICS),
        of(1, 32, 1, 49, 17, SHARED, STATISTICS, DROPOUT, ACCUMULATE),
        of(2, 3, 5, 17, 160, TIGHT, STATISTICS, ACCUMULATE, FAR),
        of(3, 32, 32, 7, 12, WIDE, STATISTICS, FAR, ACCUMULATE),
        of(5, 32, 32, 16, 7, SHARED, STATISTICS),
        of(17, 16, 16, 7, 13, TIGHT, STATISTICS, FAR),
        of(17, 2, 2, 207, 160, WIDE, STATISTICS, ACCUMULATE),
        of(1, 3, 80, 272, 13, TIGHT, STATISTICS),
        of(1, 3, 80, 13, 272, SHARED, STATISTICS, ACCUMULATE),
        of(40, 1, 1, 80, 48, WIDE, STATISTICS, ACCUMULATE, DROPOUT));
  }

  /** Those with at least one 2x2 window. */
  static Stream<ConvolutionCase> poolable() {
    return Stream.concat(
        sweep().filter(shape -> shape.height > 1 && shape.width > 1),
        Stream.of(of(2, 3, 3, 49, 17, WIDE, ACCUMULATE, STATISTICS), of(1, 2, 2, 112, 20, TIGHT, STATISTICS)));
  }

  @Override
  public String toString() {
    return "%d x %d x %d, %d to %d channels, %s %s".formatted(batch, height, width, in, out, layout, traits)
        .toLowerCase(java.util.Locale.ROOT);
  }
}
