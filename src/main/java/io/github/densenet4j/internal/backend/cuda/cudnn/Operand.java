package io.github.densenet4j.internal.backend.cuda.cudnn;

/**
 * A tensor or filter of a convolution.
 *
 * @param shape a {@link TensorShape} or {@link FilterShape}
 * @param description the address of the descriptor
 * @param data the address in device memory, 0 where only shapes count
 */
record Operand(Record shape, long description, long data) {
  static Operand of(Descriptor<? extends Record> operand) {
    return new Operand(operand.shape(), operand.address(), 0);
  }

  static Operand of(DeviceTensor tensor) {
    return new Operand(tensor.descriptor().shape(), tensor.description(), tensor.address());
  }

  static Operand of(DeviceFilter filter) {
    return new Operand(filter.descriptor().shape(), filter.description(), filter.address());
  }

  @Override
  public String toString() {
    return shape.toString();
  }
}
