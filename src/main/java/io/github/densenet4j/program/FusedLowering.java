package io.github.densenet4j.program;

import io.github.densenet4j.network.DenseNetConfig;
import io.github.densenet4j.network.Parameters;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * The default strategy: one feature buffer per dense block, batch statistics once per channel, BN and ReLU applied by
 * their consumers, gradients summed first and corrected once. Nothing is concatenated, stored normalised or recomputed.
 */
public final class FusedLowering implements Lowering {
  @Override
  public String name() {
    return "fused";
  }

  @Override
  public Program lower(DenseNetConfig config, Workload workload) {
    var parameters = new Parameters(config);
    var ports = Ports.of(config, parameters, workload);
    Map<Phase, List<Op>> phases = new EnumMap<>(Phase.class);
    if (workload.training()) {
      var training = new FusedNetwork(config, workload, parameters, ports, true);
      phases.put(Phase.FORWARD, training.forward());
      phases.put(Phase.BACKWARD, training.backward());
      phases.put(Phase.UPDATE, List.of(update(workload, parameters, ports)));
    }
    phases.put(Phase.INFER, new FusedNetwork(config, workload, parameters, ports, false).forward());
    return new Program(config, name(), workload, parameters, ports, phases);
  }

  private static Op update(Workload workload, Parameters parameters, Ports ports) {
    return new Op.SgdNesterov(
        ports.parameters().view(),
        ports.velocity().view(),
        ports.gradients().view(),
        ports.control().view(),
        workload.momentum(),
        workload.weightDecay(),
        parameters.learnableCount());
  }
}
