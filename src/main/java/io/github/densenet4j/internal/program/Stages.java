package io.github.densenet4j.internal.program;

/** The names of a network's parts in plans; blocks are counted from 0 here and from 1 in the names. */
final class Stages {
  static final String STEM = "stem";
  static final String HEAD = "head";

  private Stages() {}

  static String block(int index) {
    return "block " + (index + 1);
  }

  static String transition(int index) {
    return "transition " + (index + 1);
  }
}
