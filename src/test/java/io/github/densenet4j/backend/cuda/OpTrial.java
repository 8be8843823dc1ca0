package io.github.densenet4j.backend.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.densenet4j.backend.Backend;
import io.github.densenet4j.backend.Session;
import io.github.densenet4j.backend.cpu.CpuBackend;
import io.github.densenet4j.backend.cpu.Tolerance;
import io.github.densenet4j.program.Op;
import io.github.densenet4j.program.Phase;
import io.github.densenet4j.program.Program;
import io.github.densenet4j.program.Workload;
import io.github.densenet4j.tensor.Buffer;
import io.github.densenet4j.tensor.BufferView;
import io.github.densenet4j.tensor.Category;
import io.github.densenet4j.tensor.ChannelSlice;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Runs one operation on the processor and on a CUDA device, from the same bits.
 *
 * <p>Foreign channels around slices, and destinations, hold a NaN beforehand; afterwards everything but the written
 * operands must have the same bits as before.
 */
final class OpTrial {
  private static final int UNWRITTEN = 0x7fc5a5a5;

  /** How channel slices lie in memory. */
  enum Spacing {
    /** The pitch is the number of channels. */
    PACKED(0, 0),
    /** Slices begin at any float. */
    ODD(1, 2),
    /** Slices begin at multiples of 16 bytes if their pixels are. */
    ALIGNED(4, 8);

    private final int before;
    private final int after;

    Spacing(int before, int after) {
      this.before = before;
      this.after = after;
    }
  }

  /**
   * A tensor of the operation.
   *
   * @param before words of a pixel before the first channel
   * @param written whether the operation may write it
   * @param words what all of the buffer holds beforehand
   */
  record Operand(Buffer buffer, int pixels, int channels, int pitch, int before, boolean written, int[] words) {
    BufferView view() {
      return new BufferView(buffer, (long) before * Integer.BYTES);
    }

    ChannelSlice slice() {
      return new ChannelSlice(view(), pitch);
    }

    double[] values() {
      return values(words);
    }

    private double[] values(int[] of) {
      return Arrays.stream(bits(of)).mapToDouble(Float::intBitsToFloat).toArray();
    }

    /** The words of the slice, without foreign channels. */
    private int[] bits(int[] of) {
      var bits = new int[pixels * channels];
      Arrays.setAll(bits, i -> of[word(i)]);
      return bits;
    }

    private int word(int i) {
      return i / channels * pitch + before + i % channels;
    }
  }

  private final int batch;
  private final Spacing spacing;
  private final List<Operand> operands = new ArrayList<>();

  OpTrial(int batch, Spacing spacing) {
    this.batch = batch;
    this.spacing = spacing;
  }

  Operand source(String name, int channels, float[] values) {
    return operand(name, channels, spacing, false, bits(values));
  }

  Operand destination(String name, int pixels, int channels) {
    var words = new int[pixels * channels];
    Arrays.fill(words, UNWRITTEN);
    return operand(name, channels, spacing, true, words);
  }

  /** An operand that is read and written. */
  Operand updated(String name, int channels, float[] values) {
    return operand(name, channels, spacing, true, bits(values));
  }

  /** Values of which the operation knows no pitch. */
  Operand source(String name, float[] values) {
    return words(name, false, bits(values));
  }

  Operand destination(String name, int count) {
    var words = new int[count];
    Arrays.fill(words, UNWRITTEN);
    return words(name, true, words);
  }

  Operand updated(String name, float[] values) {
    return words(name, true, bits(values));
  }

  /** Integers, or halves of 8-byte values. */
  Operand words(String name, boolean written, int... words) {
    return operand(name, words.length, Spacing.PACKED, written, words);
  }

  /** Learning rate, step and seed. */
  Operand control(double learningRate, long step, long seed) {
    var values = ByteBuffer.allocate(3 * Long.BYTES).putDouble(0, learningRate).putLong(8, step).putLong(16, seed);
    var words = new int[6];
    Arrays.setAll(words, i -> values.getInt((i ^ 1) * Integer.BYTES)); // the lower half first
    return words("control", false, words);
  }

  private Operand operand(String name, int channels, Spacing place, boolean written, int[] words) {
    int pixels = words.length / channels;
    int pitch = place.before + channels + place.after;
    var buffer = new Buffer(name, "", Category.ACTIVATIONS, (long) pixels * pitch * Integer.BYTES, true);
    var all = new int[pixels * pitch];
    Arrays.fill(all, UNWRITTEN);
    var operand = new Operand(buffer, pixels, channels, pitch, place.before, written, all);
    for (int i = 0; i < words.length; i++) {
      all[operand.word(i)] = words[i];
    }
    operands.add(operand);
    return operand;
  }

