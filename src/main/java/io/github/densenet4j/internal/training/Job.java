package io.github.densenet4j.internal.training;

import io.github.densenet4j.data.Dataset;
import io.github.densenet4j.internal.checkpoint.NetworkState;
import io.github.densenet4j.internal.checkpoint.Recipe;
import io.github.densenet4j.internal.checkpoint.TrainedOn;
import io.github.densenet4j.train.TrainingListener;
import java.util.List;

/**
 * A training to do.
 *
 * @param start the network to start from
 * @param data to train on; fits the network
 * @param trainedOn what checkpoints keep of {@code data}
 * @param checkpointEvery steps between checkpoints within an epoch; 0: at the ends of epochs only
 * @param listeners told in this order
 */
public record Job(
    NetworkState start,
    Dataset data,
    TrainedOn trainedOn,
    Recipe recipe,
    long checkpointEvery,
    List<TrainingListener> listeners) {
  public Job {
    listeners = List.copyOf(listeners);
  }
}
