package io.github.densenet4j.internal.backend.cuda;

import io.github.densenet4j.internal.backend.cuda.driver.CudaEvent;
import io.github.densenet4j.internal.backend.cuda.driver.CudaGraph;
import io.github.densenet4j.internal.backend.cuda.driver.CudaStream;
import io.github.densenet4j.internal.program.Op;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/** The operations of a phase, with an event before the first that launches something and after each. */
final class TimedPhase implements AutoCloseable {
  private final Parts parts = new Parts();
  private final CudaStream stream;
  private final List<Step> steps;
  private final List<Step> launching;
  private final Consumer<Step> enqueue;
  private final List<CudaEvent> marks = new ArrayList<>();
  private boolean launched;
  private CudaGraph graph;

  /** @param enqueue puts all of an operation into the stream */
  TimedPhase(CudaRuntime runtime, List<Step> steps, Consumer<Step> enqueue) {
    stream = runtime.stream();
    this.steps = steps;
    launching = steps.stream().filter(step -> step.launch() != Launch.NOTHING).toList();
    this.enqueue = enqueue;
    try {
      for (int i = 0; i <= launching.size(); i++) {
        marks.add(parts.keep(CudaEvent.timed(runtime.context())));
      }
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  /** One by one: a device that is faster than the host launches waits, and its times are the host's. */
  void launch() {
    enqueue(CudaEvent::record);
    launched = true;
  }

  /** As a graph, once libraries have loaded what they load at the first launch. */
  void replay() {
    if (!launched) {
      launch();
      return;
    }
    if (graph == null) {
      graph = parts.keep(stream.capture(() -> enqueue(CudaEvent::recordInGraph)));
    }
    graph.launch(stream);
  }

  private void enqueue(BiConsumer<CudaEvent, CudaStream> mark) {
    mark.accept(marks.getFirst(), stream);
    for (int i = 0; i < launching.size(); i++) {
      enqueue.accept(launching.get(i));
      mark.accept(marks.get(i + 1), stream);
    }
  }

  /**
   * Adds what each operation of the last run took, which has ended.
   *
   * @param nanoseconds by the operation's place in the phase
   * @param madeTogether operations that are one kernel, list by list
   */
  void addTo(long[] nanoseconds, List<? extends List<? extends Op>> madeTogether) {
    long[] taken = new long[steps.size()];
    for (int i = 0; i < launching.size(); i++) {
      taken[launching.get(i).index()] = marks.get(i).until(marks.get(i + 1));
    }
    madeTogether.forEach(ops -> share(ops, taken));
    Arrays.setAll(nanoseconds, i -> nanoseconds[i] + taken[i]);
  }

  /** What a kernel of several operations took is shared out among them as their products are. */
  private void share(List<? extends Op> ops, long[] taken) {
    var makers = steps.stream().filter(step -> ops.contains(step.op())).toList();
    long whole = makers.stream().mapToLong(step -> taken[step.index()]).sum();
    double flops = makers.stream().mapToDouble(step -> step.op().flops()).sum();
    makers.forEach(step -> taken[step.index()] = Math.round(whole * (step.op().flops() / flops)));
  }

  @Override
  public void close() {
    parts.close();
  }
}
