package io.github.densenet4j.internal.cli;

import io.github.densenet4j.error.CheckpointException;
import io.github.densenet4j.internal.io.AtomicFile;
import io.github.densenet4j.internal.io.Json;
import io.github.densenet4j.internal.report.NightlyReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Optional;

/** The reports of many nights: a JSON file and a Markdown file each, whose names begin with the time. */
record NightlyFolder(Path folder) {
  private static final String PREFIX = "nightly-";
  private static final String JSON = ".json";

  Optional<NightlyReport> lastThatPassed() {
    try (var files = Files.list(folder)) {
      return files.filter(NightlyFolder::isReport).sorted(Comparator.reverseOrder()).map(NightlyReport::read)
          .filter(NightlyReport::pass).findFirst();
    } catch (IOException e) {
      throw new CheckpointException(folder + " cannot be listed (" + e.getMessage() + "): choose another --out", e);
    }
  }

  private static boolean isReport(Path file) {
    String name = file.getFileName().toString();
    return name.startsWith(PREFIX) && name.endsWith(JSON);
  }

  /** Returns the Markdown file. */
  Path write(NightlyReport report, String markdown) {
    String name = PREFIX + report.time().replaceAll("[^0-9T]", "");
    Json.write(folder.resolve(name + JSON), report.object());
    Path text = folder.resolve(name + ".md");
    AtomicFile.writeText(text, markdown);
    return text;
  }
}