  private static int[] bits(float[] values) {
    var words = new int[values.length];
    Arrays.setAll(words, i -> Float.floatToRawIntBits(values[i]));
    return words;
  }

  Outcome run(Op op, CudaBackend device) {
    var processor = new CpuBackend(1);
    return new Outcome(op, execute(op, processor, false), execute(op, device, false));
  }

  /** What the processor makes of the absolute values: the magnitude of every result of an operation that is linear. */
  Map<Operand, int[]> magnitudes(Op op) {
    return execute(op, new CpuBackend(1), true);
  }

  private Map<Operand, int[]> execute(Op op, Backend backend, boolean absolute) {
    var program = program(op);
    try (var session = backend.load(program, backend.plan(program))) {
      operands.forEach(operand -> write(session, operand, absolute));
      session.run(List.of(Phase.FORWARD));
      session.finish();
      var results = new IdentityHashMap<Operand, int[]>();
      for (var operand : operands) {
        var after = new int[operand.words.length];
        session.read(operand.buffer.view(), MemorySegment.ofArray(after));
        results.put(operand, after);
      }
      return results;
    }
  }

  /** A program of nothing but {@code op}; its configuration plays no part. */
  private Program program(Op op) {
    var other = SteppedNetwork.program();
    return new Program(
        other.config(), other.lowering(), Workload.training(batch, 0, 0), other.parameters(), other.ports(),
        Map.of(Phase.FORWARD, List.of(op)));
  }

  private static void write(Session session, Operand operand, boolean absolute) {
    int[] words = operand.words.clone();
    if (absolute) {
      Arrays.setAll(words, i -> words[i] & Integer.MAX_VALUE);
    }
    session.write(operand.buffer.view(), MemorySegment.ofArray(words));
  }

  /** What both made of all operands. */
  final class Outcome {
    private final Op op;
    private final Map<Operand, int[]> processor;
    private final Map<Operand, int[]> device;

    private Outcome(Op op, Map<Operand, int[]> processor, Map<Operand, int[]> device) {
      this.op = op;
      this.processor = processor;
      this.device = device;
      operands.forEach(this::checkUntouched);
    }

    private void checkUntouched(Operand operand) {
      int[] after = device.get(operand).clone();
      for (int i = 0; operand.written && i < operand.pixels * operand.channels; i++) {
        after[operand.word(i)] = operand.words[operand.word(i)];
      }
      assertThat(Arrays.mismatch(operand.words, after))
          .as("%s: first word of %s that it changed and should not", op.stem(), operand.buffer)
          .isEqualTo(-1);
    }

    double[] processor(Operand operand) {
      return operand.values(processor.get(operand));
    }

    double[] device(Operand operand) {
      return operand.values(device.get(operand));
    }

    /** The first eight bytes on the processor and on the device. */
    long[] longs(Operand operand) {
      return new long[] {first(processor.get(operand)), first(device.get(operand))};
    }

    private static long first(int[] words) {
      return Integer.toUnsignedLong(words[0]) | (long) words[1] << Integer.SIZE;
    }

    void sameBits(Operand... written) {
      for (var operand : written) {
        assertThat(Arrays.mismatch(device.get(operand), processor.get(operand)))
            .as("%s: first word of %s that is not the processor's", op.stem(), operand.buffer)
            .isEqualTo(-1);
      }
    }

    /** @param tolerance of either against the true value */
    void check(Operand operand, Tolerance.OfValue tolerance) {
      Tolerance.check(
          op.stem() + " " + operand.buffer, device(operand), processor(operand), i -> 2 * tolerance.at(i));
    }

    /** Checks a result that is a sum of {@code terms} products of source values. */
    void checkSum(Operand operand, int terms) {
      double[] magnitudes = operand.values(magnitudes(op).get(operand));
      check(operand, i -> Tolerance.of(terms, magnitudes[i]));
    }

    /** The same if the factors are rounded to TF32: some value shows that they are. */
    void checkRoundedSum(Operand operand, int terms) {
      double[] magnitudes = operand.values(magnitudes(op).get(operand));
      check(operand, i -> Tolerance.of(terms, magnitudes[i]) + Tolerance.ofTf32Factors(magnitudes[i]) / 2);
      double[] exact = processor(operand);
      double[] rounded = device(operand);
      assertThat(IntStream.range(0, exact.length))
          .as("%s: values that float32 cannot explain", op.stem())
          .anyMatch(i -> Math.abs(rounded[i] - exact[i]) > 2 * Tolerance.of(terms, magnitudes[i]));
    }
  }
}
