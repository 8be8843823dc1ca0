package io.github.densenet4j.internal.backend;

import io.github.densenet4j.internal.program.Op;
import io.github.densenet4j.internal.program.Phase;
import io.github.densenet4j.internal.program.Program;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The time that a program's operations take, added up over any number of steps. */
public final class StepProfile {
  private final Program program;
  private final boolean replayed;
  private final Map<Phase, long[]> nanoseconds = new EnumMap<>(Phase.class);

  /** @param replayed whether a device that runs phases as one does so here, or launches operation by operation */
  public StepProfile(Program program, boolean replayed) {
    this.program = program;
    this.replayed = replayed;
    for (var phase : Phase.values()) {
      nanoseconds.put(phase, new long[program.ops(phase).size()]);
    }
  }

  /** Runs a phase and adds its times. */
  void run(Session session, Phase phase) {
    long[] times = nanoseconds.get(phase);
    if (replayed) {
      session.replay(phase, times);
    } else {
      session.run(phase, times);
    }
  }

  /** The sum of several profiles of one program. */
  public static StepProfile sum(List<StepProfile> profiles) {
    var first = profiles.getFirst();
    var sum = new StepProfile(first.program, first.replayed);
    for (var profile : profiles) {
      for (var phase : Phase.values()) {
        long[] to = sum.nanoseconds.get(phase);
        long[] from = profile.nanoseconds.get(phase);
        for (int i = 0; i < to.length; i++) {
          to[i] += from[i];
        }
      }
    }
    return sum;
  }

  /**
   * One operation.
   *
   * @param seconds that it took, in all steps
   */
  public record Timed(Op op, double seconds) {}

  /** Every operation in order; what did not run is left out. */
  public List<Timed> timed() {
    var timed = new ArrayList<Timed>();
    for (var phase : Phase.values()) {
      var ops = program.ops(phase);
      long[] times = nanoseconds.get(phase);
      for (int i = 0; i < times.length; i++) {
        if (times[i] > 0) {
          timed.add(new Timed(ops.get(i), times[i] / 1e9));
        }
      }
    }
    return timed;
  }

  /** What all operations took together, in all steps. */
  public double seconds() {
    return timed().stream().mapToDouble(Timed::seconds).sum();
  }

  /**
   * All operations of one sort.
   *
   * @param stem the operation's name
   * @param count how many of them a step runs
   * @param seconds that they took together, in all steps
   * @param flops of one step
   * @param trafficBytes that one step moves at least
   */
  public record Entry(String stem, int count, double seconds, long flops, long trafficBytes) {
    private Entry plus(Timed timed) {
      var op = timed.op();
      return new Entry(
          stem, count + 1, seconds + timed.seconds(), flops + op.flops(), trafficBytes + op.trafficBytes());
    }
  }

  /** By sort of operation, the longest first; what did not run is left out. */
  public List<Entry> entries() {
    var entries = new LinkedHashMap<String, Entry>();
    for (var timed : timed()) {
      String stem = timed.op().stem();
      entries.put(stem, entries.getOrDefault(stem, new Entry(stem, 0, 0, 0, 0)).plus(timed));
    }
    var sorted = new ArrayList<>(entries.values());
    sorted.sort(Comparator.comparingDouble(Entry::seconds).reversed());
    return sorted;
  }
}
