package io.github.densenet4j;

import io.github.densenet4j.data.Evaluation;
import io.github.densenet4j.internal.checkpoint.NetworkState;
import io.github.densenet4j.internal.training.Outcome;
import io.github.densenet4j.internal.training.RunFolder;
import io.github.densenet4j.train.Schedule;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Supplier;

/**
 * What a training ended with.
 *
 * @since 0.1
 */
public final class TrainingResult {
  private final Outcome outcome;
  private final Supplier<NetworkState> best;
  private final Path folder; // null if there is none

  TrainingResult(Outcome outcome, Supplier<NetworkState> best, Path folder) {
    this.outcome = outcome;
    this.best = best;
    this.folder = folder;
  }

  /** {@return the network with its last weights} */
  public DenseNet network() {
    return new DenseNet(outcome.last().network());
  }

  /**
   * The network as it was after the epoch with the highest held-out accuracy, the first of equals. Without held-out
   * images, or if no epoch was complete, that is the last one. A training with a folder reads it from there.
   *
   * @return a network of its own
   * @throws io.github.densenet4j.error.CheckpointException if the folder's files are gone or damaged
   */
  public DenseNet bestNetwork() {
    return new DenseNet(best.get());
  }

  /** {@return what {@link #network} makes of the held-out images, if there are any} */
  public Optional<Evaluation> evaluation() {
    return outcome.evaluation();
  }

  /** {@return the highest held-out accuracy after any epoch, in [0, 1], if one was measured} */
  public OptionalDouble bestAccuracy() {
    double accuracy = outcome.last().progress().bestAccuracy();
    return accuracy < 0 ? OptionalDouble.empty() : OptionalDouble.of(accuracy);
  }

  /** {@return the epoch that {@link #bestNetwork} is of, from 1; 0 if no epoch was complete} */
  public int bestEpoch() {
    return outcome.last().progress().bestEpoch();
  }

  /** {@return what each complete epoch came to, those of before a resume included} */
  public List<Schedule.Scores> history() {
    return outcome.last().progress().history();
  }

  /** {@return whether a listener ended the training; whether before its last epoch, {@link #history} tells} */
  public boolean stopped() {
    return outcome.stopped();
  }

  /** {@return the folder of checkpoints, metrics and report, if the training was given one} */
  public Optional<Path> folder() {
    return Optional.ofNullable(folder);
  }

  /** {@return the checkpoint of {@link #network}, if the training has a folder} */
  public Optional<Path> lastCheckpoint() {
    return file(RunFolder.LAST);
  }

  /** {@return the checkpoint of the best epoch, if the training has a folder and an epoch was complete} */
  public Optional<Path> bestCheckpoint() {
    return file(RunFolder.BEST);
  }

  /** {@return the report of the whole training, one HTML file that needs no other, under the same conditions} */
  public Optional<Path> report() {
    return file(RunFolder.REPORT);
  }

  private Optional<Path> file(String name) {
    return folder().map(path -> path.resolve(name)).filter(Files::exists);
  }
}
