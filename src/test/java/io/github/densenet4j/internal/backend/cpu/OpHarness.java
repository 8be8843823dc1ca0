package io.github.densenet4j.internal.backend.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.densenet4j.internal.backend.Bits;
import io.github.densenet4j.internal.backend.library.NativeCall;
import io.github.densenet4j.internal.program.Access;
import io.github.densenet4j.internal.program.Op;
import io.github.densenet4j.internal.tensor.Buffer;
import io.github.densenet4j.internal.tensor.Category;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * Runs single operations in memory of their own, on every instruction set of this processor.
 *
 * <p>Every buffer lies between guard bands. Guard bands, foreign channels around slices, destinations and scratch
 * memory hold a NaN beforehand, so what is read without having been written shows up in the results. Afterwards
 * everything but the written operands must have the same bits as before. Results must have the same bits on any number
 * of threads.
 */
final class OpHarness {
  static final List<InstructionSet> INSTRUCTION_SETS = CpuBackend.available();

  private static final int MOST_THREADS = 3;
  private static final int GUARD = 32;
  private static final int UNWRITTEN = 0x7fc5a5a5;

  private final Layout layout;
  private final List<Operand> operands = new ArrayList<>();
  private int buffers;

  OpHarness(Layout layout) {
    this.layout = layout;
  }

  /** A slice in a buffer of its own. */
  Place place(String name, int pixels, int channels) {
    return adjacent(name, pixels, channels).getFirst();
  }

  /** Slices that follow each other in one buffer. */
  List<Place> adjacent(String name, int pixels, int... channels) {
    buffers++;
    int before = layout == Layout.TIGHT ? 0 : 1 + 2 * (buffers % 4);
    int after = layout == Layout.TIGHT ? 0 : 2 + buffers % 3;
    int pitch = before + Arrays.stream(channels).sum() + after;
    var buffer = new Buffer(name, "", Category.ACTIVATIONS, (long) pixels * pitch * Float.BYTES, false);
    var places = new ArrayList<Place>();
    for (int count : channels) {
      places.add(new Place(buffer, pixels, count, pitch, before));
      before += count;
    }
    return places;
  }

  Operand source(Place place, float[] values) {
    return operand(place, false, Bits.of(values));
  }

  Operand source(String name, float[] values) {
    return source(place(name, 1, values.length), values);
  }

  Operand destination(Place place) {
    var words = new int[place.size()];
    Arrays.fill(words, UNWRITTEN);
    return operand(place, true, words);
  }

  Operand destination(String name, int count) {
    return destination(place(name, 1, count));
  }

  /** An operand that is read and written. */
  Operand updated(Place place, float[] values) {
    return operand(place, true, Bits.of(values));
  }

  /** Integers or halves of 8-byte values, at an even number of words. */
  Operand words(String name, boolean written, int... words) {
    var buffer = new Buffer(name, "", Category.STAGING, (words.length + 4L) * Float.BYTES, false);
    return operand(new Place(buffer, 1, words.length, words.length + 4, 2), written, words);
  }

  private Operand operand(Place place, boolean written, int[] words) {
    if (words.length != place.size()) {
      throw new IllegalArgumentException(words.length + " values for " + place);
    }
    var operand = new Operand(place, written, words);
    operands.add(operand);
    return operand;
  }

  /** Runs {@code ops} one after the other and hands the memory to {@code check}, once for each instruction set. */
  void run(List<Op> ops, Consumer<Outcome> check) {
    assertThat(ops.stream().flatMap(op -> Access.of(op).stream()).filter(Access::writes).map(Access::buffer).distinct())
        .as("buffers that the operations declare as written")
        .containsExactlyInAnyOrderElementsOf(writtenBuffers());
    for (var isa : INSTRUCTION_SETS) {
      Outcome one = execute(ops, isa, 1);
      check.accept(one);
      for (int threads = 2; threads <= MOST_THREADS; threads++) {
        execute(ops, isa, threads).checkSameBits(one);
      }
    }
  }

  private List<Buffer> writtenBuffers() {
    return operands.stream().filter(Operand::written).map(operand -> operand.place().buffer()).distinct().toList();
  }

