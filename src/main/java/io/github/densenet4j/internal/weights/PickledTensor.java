package io.github.densenet4j.internal.weights;

import java.util.List;

/**
 * A tensor as a view of a storage, checked: no element lies outside, and there are no more than in the storage.
 *
 * @param offset elements of the storage before the first
 * @param shape the extents, outermost first
 * @param strides elements of the storage from one index to the next, of each extent; not negative
 */
record PickledTensor(PickledStorage storage, long offset, List<Long> shape, List<Long> strides) {
  private static final int MOST_EXTENTS = 16;

  /** @throws IllegalArgumentException if it is not as it must be; the message says why */
  PickledTensor {
    shape = List.copyOf(shape);
    strides = List.copyOf(strides);
    require(shape.size() == strides.size() && shape.size() <= MOST_EXTENTS, "its shape and strides do not fit");
    long elements = 1;
    for (long extent : shape) {
      require(extent >= 0 && extent <= Integer.MAX_VALUE, "its shape is " + shape);
      elements = extent == 0 ? 0 : elements > storage.count() ? elements : elements * extent;
    }
    require(elements <= storage.count(), "it has more elements than its storage");
    require(offset >= 0 && offset <= storage.count(), "it begins outside of its storage");
    long last = offset;
    for (int i = 0; i < shape.size() && elements > 0; i++) {
      long stride = strides.get(i);
      require(stride >= 0 && stride <= storage.count(), "its strides are " + strides);
      last += stride * (shape.get(i) - 1);
      require(last >= 0 && last < Math.max(1, storage.count()), "it ends outside of its storage");
    }
    require(elements == 0 || last < storage.count(), "it ends outside of its storage");
  }

  private static void require(boolean condition, String otherwise) {
    if (!condition) {
      throw new IllegalArgumentException(otherwise);
    }
  }

  int elements() {
    return Math.toIntExact(shape.stream().reduce(1L, Math::multiplyExact));
  }

  /** Elements of the storage from the first to the last one; 0 if there is none. */
  int span() {
    long span = 1;
    for (int i = 0; i < shape.size(); i++) {
      if (shape.get(i) == 0) {
        return 0;
      }
      span += strides.get(i) * (shape.get(i) - 1);
    }
    return Math.toIntExact(span);
  }

  /**
   * Puts elements into the order of the shape.
   *
   * @param spanned the elements of {@link #span}
   */
  float[] gather(float[] spanned) {
    var values = new float[elements()];
    var index = new long[shape.size()];
    int at = 0;
    for (int i = 0; i < values.length; i++) {
      values[i] = spanned[at];
      for (int axis = shape.size() - 1; axis >= 0; axis--) {
        at += Math.toIntExact(strides.get(axis));
        if (++index[axis] < shape.get(axis)) {
          break;
        }
        at -= Math.toIntExact(strides.get(axis) * shape.get(axis));
        index[axis] = 0;
      }
    }
    return values;
  }
}
