package io.github.densenet4j.internal.training;

import io.github.densenet4j.data.Evaluation;
import io.github.densenet4j.internal.backend.NetworkSession;
import io.github.densenet4j.internal.checkpoint.Checkpoint;
import io.github.densenet4j.internal.checkpoint.NetworkState;
import io.github.densenet4j.internal.io.EpochMetrics;
import java.util.Optional;

/** Where a training keeps what it comes to. */
public interface RunStore {
  /** Where the training stopped, if it had come to a checkpoint. */
  Optional<Checkpoint> resumed();

  /**
   * Makes ready for the training, before its first step.
   *
   * @param device that trains, for people
   * @throws io.github.densenet4j.error.CheckpointException if nothing can be kept
   */
  void open(String device);

  /** Keeps a checkpoint from within an epoch. */
  void keep(Checkpoint checkpoint);

  /**
   * Keeps what an epoch came to.
   *
   * @param checkpoint after it
   * @param evaluation of the held-out images, if there are any
   * @param session that trains, for its plan
   */
  void keep(EpochMetrics epoch, Checkpoint checkpoint, Optional<Evaluation> evaluation, NetworkSession session);

  /** Keeps a checkpoint of a training that a listener stopped within an epoch. */
  void stop(Checkpoint checkpoint, Optional<Evaluation> evaluation, NetworkSession session);

  /** The network of the best epoch; of a training that has come to none, the last one that was kept. */
  NetworkState best();

  /** What is left of a training that fails now, as a half sentence. */
  String remains();
}
