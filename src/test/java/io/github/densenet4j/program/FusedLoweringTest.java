package io.github.densenet4j.program;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.densenet4j.error.ConfigurationException;
import io.github.densenet4j.network.DenseNetConfig;
import io.github.densenet4j.network.NamedModels;
import io.github.densenet4j.network.Parameters;
import io.github.densenet4j.network.Stem;
import io.github.densenet4j.tensor.BufferView;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.Test;

class FusedLoweringTest {
  private static DenseNetConfig tiny(int size) {
    return new DenseNetConfig("tiny", 4, List.of(1, 1, 1), 8, 4, 0.5, 0, Stem.CIFAR, 1, size, 3);
  }

  @Test
  void everyParameterGetsItsGradientOnce() {
    var program = new FusedLowering().lower(NamedModels.get("bc-40-12"), Workload.training(2, 0.9, 1e-4));
    var written = new HashSet<BufferView>();
    for (var op : program.ops(Phase.BACKWARD)) {
      gradients((Record) op, program, written);
    }
    var gradients = program.ports().gradients().view();
    assertThat(written)
        .containsExactlyInAnyOrderElementsOf(
            new Parameters(program.config())
                .learnable().stream().map(p -> gradients.plusFloats(p.offset())).toList());
  }

  private static void gradients(Record record, Program program, HashSet<BufferView> into) {
    for (var component : record.getClass().getRecordComponents()) {
      switch (Components.value(record, component)) {
        case BufferView view when view.buffer() == program.ports().gradients() ->
            assertThat(into.add(view)).as("%s of %s", component.getName(), record).isTrue();
        case Record nested -> gradients(nested, program, into);
        default -> {}
      }
    }
  }

  @Test
  void inferenceNeitherUpdatesNorRemembers() {
    var program = new FusedLowering().lower(NamedModels.get("densenet121"), Workload.inference(2));
    assertThat(program.ops(Phase.FORWARD)).isEmpty();
    assertThat(program.ops(Phase.INFER))
        .noneMatch(op -> op instanceof Op.BnFinalize || op instanceof Op.SoftmaxXent)
        .allMatch(op -> op.stem().endsWith("_fprop") || op.stem().equals("bn_fold"));
  }

  @Test
  void trainingOnOneValueAChannelIsRefused() {
    assertThatThrownBy(() -> new FusedLowering().lower(tiny(4), Workload.training(1, 0.9, 0)))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("--batch-size is 1");
    assertThat(new FusedLowering().lower(tiny(4), Workload.inference(1)).ops()).isNotEmpty();
    assertThat(new FusedLowering().lower(tiny(8), Workload.training(1, 0.9, 0)).ops()).isNotEmpty();
  }
}
