package io.github.densenet4j.internal.backend.cpu;

import io.github.densenet4j.internal.program.Op;
import io.github.densenet4j.internal.tensor.BufferView;
import io.github.densenet4j.internal.tensor.ElementType;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** An example of every operation: 4 images of 4x4 pixels, 4 of whatever else is counted. */
final class SampleOps {
  private final Supplier<BufferView> views;

  /** @param views where the samples' tensors lie, asked once for each */
  SampleOps(Supplier<BufferView> views) {
    this.views = views;
  }

  static Stream<Class<?>> classes() {
    return Op.types().stream();
  }

  Op of(Class<?> op) {
    return (Op) sample(op);
  }

  private Record sample(Class<?> type) {
    RecordComponent[] components = type.getRecordComponents();
    Class<?>[] types = Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
    Object[] values = Arrays.stream(components).map(this::value).toArray();
    try {
      return (Record) type.getDeclaredConstructor(types).newInstance(values);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("no sample of " + type, e);
    }
  }

  private Object value(RecordComponent component) {
    Class<?> type = component.getType();
    if (type == BufferView.class) {
      return views.get();
    }
    if (type == ElementType.class) {
      return ElementType.FLOAT32;
    }
    if (type == boolean.class) {
      return false;
    }
    if (type == double.class) {
      return 0.5;
    }
    return type == long.class ? count(component.getName()) : sample(type);
  }

  private static Object count(String name) {
    return switch (name) {
      case "kernel" -> 3L;
      case "stride", "padding" -> 1L;
      default -> 4L;
    };
  }
}