  private Outcome execute(List<Op> ops, InstructionSet isa, int threads) {
    String label = ops.getLast().stem() + " (" + isa.label() + ", " + threads + " threads)";
    try (var arena = Arena.ofConfined()) {
      var memory = new Memory(arena);
      for (var op : ops) {
        long bytes = new CpuBackend(threads, isa).workspaceBytes(op);
        assertThat(memory.call(op, isa, threads, bytes)).as(label).isZero();
      }
      memory.checkUntouched(label, true);
      return memory.outcome(label);
    }
  }

  /**
   * Runs {@code op} with arguments that it must refuse without writing anything.
   *
   * @param workspaceBytes the scratch memory that it is told of
   * @return the library's sentence
   */
  String refusal(Op op, InstructionSet isa, int threads, long workspaceBytes) {
    try (var arena = Arena.ofConfined()) {
      var memory = new Memory(arena);
      assertThat(memory.call(op, isa, threads, workspaceBytes)).as(op.stem()).isNotZero();
      memory.checkUntouched(op.stem(), false);
      return CpuLibrary.of(isa).lastError();
    }
  }

  /** The native memory of one run. */
  private final class Memory {
    private final Arena arena;
    private final Map<Buffer, int[]> before;
    private final Map<Buffer, MemorySegment> segments = new IdentityHashMap<>();

    Memory(Arena arena) {
      this.arena = arena;
      before = operands.stream().map(operand -> operand.place().buffer()).distinct()
          .collect(Collectors.toMap(buffer -> buffer, buffer -> unwritten(buffer.bytes())));
      for (var operand : operands) {
        operand.place().scatter(operand.words(), before.get(operand.place().buffer()), GUARD);
      }
      before.forEach((buffer, words) -> segments.put(buffer, segment(words)));
    }

    private int[] unwritten(long bytes) {
      var words = new int[Math.toIntExact(bytes / Integer.BYTES) + 2 * GUARD];
      Arrays.fill(words, UNWRITTEN);
      return words;
    }

    private MemorySegment segment(int[] words) {
      return arena.allocate((long) words.length * Integer.BYTES, 64).copyFrom(MemorySegment.ofArray(words));
    }

    private static long start(MemorySegment segment) {
      return segment.address() + (long) GUARD * Integer.BYTES;
    }

    int call(Op op, InstructionSet isa, int threads, long workspaceBytes) {
      int[] pattern = unwritten(workspaceBytes);
      MemorySegment workspace = segment(pattern);
      long address = workspaceBytes == 0 ? 0 : start(workspace);
      var writer = new Arguments(view -> start(segments.get(view.buffer())) + view.offset());
      int status;
      try {
        status =
            (int) CpuLibrary.of(isa).kernel(op.stem()).run()
                .invokeExact(writer.write(arena, op, address, workspaceBytes, threads));
      } catch (Throwable e) {
        throw NativeCall.unexpected(e);
      }
      int[] after = workspace.toArray(ValueLayout.JAVA_INT);
      int end = after.length - GUARD;
      assertThat(Arrays.equals(after, 0, GUARD, pattern, 0, GUARD)
              && Arrays.equals(after, end, after.length, pattern, end, after.length))
          .as("%s: guard bands of its %s bytes of scratch memory are whole", op.stem(), workspaceBytes)
          .isTrue();
      return status;
    }

    /** @param written whether written operands are let off */
    void checkUntouched(String label, boolean written) {
      before.forEach(
          (buffer, words) -> {
            int[] after = segments.get(buffer).toArray(ValueLayout.JAVA_INT);
            if (written) {
              operands.stream()
                  .filter(operand -> operand.written() && operand.place().buffer() == buffer)
                  .forEach(operand -> operand.place().scatter(operand.words(), after, GUARD));
            }
            assertThat(Arrays.mismatch(words, after))
                .as("%s: first word of %s that changed, counted with a guard band of %s", label, buffer, GUARD)
                .isEqualTo(-1);
          });
    }

    Outcome outcome(String label) {
      var results = new IdentityHashMap<Operand, int[]>();
      for (var operand : operands) {
        int[] after = segments.get(operand.place().buffer()).toArray(ValueLayout.JAVA_INT);
        results.put(operand, operand.place().gather(after, GUARD));
      }
      return new Outcome(label, results);
    }
  }
}
