package io.github.densenet4j.internal.program;

import java.util.List;
import java.util.stream.Stream;

/**
 * An operation of a program. Its components are, in the same order and under the same names, the members of the
 * argument struct {@code dn_<op>_args} in native/include, where the mathematics is written down; a backend
 * adds the execution part. Sizes are those of the operation's input.
 */
public sealed interface Op permits FusedOp, PlainOp {
  /** The records of all operations. */
  static List<Class<?>> types() {
    return Stream.of(FusedOp.class, PlainOp.class)
        .<Class<?>>flatMap(kind -> Stream.of(kind.getPermittedSubclasses()))
        .toList();
  }

  /** The stem of the operation's files and functions, such as {@code bnrelu_conv1x1_fprop}. */
  default String stem() {
    return Stems.of(getClass());
  }

  /** Bytes that the operation must move at least: each tensor operand once, weights once. */
  long trafficBytes();

  /** Multiplications and additions of the convolution or matrix product; 0 for all other operations. */
  default long flops() {
    return 0;
  }
}
