package io.github.densenet4j.internal.memory;

import io.github.densenet4j.internal.program.Access;
import io.github.densenet4j.internal.program.Op;
import io.github.densenet4j.internal.program.Phase;
import io.github.densenet4j.internal.program.Program;
import io.github.densenet4j.internal.tensor.Buffer;
import java.util.Comparator;

/**
 * The operation at which most bytes live, the first if there are several.
 *
 * @param index the operation's place in the order of the program
 * @param phase to which it belongs
 * @param stage the part of the network that owns most of what it touches; empty if none does
 * @param bytes that live there: lasting ones, others, and scratch memory
 * @param workspaceBytes of these, scratch memory
 */
public record Peak(int index, Op op, Phase phase, String stage, long bytes, long workspaceBytes) {
  static Peak of(Program program, Lifetimes lifetimes, long[] live) {
    var ops = program.ops();
    int index = 0;
    for (int i = 1; i < live.length; i++) {
      index = live[i] > live[index] ? i : index;
    }
    var op = ops.get(index);
    long lasting = lifetimes.lasting().stream().mapToLong(Lifetime::bytes).sum();
    var workspace = lifetimes.workspaces().get(op);
    long workspaceBytes = workspace == null ? 0 : new Lifetime(workspace, index, index).bytes();
    return new Peak(index, op, phase(program, index), stage(op), lasting + live[index], workspaceBytes);
  }

  private static Phase phase(Program program, int index) {
    int end = 0;
    for (var phase : Phase.values()) {
      end += program.ops(phase).size();
      if (index < end) {
        return phase;
      }
    }
    throw new IllegalArgumentException("the program has no operation " + index);
  }

  private static String stage(Op op) {
    return Access.of(op).stream()
        .map(Access::buffer)
        .filter(buffer -> !buffer.stage().isEmpty())
        .max(Comparator.comparingLong(Buffer::bytes))
        .map(Buffer::stage)
        .orElse("");
  }
}
