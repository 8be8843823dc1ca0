package io.github.densenet4j.internal.program;

import io.github.densenet4j.config.DenseNetConfig;
import io.github.densenet4j.config.MemoryLevel;
import io.github.densenet4j.config.Precision;
import io.github.densenet4j.config.Strategy;
import io.github.densenet4j.internal.network.Parameters;
import io.github.densenet4j.internal.tensor.ElementType;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** A way to compute a network: turns its configuration into a program. */
public interface Lowering {
  Strategy strategy();

  /** What is kept for the backward pass. */
  default MemoryLevel memory() {
    return MemoryLevel.DEFAULT;
  }

  default Precision precision() {
    return Precision.FLOAT32;
  }

  /** How feature maps and their gradients are stored. */
  default ElementType type() {
    return precision() == Precision.FLOAT32 ? ElementType.FLOAT32 : ElementType.BFLOAT16;
  }

  /** Strategy, memory level and precision in short, for tables; what is usual goes without saying. */
  default String label() {
    String level = memory() == MemoryLevel.DEFAULT ? "" : " " + memory().label();
    String type = precision() == Precision.FLOAT32 ? "" : " " + precision().label();
    return strategy().label() + level + type;
  }

  /** Writes the network's passes with the ports and parameters of {@code buffers}. */
  Passes write(NetworkBuffers buffers);

  /** The whole program: the input's normalisation, passes, the optimizer's step, and inference. */
  default Program lower(DenseNetConfig config, Workload workload) {
    var parameters = new Parameters(config);
    var frozen = FrozenPrefix.of(config, parameters, workload);
    var ports = Ports.of(config, parameters, workload, frozen);
    Map<Phase, List<Op>> phases = new EnumMap<>(Phase.class);
    phases.put(Phase.INPUT, List.of(ports.input(config, workload)));
    if (workload.training()) {
      var passes = write(new NetworkBuffers(config, type(), workload.batch(), true, parameters, frozen, ports));
      phases.put(Phase.FORWARD, passes.forward());
      phases.put(Phase.BACKWARD, passes.backward());
      phases.put(Phase.UPDATE, ports.updates(workload, parameters, frozen));
    }
    var inference = write(new NetworkBuffers(config, type(), workload.batch(), false, parameters, frozen, ports));
    phases.put(Phase.FOLD, inference.fold());
    phases.put(Phase.INFER, inference.forward());
    return new Program(config, this, workload, parameters, ports, phases);
  }
}
