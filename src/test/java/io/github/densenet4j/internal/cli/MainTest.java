package io.github.densenet4j.internal.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MainTest {
  @ParameterizedTest
  @ValueSource(strings = {"train", "evaluate", "predict", "plan", "bench", "verify", "doctor"})
  void everyCommandHasHelp(String command) {
    var help = CommandRun.of(command, "--help").done();
    assertThat(help.out()).startsWith("Usage: densenet4j " + command).contains("--json", "--help", "--stacktrace");
    assertThat(help.err()).isEmpty();
    assertThat(CommandRun.of("--help").done().out()).contains("  " + command + " ");
  }

  @Test
  void theVersionIsThatOfTheBuild() {
    assertThat(CommandRun.of("--version").done().out().strip()).matches("densenet4j \\d+\\.\\d+\\.\\d+(-SNAPSHOT)?");
  }

  @Test
  void helpIsACommandToo() {
    assertThat(CommandRun.of("help", "train").done().out()).isEqualTo(CommandRun.of("train", "--help").done().out());
    assertThat(CommandRun.of("help").done().out()).startsWith("Usage: densenet4j ");
  }

  @Test
  void aMissingOrUnknownCommandIsRefused() {
    CommandRun.of().refused(2, "subcommand", "densenet4j --help");
    CommandRun.of("trian").refused(2, "'trian'", "did you mean train?");
    CommandRun.of("evalute").refused(2, "'evalute'", "did you mean evaluate?");
  }

  @Test
  void anUnknownOptionIsRefusedWithTheNearestThereIs() {
    CommandRun.of("plan", "--batch-sise=3").refused(2, "--batch-sise", "did you mean", "--batch-size");
  }

  @Test
  void aMissingOptionIsRefused() {
    CommandRun.of("train").refused(2, "--data", "densenet4j train --help");
    CommandRun.of("predict", "--checkpoint=x").refused(2, "IMAGE");
  }

  @Test
  void aValueOfTheWrongKindIsRefused() {
    CommandRun.of("plan", "--batch-size=many").refused(2, "--batch-size", "many");
    CommandRun.of("train", "--data=x", "--schedule=linear").refused(2, "--schedule", "'linear'", "step, cosine");
    CommandRun.of("plan", "--stem=vgg").refused(2, "--stem", "'vgg'", "cifar, imagenet");
    CommandRun.of("bench", "--mode=both").refused(2, "--mode", "'both'", "train, infer");
  }

  @Test
  void everyCommandThatComputesChecksWhereAndHow() {
    CommandRun.of("plan", "--device=gpu").refused(2, "--device", "'gpu'", "auto, cpu, cuda, cuda-software");
    CommandRun.of("plan", "--device=cuda").refused(1, "device cuda", "--device cpu");
    CommandRun.of("plan", "--threads=0").refused(2, "--threads is 0", "at least 1");
    CommandRun.of("plan", "--strategy=clever").refused(2, "--strategy", "'clever'", "fused, shared, naive");
    CommandRun.of("plan", "--strategy=naive", "--memory=minimal").refused(2, "--memory minimal", "default");
    CommandRun.of("plan", "--precision=fp16").refused(2, "--precision", "'fp16'", "fp32, bf16");
    CommandRun.of("plan", "--precision=bf16", "--strategy=naive").refused(2, "--precision bf16", "--strategy fused");
  }
}
