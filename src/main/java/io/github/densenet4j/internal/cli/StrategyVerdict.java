package io.github.densenet4j.internal.cli;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Whether a strategy trains on a device.
 *
 * @param reason for people: {@link Findings#READY}, or one sentence with the remedy
 */
record StrategyVerdict(State state, String reason) {
  /** Why, for programs. */
  enum State {
    /** It has trained. */
    READY,
    /** A part that it needs is not here. */
    LACKING,
    /** It was tried and failed. */
    BROKEN
  }

  /** The key of the sentence in {@link #object}. */
  static final String REASON = "reason";

  private static final String STATE = "state";

  static StrategyVerdict lacking(String reason) {
    return new StrategyVerdict(State.LACKING, reason);
  }

  /** @param result what {@link TrialStep#on} found */
  static StrategyVerdict tried(String result) {
    return new StrategyVerdict(result.equals(Findings.READY) ? State.READY : State.BROKEN, result);
  }

  boolean ready() {
    return state == State.READY;
  }

  Map<String, Object> object() {
    var object = new LinkedHashMap<String, Object>();
    object.put(STATE, Choice.label(state));
    object.put(REASON, reason);
    return object;
  }

  /** From what {@link #object} gave. */
  static StrategyVerdict of(Map<?, ?> object) {
    var state = new Choice<>(State.class).convert((String) object.get(STATE));
    return new StrategyVerdict(state, (String) object.get(REASON));
  }
}
