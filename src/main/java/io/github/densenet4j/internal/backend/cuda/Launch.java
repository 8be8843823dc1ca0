package io.github.densenet4j.internal.backend.cuda;

/** Puts an operation into the stream of its session: one kernel or a few. */
@FunctionalInterface
interface Launch {
  /** Of an operation that others do. */
  Launch NOTHING = () -> {};

  void enqueue();
}
