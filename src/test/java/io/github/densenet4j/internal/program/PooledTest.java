package io.github.densenet4j.internal.program;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.densenet4j.config.DenseNetConfig;
import io.github.densenet4j.internal.memory.ArenaPlan;
import org.junit.jupiter.api.Test;

/** The pooled features can be read after an inference, because they live to the end of the program. */
class PooledTest {
  @Test
  void pooledFeaturesLiveToTheEnd() {
    var config = DenseNetConfig.named("bc-40-12");
    for (var lowering : Lowerings.all()) {
      for (var workload : new Workload[] {Workload.inference(3), Workload.training(3, 0.9, 0)}) {
        var program = lowering.lower(config, workload);
        var pooled = program.pooled();
        assertThat(pooled.offset()).isZero();
        assertThat(pooled.buffer().bytes()).isEqualTo(3L * config.finalChannels() * Float.BYTES);
        assertThat(ArenaPlan.of(program, _ -> 64).placements())
            .filteredOn(place -> place.lifetime().buffer() == pooled.buffer())
            .singleElement()
            .satisfies(place -> assertThat(place.lifetime().last()).isEqualTo(program.ops().size() - 1));
      }
    }
  }
}
