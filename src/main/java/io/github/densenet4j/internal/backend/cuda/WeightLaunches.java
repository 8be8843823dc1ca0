package io.github.densenet4j.internal.backend.cuda;

import io.github.densenet4j.internal.program.Op;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;

/**
 * The weights of all convolutions at once, by tables on the device: native/cuda/weights_pack.cu and weights_gradient.cu.
 */
final class WeightLaunches {
  private final Kernels kernels;
  private final FusedOperands operands;
  private final OwnPlaces own;
  private final FusedProgram program;

  /** Writes the tables. */
  WeightLaunches(Kernels kernels, FusedOperands operands, OwnPlaces own, FusedProgram program) {
    this.kernels = kernels;
    this.operands = operands;
    this.own = own;
    this.program = program;
    if (program.tableWords() > 0) {
      own.write(FusedProgram.TABLES, LongStream.concat(packedTable(), partialTable()).toArray());
    }
  }

  private LongStream packedTable() {
    var table = LongStream.builder();
    long first = 0;
    for (var entry : program.weights().entrySet()) {
      var weight = entry.getKey();
      var packed = entry.getValue();
      table.add(first).add(operands.of(weight).address()).add(operands.weights(weight).address())
          .add(packed.outputs()).add(packed.channels()).add(packed.taps()).add(packed.planes()).add(packed.rows());
      first += packed.vectors();
    }
    return table.build();
  }

  /** A table for each summation begins at 0 again. */
  private LongStream partialTable() {
    var table = LongStream.builder();
    long first = 0;
    Op last = null;
    for (var partial : program.partials()) {
      first = partial.last() == last ? first : 0;
      last = partial.last();
      table.add(first).add(own.of(partial.name()).address()).add(operands.of(partial.gradient()).address())
          .add(partial.parts()).add(partial.outputs()).add(partial.channels()).add(partial.taps());
      first += partial.values();
    }
    return table.build();
  }

  /** From float32 to what convolutions read. */
  Launch packing() {
    long vectors = program.weights().values().stream().mapToLong(PackedWeight::vectors).sum();
    return kernels.covering(
        vectors, program.kernels().named("weights_pack"), own.of(FusedProgram.TABLES), (long) program.weights().size(),
        vectors);
  }

  /** The sums of the partial gradients that are complete after {@code op}; empty if it ends no group of them. */
  Optional<Launch> summation(Op op) {
    var group = new ArrayList<PartialGradient>();
    int before = 0;
    for (var partial : program.partials()) {
      if (partial.last() == op) {
        group.add(partial);
      } else if (group.isEmpty()) {
        before++;
      }
    }
    return group.isEmpty() ? Optional.empty() : Optional.of(summation(before, group));
  }

  /** Beside what comes next, if anything leaves partial gradients then. */
  private Launch summation(int before, List<PartialGradient> group) {
    long wordsOfPartials = program.tableWords() - program.packedWords();
    long words = program.packedWords() + before * wordsOfPartials / program.partials().size();
    long values = group.stream().mapToLong(PartialGradient::values).sum();
    var table = own.of(FusedProgram.TABLES).plus(words * Long.BYTES);
    boolean end = group.getLast().until() == group.getLast().last();
    var sum =
        end
            ? kernels.covering(values, "weights_gradient", table, (long) group.size(), values)
            : kernels.coveringAside(values, "weights_gradient", table, (long) group.size(), values);
    var join = kernels.join(); // with the sum before, whose partial gradients need not be kept any longer
    return () -> {
      if (before > 0) {
        join.enqueue();
      }
      sum.enqueue();
    };
  }
}
