package io.github.densenet4j.internal.memory;

import io.github.densenet4j.internal.program.Access;
import io.github.densenet4j.internal.program.Op;
import io.github.densenet4j.internal.tensor.Buffer;
import io.github.densenet4j.internal.tensor.Category;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToLongFunction;

/**
 * The lifetimes of all buffers of a list of operations, in order of first use.
 *
 * @param lasting buffers that are kept; their lifetimes span all operations
 * @param passing all others, scratch memory among them
 * @param workspaces the scratch buffer of each operation that needs one
 */
record Lifetimes(List<Lifetime> lasting, List<Lifetime> passing, Map<Op, Buffer> workspaces) {
  static Lifetimes of(List<Op> ops, ToLongFunction<Op> workspaceBytes, List<OwnBuffer> own) {
    var spans = new LinkedHashMap<Buffer, int[]>();
    var workspaces = new IdentityHashMap<Op, Buffer>();
    for (int i = 0; i < ops.size(); i++) {
      var op = ops.get(i);
      for (var access : Access.of(op)) {
        spans.computeIfAbsent(access.buffer(), _ -> new int[] {-1, -1});
        extend(spans.get(access.buffer()), i);
      }
      long bytes = workspaceBytes.applyAsLong(op);
      if (bytes > 0) {
        var workspace = new Buffer(op.stem() + " workspace", "", Category.WORKSPACE, bytes, false);
        workspaces.put(op, workspace);
        spans.put(workspace, new int[] {i, i});
      }
    }
    var places = new IdentityHashMap<Op, Integer>();
    for (int i = 0; i < ops.size(); i++) {
      places.put(ops.get(i), i);
    }
    for (var buffer : own) {
      spans.put(
          buffer.buffer(),
          buffer.first() == null ? new int[2] : new int[] {places.get(buffer.first()), places.get(buffer.last())});
    }
    var lasting = new ArrayList<Lifetime>();
    var passing = new ArrayList<Lifetime>();
    spans.forEach(
        (buffer, span) -> {
          if (buffer.lasting()) {
            lasting.add(new Lifetime(buffer, 0, ops.size() - 1));
          } else {
            passing.add(new Lifetime(buffer, span[0], span[1]));
          }
        });
    return new Lifetimes(lasting, passing, workspaces);
  }

  private static void extend(int[] span, int op) {
    span[0] = span[0] < 0 ? op : span[0];
    span[1] = op;
  }
}
