package io.github.densenet4j.internal.backend.cuda;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Operations of one phase that follow one another: where an error in a graph is known to lie. */
record StepGroup(List<Step> steps) {
  private static final int MOST = 16;

  static List<StepGroup> of(List<Step> steps) {
    var groups = new ArrayList<StepGroup>();
    for (int from = 0, to = 0; from < steps.size(); from = to) {
      while (to < steps.size() && to - from < MOST && steps.get(to).phase() == steps.get(from).phase()) {
        to++;
      }
      groups.add(new StepGroup(steps.subList(from, to)));
    }
    return groups;
  }

  @Override
  public String toString() {
    var first = steps.getFirst();
    if (steps.size() == 1) {
      return first.toString();
    }
    var stems = steps.stream().map(step -> step.op().stem()).distinct().collect(Collectors.joining(", "));
    return "operations " + first.index() + " to " + steps.getLast().index() + " of " + first.phaseName() + " (" + stems
        + "; checked mode names the one)";
  }
}
