package io.github.densenet4j.internal.program;

import io.github.densenet4j.config.DenseNetConfig;
import io.github.densenet4j.internal.network.Names;
import io.github.densenet4j.internal.network.Parameters;
import java.util.ArrayList;
import java.util.List;

/**
 * The part of a network before the first parameter that is trained: whole units (the stem, dense layers, transitions,
 * the last batch normalisation) all of whose parameters are frozen, in the network's order. It is computed as in
 * evaluation, with running statistics and without dropout, keeps nothing for the backward pass and has no gradients.
 * Frozen parameters behind a trained one keep their values and are computed as if they were trained.
 *
 * @param values learnable values in it, which are the first of all
 */
record FrozenPrefix(Parameters parameters, long values) {
  static FrozenPrefix of(DenseNetConfig config, Parameters parameters, Workload workload) {
    long trained = parameters.learnableCount();
    for (var parameter : parameters.learnable().reversed()) {
      trained = workload.frozen().contains(parameter.name()) ? trained : parameter.offset();
    }
    long values = 0;
    for (String first : units(config)) {
      long start = parameters.get(first).offset();
      values = start <= trained ? start : values;
    }
    return new FrozenPrefix(parameters, values);
  }

  /** The first parameter of each unit. */
  private static List<String> units(DenseNetConfig config) {
    var units = new ArrayList<String>();
    for (var block : config.blocks()) {
      for (int layer = 0; layer < block.layers(); layer++) {
        units.add(Names.layer(block.index(), layer) + ".norm1.weight");
      }
      boolean last = block.index() == config.blocks().size() - 1;
      units.add(last ? "features.norm5.weight" : Names.transition(block.index()) + ".norm.weight");
    }
    units.add("classifier.weight");
    return units;
  }

  /** Whether a learnable parameter is in it. */
  boolean has(String parameter) {
    return parameters.get(parameter).offset() < values;
  }
}
