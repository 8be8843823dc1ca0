package io.github.densenet4j.internal.backend.cuda;

import io.github.densenet4j.internal.backend.cuda.cudnn.BackwardDataAlgorithm;
import io.github.densenet4j.internal.backend.cuda.cudnn.BackwardFilterAlgorithm;
import io.github.densenet4j.internal.backend.cuda.cudnn.ConvolutionChoice;
import io.github.densenet4j.internal.backend.cuda.cudnn.ConvolutionPlanner;
import io.github.densenet4j.internal.backend.cuda.cudnn.Convolutions;
import io.github.densenet4j.internal.backend.cuda.cudnn.DeviceFilter;
import io.github.densenet4j.internal.backend.cuda.cudnn.DeviceTensor;
import io.github.densenet4j.internal.backend.cuda.cudnn.ForwardAlgorithm;
import io.github.densenet4j.internal.backend.cuda.driver.DevicePointer;
import io.github.densenet4j.internal.program.PlainOp;
import io.github.densenet4j.internal.tensor.BufferView;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * Convolutions by cuDNN. Its algorithms for NHWC tensors want filters (out, kernel, kernel, in), ours are (out, in,
 * kernel, kernel): filters of more than one place and one input channel are turned in scratch memory.
 */
final class ConvolutionLaunches {
  private final Convolutions convolutions;
  private final ConvolutionPlanner planner;
  private final Descriptors descriptors;
  private final Kernels kernels;
  private final Places places;
  private final Optional<Measurement> measurement;
  private final BooleanSupplier healthy;

  /** @param healthy whether the device still works after an error */
  ConvolutionLaunches(NvidiaHandles libraries, Kernels kernels, Places places, BooleanSupplier healthy) {
    this.convolutions = libraries.cudnn().convolutions();
    this.planner = libraries.planner();
    this.descriptors = libraries.descriptors();
    this.kernels = kernels;
    this.places = places;
    this.measurement = libraries.measurement();
    this.healthy = healthy;
  }

  long workspaceBytes(PlainOp.ConvFprop op) {
    var c = ConvolutionOperands.of(descriptors, op);
    return Scratch.bytes(c.turnedBytes(), forward(c).workspaceBytes());
  }

  long workspaceBytes(PlainOp.ConvDgrad op) {
    var c = ConvolutionOperands.of(descriptors, op);
    return Scratch.bytes(c.turnedBytes(), backwardData(c).workspaceBytes());
  }

  long workspaceBytes(PlainOp.ConvWgrad op) {
    var c = ConvolutionOperands.of(descriptors, op);
    return Scratch.bytes(c.turnedBytes(), backwardFilter(c).workspaceBytes());
  }

  private ConvolutionChoice<ForwardAlgorithm> forward(ConvolutionOperands c) {
    measurement.ifPresent(trial -> trial.forward(c));
    return planner.forward(c.y(), c.x(), c.filter(), c.convolution());
  }

  private ConvolutionChoice<BackwardDataAlgorithm> backwardData(ConvolutionOperands c) {
    measurement.ifPresent(trial -> trial.backwardData(c));
    return planner.backwardData(c.x(), c.y(), c.filter(), c.convolution());
  }

  private ConvolutionChoice<BackwardFilterAlgorithm> backwardFilter(ConvolutionOperands c) {
    measurement.ifPresent(trial -> trial.backwardFilter(c));
    return planner.backwardFilter(c.filter(), c.y(), c.x(), c.convolution());
  }

  Launch of(PlainOp.ConvFprop op, Scratch scratch) {
    var c = ConvolutionOperands.of(descriptors, op);
    var turned = turned(op.weight(), c, scratch);
    var choice = forward(c);
    var workspace = scratch.take(choice.workspaceBytes());
    var y = new DeviceTensor(c.y(), places.of(op.y().data()));
    var x = new DeviceTensor(c.x(), places.of(op.x().data()));
    var weight = new DeviceFilter(c.filter(), turned);
    var turn = turn(turned, op.weight(), c);
    return () -> {
      turn.enqueue();
      choice.run(plan -> convolutions.forward(y, x, weight, c.convolution(), plan, workspace), healthy);
    };
  }

  Launch of(PlainOp.ConvDgrad op, Scratch scratch) {
    var c = ConvolutionOperands.of(descriptors, op);
    var turned = turned(op.weight(), c, scratch);
    var choice = backwardData(c);
    var workspace = scratch.take(choice.workspaceBytes());
    var dx = new DeviceTensor(c.x(), places.of(op.dx().data()));
    var dy = new DeviceTensor(c.y(), places.of(op.dy().data()));
    var weight = new DeviceFilter(c.filter(), turned);
    var turn = turn(turned, op.weight(), c);
    return () -> {
      turn.enqueue();
      choice.run(plan -> convolutions.backwardData(dx, dy, weight, c.convolution(), plan, workspace), healthy);
    };
  }

  Launch of(PlainOp.ConvWgrad op, Scratch scratch) {
    var c = ConvolutionOperands.of(descriptors, op);
    var turned = turned(op.dweight(), c, scratch);
    var choice = backwardFilter(c);
    var workspace = scratch.take(choice.workspaceBytes());
    var dy = new DeviceTensor(c.y(), places.of(op.dy().data()));
    var x = new DeviceTensor(c.x(), places.of(op.x().data()));
    var dweight = new DeviceFilter(c.filter(), turned);
    var turnBack = turnBack(op.dweight(), turned, c);
    return () -> {
      choice.run(plan -> convolutions.backwardFilter(dweight, dy, x, c.convolution(), plan, workspace), healthy);
      turnBack.enqueue();
    };
  }

  /** Where the filter lies as cuDNN wants it. */
  private DevicePointer turned(BufferView weight, ConvolutionOperands c, Scratch scratch) {
    return c.turnedBytes() == 0 ? places.of(weight) : scratch.take(c.turnedBytes()).data();
  }

  private Launch turn(DevicePointer turned, BufferView weight, ConvolutionOperands c) {
    return transpose(turned, places.of(weight), c, c.inChannels(), c.taps());
  }

  private Launch turnBack(BufferView dweight, DevicePointer turned, ConvolutionOperands c) {
    return transpose(places.of(dweight), turned, c, c.taps(), c.inChannels());
  }

  private Launch transpose(DevicePointer to, DevicePointer from, ConvolutionOperands c, long rows, long columns) {
    return c.turnedBytes() == 0
        ? () -> {}
        : kernels.covering(
            c.outChannels() * rows * columns, "filter_transpose", to, from, c.outChannels(), rows, columns);
  }
}
