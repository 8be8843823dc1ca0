package io.github.densenet4j.program;

import io.github.densenet4j.network.DenseNetConfig;

/** A way to compute a network: turns its configuration into a program. */
public interface Lowering {
  /** The strategy's name on the command line. */
  String name();

  Program lower(DenseNetConfig config, Workload workload);
}
