package io.github.densenet4j.internal.backend.cpu;

/** How the channel slices of an operation under test lie in memory. */
enum Layout {
  /** The pitch is the number of channels. */
  TIGHT,
  /** An odd number of foreign channels before the slice, some more after it. */
  WIDE,
  /** Like {@link #WIDE}, and an input and an output of equal extent are neighbours in one feature buffer. */
  SHARED
}
