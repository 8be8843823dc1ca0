package io.github.densenet4j.internal.program;

import java.lang.reflect.RecordComponent;
import java.util.List;

/** Reads record components; all records here are public. Java looks a class up anew each time, so they are kept. */
public final class Components {
  private static final ClassValue<List<RecordComponent>> KEPT =
      new ClassValue<>() {
        @Override
        protected List<RecordComponent> computeValue(Class<?> type) {
          return List.of(type.getRecordComponents());
        }
      };

  private Components() {}

  public static List<RecordComponent> of(Record record) {
    return KEPT.get(record.getClass());
  }

  public static Object value(Record record, RecordComponent component) {
    try {
      return component.getAccessor().invoke(record);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("cannot read " + component + " of " + record.getClass().getName(), e);
    }
  }
}
