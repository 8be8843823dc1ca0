package io.github.densenet4j.internal.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A project of its own, src/it/consumer, that has the installed artifact as its one dependency. */
class ConsumerIT {
  private static final Path FOLDER = Path.of("target/consumer").toAbsolutePath();
  private static final Path REPOSITORY = FOLDER.resolve("repository");
  private static final Path PROJECT = FOLDER.resolve("project");
  private static final List<String> GROUP = List.of("io", "github", "densenet4j");

  private static List<Path> classPath;

  @BeforeAll
  static void buildsOnTheInstalledArtifact() throws IOException {
    link(Path.of(System.getProperty("densenet4j.repository")), REPOSITORY, GROUP);
    install();
    copyProject();
    Path list = FOLDER.resolve("class-path");
    maven(
        "--file=" + PROJECT, "--quiet", "-Dmaven.repo.local=" + REPOSITORY,
        "-Ddensenet4j.version=" + Artifact.VERSION, "-Dmdep.outputFile=" + list, "-Dmdep.includeScope=runtime",
        "compile", "dependency:build-classpath");
    var found = new ArrayList<>(List.of(PROJECT.resolve("target/classes")));
    Stream.of(Files.readString(list).strip().split(File.pathSeparator)).map(Path::of).forEach(found::add);
    classPath = List.copyOf(found);
  }

  /** A local repository that shares all with the user's, but {@code group}, of which it has its own. */
  private static void link(Path from, Path to, List<String> group) throws IOException {
    Files.createDirectories(to);
    if (group.isEmpty()) {
      return;
    }
    if (Files.isDirectory(from)) {
      try (var entries = Files.list(from)) {
        for (Path entry : entries.filter(entry -> !entry.endsWith(group.getFirst())).toList()) {
          Path link = to.resolve(entry.getFileName());
          if (!Files.exists(link)) {
            Files.createSymbolicLink(link, entry);
          }
        }
      }
    }
    link(from.resolve(group.getFirst()), to.resolve(group.getFirst()), group.subList(1, group.size()));
  }

  /** As the install plugin does. */
  private static void install() throws IOException {
    Path home = REPOSITORY.resolve(String.join("/", GROUP)).resolve("densenet4j").resolve(Artifact.VERSION);
    Files.createDirectories(home);
    String name = "densenet4j-" + Artifact.VERSION;
    Files.copy(Artifact.main().file(), home.resolve(name + ".jar"), StandardCopyOption.REPLACE_EXISTING);
    Files.copy(Path.of("pom.xml"), home.resolve(name + ".pom"), StandardCopyOption.REPLACE_EXISTING);
  }

  private static void copyProject() throws IOException {
    Path original = Path.of("src/it/consumer");
    try (var files = Files.walk(original)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Path copy = PROJECT.resolve(original.relativize(file));
        Files.createDirectories(copy.getParent());
        Files.copy(file, copy, StandardCopyOption.REPLACE_EXISTING);
      }
    }
  }

  private static void maven(String... arguments) {
    String script =
        "for part in messages jdk maven; do source scripts/lib/$part.sh; done; maven \"$@\" </dev/null";
    var command = new ArrayList<>(List.of("bash", "-euc", script, "maven"));
    command.addAll(List.of(arguments));
    var run = CommandRun.of(new CommandProcess(command));
    assertThat(run.exitCode()).as(run.out() + run.err()).isZero();
  }

  private static String path() {
    return String.join(File.pathSeparator, classPath.stream().map(Path::toString).toList());
  }

  private static CommandRun java(String... arguments) {
    var command = new ArrayList<>(List.of(
        "env", "XDG_CACHE_HOME=" + FOLDER.resolve("cache"),
        Path.of(System.getProperty("java.home"), "bin", "java").toString()));
    command.addAll(List.of(arguments));
    return CommandRun.of(new CommandProcess(command));
  }

  /** No warning either, such as that native access was not enabled. */
  private static void assertEveryAnswerIsRight(CommandRun run) {
    assertThat(run.done().out()).isEqualToIgnoringNewLines("0 wrong answers of 320");
    assertThat(run.err()).isEmpty();
  }

  @Test
  void trainsAndAnswersEightThreadsOnTheClassPath() {
    assertEveryAnswerIsRight(java("--enable-native-access=ALL-UNNAMED", "-cp", path(), "consumer.Consumer"));
  }

  @Test
  void trainsAndAnswersEightThreadsOnTheModulePath() {
    assertEveryAnswerIsRight(
        java("--enable-native-access=io.github.densenet4j,jcuda", "-p", path(), "-m", "consumer/consumer.Consumer"));
  }

  @Test
  void oneDependencyBringsLittle() {
    var jars = classPath.stream().skip(1).toList();
    assertThat(jars)
        .extracting(jar -> jar.getFileName().toString().replaceFirst("-\\d.*", ""))
        .containsExactlyInAnyOrder("densenet4j", "fastcsv", "jackson-core", "jcuda", "pickle");
    assertThat(jars)
        .flatExtracting(jar -> new Artifact(jar).entries())
        .noneMatch(entry -> entry.startsWith("picocli/"))
        .noneMatch(entry -> entry.matches("(.*/)?lib(cuda|cudnn|cublas)[^/]*"));
  }
}
