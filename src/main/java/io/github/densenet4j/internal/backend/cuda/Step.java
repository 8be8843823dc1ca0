package io.github.densenet4j.internal.backend.cuda;

import io.github.densenet4j.internal.program.Op;
import io.github.densenet4j.internal.program.Phase;
import java.util.Locale;

/**
 * An operation and what it is on the device.
 *
 * @param index among the operations of its phase, from 0
 */
record Step(Op op, Phase phase, int index, Launch launch) {
  String phaseName() {
    return phase.name().toLowerCase(Locale.ROOT);
  }

  @Override
  public String toString() {
    return op.stem() + " (operation " + index + " of " + phaseName() + ")";
  }
}
