package io.github.densenet4j.internal.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code scripts/densenet4j} of a checkout whose folder has a colon in its name, at which Java breaks up paths. */
class LauncherTest {
  @TempDir private Path temporary;

  /** The scripts and what is built of this checkout, as another one. */
  private Path checkout() throws IOException {
    Path root = Files.createDirectories(temporary.resolve("a:b/checkout"));
    Path target = Files.createDirectory(root.resolve("target"));
    for (String built : List.of("classes", "lib")) {
      Files.createSymbolicLink(target.resolve(built), Path.of("target", built).toAbsolutePath());
    }
    Files.createFile(target.resolve("build.stamp"));
    assertThat(new ProcessBuilder("cp", "-r", "scripts", root.toString()).start().onExit().join().exitValue()).isZero();
    return root;
  }

  private static CommandRun version(Path checkout, Path cache) {
    var command = new ArrayList<>(List.of("env", "XDG_CACHE_HOME=" + cache));
    command.addAll(List.of(checkout.resolve("scripts/densenet4j").toString(), "--version"));
    return CommandRun.of(new CommandProcess(command));
  }

  @Test
  void aLinkWithoutTheColonStandsForTheFolder() throws IOException {
    Path root = checkout();
    Path cache = temporary.resolve("cache");
    for (int i = 0; i < 2; i++) {
      assertThat(version(root, cache).done().out()).startsWith("densenet4j ");
    }
    try (var links = Files.list(cache.resolve("densenet4j/links"))) {
      assertThat(links).singleElement().satisfies(link -> assertThat(link.toRealPath()).isEqualTo(root.toRealPath()));
    }
  }

  @Test
  void withoutAPlaceForALinkItIsRefused() throws IOException {
    Path root = checkout();
    var run = version(root, temporary.resolve("c:d"));
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err())
        .hasLineCount(1)
        .startsWith("error: the folder " + root + " has a colon in its name, and no link to it without one can be made");
  }
}
