package io.github.densenet4j;

import io.github.densenet4j.internal.io.Figures;
import io.github.densenet4j.internal.memory.ArenaPlan;
import io.github.densenet4j.internal.program.Phase;
import io.github.densenet4j.internal.program.Program;
import io.github.densenet4j.internal.report.TimelineData;
import java.util.Arrays;
import java.util.Locale;

/** A plan as its picture wants it. */
final class PlanTimeline {
  private PlanTimeline() {}

  static TimelineData of(Program program, ArenaPlan plan, MemoryPlan.Peak peak, String device) {
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
            .map(phase -> new TimelineData.Span(phase.name().toLowerCase(Locale.ROOT), program.ops(phase).size()))
            .toList(),
        new TimelineData.Peak(peak.index(), peak.toString(), peak.bytes()));
  }

  /** What is planned, in a line. */
  static String title(Program program) {
    var workload = program.workload();
    return "%s, %s %d images, strategy %s"
        .formatted(
            program.config().name(), workload.training() ? "training on" : "inference of", workload.batch(),
            program.lowering().label());
  }
}
