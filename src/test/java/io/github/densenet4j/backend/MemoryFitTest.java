package io.github.densenet4j.backend;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.densenet4j.error.DeviceException;
import io.github.densenet4j.memory.MemoryPlan;
import io.github.densenet4j.network.NamedModels;
import io.github.densenet4j.program.Lowering;
import io.github.densenet4j.program.Op;
import io.github.densenet4j.program.Program;
import io.github.densenet4j.program.Workload;
import org.junit.jupiter.api.Test;

class MemoryFitTest {
  private static final long BYTES = 100L << 20;

  /** A device with 100 MiB that computes nothing. */
  private static final Backend SMALL =
      new Backend() {
        @Override
        public String name() {
          return "small";
        }

        @Override
        public String description() {
          return "a device of this test";
        }

        @Override
        public long availableBytes() {
          return BYTES;
        }

        @Override
        public long workspaceBytes(Op op) {
          return 0;
        }

        @Override
        public Session load(Program program, MemoryPlan plan) {
          throw new AssertionError("a plan that does not fit was loaded");
        }
      };

  @Test
  void namesTheLargestBatchThatFits() {
    int largest = 0;
    while (SMALL.plan(program("bc-40-12", largest + 1)).totalBytes() <= BYTES) {
      largest++;
    }
    assertThatThrownBy(() -> new NetworkSession(SMALL, program("bc-40-12", 1000)))
        .isInstanceOf(DeviceException.class)
        .hasMessageContaining("small has only 100")
        .hasMessageEndingWith("use --batch-size " + largest + " or less");
    var fitting = program("bc-40-12", largest);
    assertThatCode(() -> MemoryFit.require(SMALL, fitting, SMALL.plan(fitting))).doesNotThrowAnyException();
  }

  @Test
  void saysIfNotEvenOneImageFits() {
    assertThatThrownBy(() -> new NetworkSession(SMALL, program("bc-190-40", 2)))
        .isInstanceOf(DeviceException.class)
        .hasMessageEndingWith("use a smaller network");
  }

  private static Program program(String model, int batch) {
    return Lowering.standard().lower(NamedModels.get(model), Workload.training(batch, 0.9, 0));
  }
}
