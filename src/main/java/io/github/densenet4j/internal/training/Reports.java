package io.github.densenet4j.internal.training;

import io.github.densenet4j.data.Evaluation;
import io.github.densenet4j.internal.backend.NetworkSession;
import io.github.densenet4j.internal.checkpoint.Checkpoint;
import io.github.densenet4j.internal.checkpoint.Descriptions;
import io.github.densenet4j.internal.checkpoint.Progress;
import io.github.densenet4j.internal.io.EpochMetrics;
import io.github.densenet4j.internal.io.Figures;
import io.github.densenet4j.internal.report.Confusion;
import io.github.densenet4j.internal.report.ReportData;
import io.github.densenet4j.internal.report.TrainingReport;
import java.nio.file.Path;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** A training's report.html. */
final class Reports {
  private static final DateTimeFormatter DATE = DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm", Locale.ROOT);

  private Reports() {}

  static void write(
      Path file, List<EpochMetrics> epochs, NetworkSession session, String device, String origin,
      Checkpoint checkpoint, Optional<Evaluation> evaluation) {
    var config = checkpoint.config();
    var data = checkpoint.data();
    var configuration = new LinkedHashMap<String, String>();
    if (!origin.isEmpty()) {
      configuration.put("started by", origin);
    }
    configuration.put("written", DATE.format(ZonedDateTime.now(ZoneOffset.UTC)) + " UTC");
    for (Map<String, Object> part :
        List.of(
            Descriptions.of(checkpoint.computation()), Descriptions.of(config), Descriptions.of(checkpoint.recipe()))) {
      part.forEach((key, value) -> configuration.put(key.replace('_', ' '), String.valueOf(value)));
    }
    configuration.computeIfPresent("frozen", (_, _) -> frozen(checkpoint.recipe().frozen()));
    var confusion =
        evaluation.map(
            found ->
                new Confusion(
                    Figures.count(found.images()) + " held-out images " + moment(checkpoint.progress()),
                    data.classNames(), found.confusion()));
    TrainingReport.write(
        file,
        new ReportData(
            config.name(),
            "Trained on " + Figures.count(data.trainingImages()) + " images of " + data.name() + ".",
            device,
            session.program().parameters().learnableCount(),
            epochs,
            confusion,
            session.plan().bytesByLabel(),
            configuration));
  }

  /** Hundreds of names say no more. */
  private static String frozen(List<String> names) {
    return names.size() + " of the tensors, from " + names.getFirst() + " to " + names.getLast();
  }

  private static String moment(Progress progress) {
    return progress.batch() == 0 ? "after epoch " + progress.epoch() : "after step " + Figures.count(progress.step());
  }
}
