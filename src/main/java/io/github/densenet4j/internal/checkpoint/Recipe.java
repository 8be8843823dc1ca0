package io.github.densenet4j.internal.checkpoint;

import io.github.densenet4j.config.Stem;
import io.github.densenet4j.error.ConfigurationException;
import io.github.densenet4j.internal.program.Workload;
import io.github.densenet4j.train.Schedule;
import io.github.densenet4j.train.TrainingListener.Settings;
import java.util.List;
import java.util.OptionalDouble;

/**
 * What a checkpoint keeps of how its network is trained.
 *
 * @param settings whose schedule is known by name only if it was read from a file
 * @param frozen parameters that are not updated, under torchvision's names
 * @param classifierRate the classifier's where the schedule has its first one; empty if it is the schedule's
 */
public record Recipe(Settings settings, List<String> frozen, OptionalDouble classifierRate) {
  public Recipe {
    frozen = List.copyOf(frozen);
  }

  /** What a program must do to train so. */
  public Workload workload() {
    return Workload.training(settings.batch(), settings.momentum(), settings.weightDecay(), frozen)
        .withClassifierFactor(classifierFactor());
  }

  /** @throws ConfigurationException if the schedule has no first rate that the classifier's could go with */
  private double classifierFactor() {
    if (classifierRate.isEmpty()) {
      return 1;
    }
    double factor = classifierRate.getAsDouble() / settings.schedule().initialRate();
    if (!Double.isFinite(factor)) {
      throw new ConfigurationException(
          "classifier's learning rate is given, but the schedule begins with learning rate "
              + settings.schedule().initialRate() + ": use a larger learning rate",
          "classifier's learning rate", "learning rate");
    }
    return factor;
  }

  /** What a program must do to train all parameters with the paper's momentum and weight decay. */
  public static Workload paper(int batch) {
    var paper = Settings.paper(Stem.CIFAR);
    return Workload.training(batch, paper.momentum(), paper.weightDecay());
  }

  /** A schedule that was read from a file. */
  record Named(double initialRate, String describe) implements Schedule {
    @Override
    public double rate(Moment moment) {
      throw new IllegalStateException("of the schedule only its name is known: " + describe);
    }
  }
}
