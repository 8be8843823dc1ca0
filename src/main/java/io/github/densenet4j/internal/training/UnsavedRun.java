package io.github.densenet4j.internal.training;

import io.github.densenet4j.data.Evaluation;
import io.github.densenet4j.internal.backend.NetworkSession;
import io.github.densenet4j.internal.checkpoint.Checkpoint;
import io.github.densenet4j.internal.checkpoint.NetworkState;
import io.github.densenet4j.internal.io.EpochMetrics;
import java.util.Optional;

/** A training without a folder: the best network is kept on the heap. */
public final class UnsavedRun implements RunStore {
  private NetworkState best;

  @Override
  public Optional<Checkpoint> resumed() {
    return Optional.empty();
  }

  @Override
  public void open(String device) {}

  /** Of use only if the training ends here, without an epoch. */
  @Override
  public void keep(Checkpoint checkpoint) {
    if (checkpoint.progress().epoch() == 0) {
      best = checkpoint.network();
    }
  }

  @Override
  public void keep(
      EpochMetrics epoch, Checkpoint checkpoint, Optional<Evaluation> evaluation, NetworkSession session) {
    if (checkpoint.progress().bestEpoch() == checkpoint.progress().epoch()) {
      best = checkpoint.network();
    }
  }

  @Override
  public void stop(Checkpoint checkpoint, Optional<Evaluation> evaluation, NetworkSession session) {
    if (best == null) {
      best = checkpoint.network();
    }
  }

  @Override
  public NetworkState best() {
    return best;
  }

  @Override
  public String remains() {
    return "the training has no folder and nothing is kept of it";
  }
}
