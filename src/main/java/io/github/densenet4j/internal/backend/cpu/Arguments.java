package io.github.densenet4j.internal.backend.cpu;

import io.github.densenet4j.internal.program.Components;
import io.github.densenet4j.internal.program.Op;
import io.github.densenet4j.internal.tensor.BufferView;
import io.github.densenet4j.internal.tensor.ElementType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToLongFunction;

/**
 * Writes an operation as its argument struct: every member of {@code dn_<op>_args} is one 8-byte word, and the words of
 * a record are those of its components in order. The execution part comes last.
 */
final class Arguments {
  private final ToLongFunction<BufferView> addresses;

  /** @param addresses where a view's buffer lies; never asked for the view that is not given */
  Arguments(ToLongFunction<BufferView> addresses) {
    this.addresses = addresses;
  }

  MemorySegment write(SegmentAllocator allocator, Op op, long workspace, long workspaceBytes, int threads) {
    var words = new ArrayList<Long>();
    flatten((Record) op, words);
    words.add(workspace);
    words.add(workspaceBytes);
    words.add((long) threads);
    MemorySegment segment = allocator.allocate(ValueLayout.JAVA_LONG, words.size());
    for (int i = 0; i < words.size(); i++) {
      segment.setAtIndex(ValueLayout.JAVA_LONG, i, words.get(i));
    }
    return segment;
  }

  private void flatten(Record record, List<Long> words) {
    for (RecordComponent component : Components.of(record)) {
      switch (Components.value(record, component)) {
        case BufferView view -> words.add(view.buffer() == null ? 0 : addresses.applyAsLong(view));
        case Record nested -> flatten(nested, words);
        case Long value -> words.add(value);
        case Double value -> words.add(Double.doubleToRawLongBits(value));
        case ElementType value -> words.add((long) value.ordinal());
        case Boolean value -> words.add(value ? 1L : 0L);
        case Object other ->
            throw new IllegalArgumentException(component + " of " + record.getClass() + " is a " + other.getClass());
      }
    }
  }
}
