package io.github.densenet4j.internal.training;

import io.github.densenet4j.data.Evaluation;
import io.github.densenet4j.internal.backend.Backend;
import io.github.densenet4j.internal.backend.NetworkSession;
import io.github.densenet4j.internal.checkpoint.Checkpoint;
import io.github.densenet4j.internal.checkpoint.Descriptions;
import io.github.densenet4j.internal.io.EpochMetrics;
import io.github.densenet4j.internal.io.Figures;
import io.github.densenet4j.internal.report.Confusion;
import io.github.densenet4j.internal.report.ReportData;
import io.github.densenet4j.internal.report.TrainingReport;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A training's report.html. */
public final class Reports {
  private Reports() {}

  public static void write(
      Path file, List<EpochMetrics> epochs, NetworkSession session, Backend backend, Checkpoint checkpoint,
      Evaluation evaluation) {
    var config = checkpoint.config();
    var data = checkpoint.data();
    var configuration = new LinkedHashMap<String, String>();
    for (Map<String, Object> part : List.of(Descriptions.of(config), Descriptions.of(checkpoint.options()))) {
      part.forEach((key, value) -> configuration.put(key.replace('_', ' '), String.valueOf(value)));
    }
    var confusion =
        new Confusion(
            Figures.count(evaluation.images()) + " held-out images after epoch " + checkpoint.progress().epoch(),
            data.classNames(), evaluation.confusion());
    TrainingReport.write(
        file,
        new ReportData(
            config.name(),
            "Trained on " + Figures.count(data.trainingImages()) + " images of " + data.name() + ".",
            backend.name() + ", " + backend.description(),
            session.program().parameters().learnableCount(),
            epochs,
            Optional.of(confusion),
            session.plan().bytesByLabel(),
            configuration));
  }
}
