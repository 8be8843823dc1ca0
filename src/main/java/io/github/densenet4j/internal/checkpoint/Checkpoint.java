package io.github.densenet4j.internal.checkpoint;

import io.github.densenet4j.config.DenseNetConfig;
import io.github.densenet4j.internal.network.Parameters;
import java.util.Optional;

/**
 * Everything that training needs to go on as if it had not stopped, and that evaluation and prediction need to start.
 * Arrays are laid out as {@link Parameters} says and are not copied.
 *
 * @param computation where and how; empty if the file is of before that was kept
 * @param parameters learnable values
 * @param running running statistics
 * @param velocity the optimizer's momentum
 */
public record Checkpoint(
    DenseNetConfig config,
    TrainedOn data,
    Recipe recipe,
    Optional<Computation> computation,
    Progress progress,
    float[] parameters,
    float[] running,
    float[] velocity) {
  /** The network as such. */
  public NetworkState network() {
    return new NetworkState(config, data, progress.step(), parameters, running);
  }
}
