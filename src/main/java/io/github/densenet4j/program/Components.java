package io.github.densenet4j.program;

import java.lang.reflect.RecordComponent;

/** Reads record components; all records here are public. */
public final class Components {
  private Components() {}

  public static Object value(Record record, RecordComponent component) {
    try {
      return component.getAccessor().invoke(record);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("cannot read " + component + " of " + record.getClass().getName(), e);
    }
  }
}
