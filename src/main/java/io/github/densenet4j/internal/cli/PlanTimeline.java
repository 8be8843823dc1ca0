package io.github.densenet4j.internal.cli;

import io.github.densenet4j.internal.io.Figures;
import io.github.densenet4j.internal.memory.ArenaPlan;
import io.github.densenet4j.internal.memory.Peak;
import io.github.densenet4j.internal.program.Phase;
import io.github.densenet4j.internal.program.Program;
import io.github.densenet4j.internal.report.TimelineData;
import java.util.Arrays;

/** A plan as its picture wants it. */
final class PlanTimeline {
  private PlanTimeline() {}

  static TimelineData of(Program program, ArenaPlan plan, String device) {
    return new TimelineData(
        title(program),
        "%s in one arena on %s, for %s operations; no plan can have less than %s."
            .formatted(
                Figures.bytes(plan.totalBytes()), device, Figures.count(program.ops().size()),
                Figures.bytes(plan.lowerBoundBytes())),
        plan.totalBytes(),
        plan.bytesByLabel(),
        plan.placements().stream()
            .map(
                place -> {
                  var lifetime = place.lifetime();
                  var buffer = lifetime.buffer();
                  return new TimelineData.Rectangle(
                      buffer.name(), buffer.category().label(), place.offset(), buffer.bytes(), lifetime.first(),
                      lifetime.last());
                })
            .toList(),
        Arrays.stream(Phase.values())
            .map(phase -> new TimelineData.Span(Choice.label(phase), program.ops(phase).size()))
            .toList(),
        new TimelineData.Peak(plan.peak().index(), describe(plan.peak()), plan.peak().bytes()));
  }

  private static String title(Program program) {
    var workload = program.workload();
    return "%s, %s %d images, strategy %s"
        .formatted(
            program.config().name(), workload.training() ? "training on" : "inference of", workload.batch(),
            program.lowering().label());
  }

  /** Which operation it is. */
  static String describe(Peak peak) {
    String stage = peak.stage().isEmpty() ? "" : " of " + peak.stage();
    return peak.op().stem() + stage + ", " + Choice.label(peak.phase());
  }
}
