package io.github.densenet4j.internal.program;

import io.github.densenet4j.internal.tensor.Buffer;
import io.github.densenet4j.internal.tensor.BufferView;
import io.github.densenet4j.internal.tensor.InputGradient;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.List;

/**
 * That an operation touches a buffer. Found from the operation's components: views that are annotated {@link Written},
 * {@link Updated} or {@link Accumulated}, or stand inside a component that is, and all others, which are read.
 */
public record Access(Buffer buffer, boolean reads, boolean writes) {
  private static final Access READ = new Access(null, true, false);
  private static final Access WRITE = new Access(null, false, true);
  private static final Access UPDATE = new Access(null, true, true);

  /** Everything that {@code op} touches, in the order of its components; a buffer may be named more than once. */
  public static List<Access> of(Op op) {
    var accesses = new ArrayList<Access>();
    collect((Record) op, READ, accesses);
    return accesses;
  }

  private static void collect(Record record, Access how, List<Access> into) {
    for (RecordComponent component : Components.of(record)) {
      Object value = Components.value(record, component);
      switch (value) {
        case BufferView(Buffer buffer, long _) when buffer == null -> {}
        case BufferView(Buffer buffer, long _) -> {
          Access as = how(record, component, how);
          into.add(new Access(buffer, as.reads, as.writes));
        }
        case InputGradient dx -> {
          collect(dx.gradient(), dx.accumulate() ? UPDATE : WRITE, into);
          into.add(new Access(dx.dgamma().buffer(), false, true));
          into.add(new Access(dx.dbeta().buffer(), false, true));
        }
        case Record nested -> collect(nested, how(record, component, how), into);
        default -> {}
      }
    }
  }

  private static Access how(Record record, RecordComponent component, Access otherwise) {
    if (component.isAnnotationPresent(Accumulated.class)) {
      return record instanceof PlainOp.ConcatSplit split && split.accumulate() ? UPDATE : WRITE;
    }
    if (component.isAnnotationPresent(Written.class)) {
      return WRITE;
    }
    return component.isAnnotationPresent(Updated.class) ? UPDATE : otherwise;
  }
}
