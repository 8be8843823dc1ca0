package io.github.densenet4j.internal.backend.cuda.cudnn;

import io.github.densenet4j.error.DeviceException;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * The ways to do a convolution of certain shapes, the best first. cuDNN may refuse one that it has offered: the first
 * that it does not refuse is kept.
 */
public final class ConvolutionChoice<A> {
  private static final System.Logger LOG = System.getLogger(ConvolutionChoice.class.getPackageName());

  private final List<ConvolutionPlan<A>> plans;
  private final long workspaceBytes;
  private int current;
  private boolean proven;

  /**
   * @param plans at least one
   * @param limit of the workspace for others than the best, bytes
   */
  ConvolutionChoice(List<ConvolutionPlan<A>> plans, long limit) {
    this.plans = List.copyOf(plans);
    long other =
        plans.stream()
            .skip(1)
            .mapToLong(ConvolutionPlan::workspaceBytes)
            .filter(bytes -> bytes <= limit)
            .min()
            .orElse(0);
    workspaceBytes = Math.max(plans.getFirst().workspaceBytes(), other);
  }

  /** The best that was not refused. */
  public ConvolutionPlan<A> plan() {
    return plans.get(current);
  }

  /** Memory for the best and, if that is refused, one other within the limit. */
  public long workspaceBytes() {
    return workspaceBytes;
  }

  /**
   * Computes by the best plan, or the next if that is refused, until one has been taken.
   *
   * @param healthy asked after a refusal: whether it is no more than that
   * @throws DeviceException if the last one is refused too, or the device is not healthy
   */
  public void run(Consumer<ConvolutionPlan<A>> computation, BooleanSupplier healthy) {
    while (true) {
      try {
        computation.accept(plan());
        proven = true;
        return;
      } catch (DeviceException e) {
        int next = next();
        if (proven || next == plans.size() || !healthy.getAsBoolean()) {
          throw e;
        }
        LOG.log(Level.WARNING, e.getMessage() + ": going on with " + plans.get(next).algorithm());
        current = next;
      }
    }
  }

  /** The next that there is memory for, or none. */
  private int next() {
    int next = current + 1;
    while (next < plans.size() && plans.get(next).workspaceBytes() > workspaceBytes) {
      next++;
    }
    return next;
  }
}
