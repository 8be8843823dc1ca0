package io.github.densenet4j.internal.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.densenet4j.data.TestFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FineTuningOptionsTest {
  @TempDir private Path folder;

  private static long planned(String... more) {
    String[] arguments = {"plan", "--model=bc-40-12", "--batch-size=8", "--device=cpu", "--json"};
    var all = Stream.of(arguments, more).flatMap(Arrays::stream).toArray(String[]::new);
    return (Long) ((Map<?, ?>) CommandRun.of(all).json().get("bytes")).get("total");
  }

  @Test
  void planShowsWhatFreezingSaves() {
    long whole = planned();
    long one = planned("--freeze=blocks=1");
    long two = planned("--freeze=blocks=2");
    long all = planned("--freeze=all-but-classifier");
    assertThat(one).isLessThan(whole);
    assertThat(two).isLessThan(one);
    assertThat(all).isLessThan(two);
    assertThat(planned("--freeze=conv0|denseblock1|transition1")).isEqualTo(one);
  }

  @Test
  void badPartsAreRefused() {
    plan("blocks=4").refused(2, "--freeze blocks is 4", "the 3 of bc-40-12");
    plan("blocks=x").refused(2, "--freeze", "number of blocks");
    plan("nothing").refused(2, "--freeze is 'nothing'", "no parameter");
    plan("(").refused(2, "--freeze is '('", "regular expression");
    plan(".*").refused(2, "all parameters are frozen");
    CommandRun.of("plan", "--infer", "--freeze=blocks=1").refused(2, "--freeze", "--infer");
  }

  private static CommandRun plan(String freeze) {
    return CommandRun.of("plan", "--model=bc-40-12", "--device=cpu", "--freeze=" + freeze);
  }

  @Test
  void trainFreezesAndExtends() throws IOException {
    TestFiles.writeLearnableIdxFolder(folder.resolve("data"), 60, 20, 8);
    Path out = folder.resolve("run");
    String[] options = {"--batch-size=20", "--freeze=blocks=1", "--classifier-lr=0.5"};
    train(out, options, "--epochs=1").done();
    train(out, options, "--epochs=2", "--resume").refused(2, "epochs 1, now it is 2", "--extend");
    train(out, options, "--epochs=2", "--extend").refused(2, "--extend is about", "--resume");
    var run = train(out, options, "--epochs=2", "--resume", "--extend");
    assertThat(run.done().err()).contains("started with 1 epochs and goes on to 2");
    train(out, options, "--epochs=2", "--resume").done();
  }

  private CommandRun train(Path out, String[] options, String... more) {
    var all = Stream.of(options, more).flatMap(Arrays::stream).toArray(String[]::new);
    return CommandRun.train(folder.resolve("data"), out, all);
  }
}
