package io.github.densenet4j.internal.training;

import io.github.densenet4j.data.Dataset;
import io.github.densenet4j.internal.checkpoint.Checkpoint;
import io.github.densenet4j.internal.checkpoint.Computation;
import io.github.densenet4j.internal.checkpoint.NetworkState;
import io.github.densenet4j.internal.checkpoint.Recipe;
import io.github.densenet4j.internal.checkpoint.TrainedOn;
import io.github.densenet4j.train.TrainingListener;
import java.util.List;
import java.util.OptionalInt;

/**
 * A training to do.
 *
 * @param start the network to start from
 * @param data to train on; fits the network
 * @param trainedOn what checkpoints keep of {@code data}
 * @param computation where and how, for checkpoints
 * @param origin what started it, for people; may be empty
 * @param checkpointEvery steps between checkpoints within an epoch; 0: at the ends of epochs only
 * @param readers threads that read images ahead; empty: as {@link BatchRing#threads} chooses
 * @param listeners told in this order
 */
public record Job(
    NetworkState start,
    Dataset data,
    TrainedOn trainedOn,
    Recipe recipe,
    Computation computation,
    String origin,
    long checkpointEvery,
    OptionalInt readers,
    List<TrainingListener> listeners) {
  public Job {
    listeners = List.copyOf(listeners);
  }

  /** The same, but data of the same content is called and normalised as in the checkpoint that is gone on from. */
  Job resuming(Checkpoint checkpoint) {
    boolean same = checkpoint.data().digest().equals(trainedOn.digest());
    return same
        ? new Job(start, data, checkpoint.data(), recipe, computation, origin, checkpointEvery, readers, listeners)
        : this;
  }
}
