package io.github.densenet4j.internal.backend.cuda;

import io.github.densenet4j.internal.backend.cuda.cudnn.ConvolutionPlanner;
import io.github.densenet4j.internal.backend.cuda.cudnn.DeviceFilter;
import io.github.densenet4j.internal.backend.cuda.cudnn.DeviceTensor;
import io.github.densenet4j.internal.backend.cuda.cudnn.Workspace;
import io.github.densenet4j.internal.backend.cuda.driver.CudaStream;
import io.github.densenet4j.internal.backend.cuda.driver.DeviceArena;
import java.util.HashSet;
import java.util.Set;

/**
 * Lets the planner try the algorithms of a convolution, in memory that is given back at once. What it finds it keeps:
 * its answers to questions about the same shapes are measured from then on.
 */
final class Measurement {
  private final ConvolutionPlanner planner;
  private final CudaStream stream;
  private final long workspaceLimit;
  private final Set<Done> done = new HashSet<>();

  Measurement(ConvolutionPlanner planner, CudaStream stream, long workspaceLimit) {
    this.planner = planner;
    this.stream = stream;
    this.workspaceLimit = workspaceLimit;
  }

  void forward(ConvolutionOperands c) {
    measure(Trial.FORWARD, c);
  }

  void backwardData(ConvolutionOperands c) {
    measure(Trial.BACKWARD_DATA, c);
  }

  void backwardFilter(ConvolutionOperands c) {
    measure(Trial.BACKWARD_FILTER, c);
  }

  /** A direction of a convolution; its result holds nothing of use afterwards. */
  @FunctionalInterface
  private interface Trial {
    Trial FORWARD =
        (planner, c, x, y, filter, workspace) -> planner.measureForward(y, x, filter, c.convolution(), workspace);
    Trial BACKWARD_DATA =
        (planner, c, x, y, filter, workspace) -> planner.measureBackwardData(x, y, filter, c.convolution(), workspace);
    Trial BACKWARD_FILTER =
        (planner, c, x, y, filter, workspace) ->
            planner.measureBackwardFilter(filter, y, x, c.convolution(), workspace);

    void run(
        ConvolutionPlanner planner, ConvolutionOperands c, DeviceTensor x, DeviceTensor y, DeviceFilter filter,
        Workspace workspace);
  }

  private record Done(Trial trial, ConvolutionOperands operands) {}

  private void measure(Trial trial, ConvolutionOperands c) {
    var work = new Done(trial, c);
    if (done.contains(work)) {
      return;
    }
    long x = c.x().shape().bytes();
    long y = c.y().shape().bytes();
    long filter = c.filter().shape().bytes();
    long bytes = Scratch.bytes(x, y, filter, workspaceLimit);
    try (var arena = new DeviceArena(stream, bytes)) {
      var scratch = new Scratch(arena.start(), bytes);
      trial.run(
          planner, c,
          new DeviceTensor(c.x(), scratch.take(x).data()),
          new DeviceTensor(c.y(), scratch.take(y).data()),
          new DeviceFilter(c.filter(), scratch.take(filter).data()),
          scratch.take(workspaceLimit));
      stream.synchronize();
    }
    done.add(work);
  }
}
