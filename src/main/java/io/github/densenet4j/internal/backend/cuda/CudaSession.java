package io.github.densenet4j.internal.backend.cuda;

import io.github.densenet4j.config.CudaOptions;
import io.github.densenet4j.error.DeviceException;
import io.github.densenet4j.internal.backend.Session;
import io.github.densenet4j.internal.backend.cuda.driver.CudaGraph;
import io.github.densenet4j.internal.backend.cuda.driver.DeviceArena;
import io.github.densenet4j.internal.backend.cuda.driver.DevicePointer;
import io.github.densenet4j.internal.memory.ArenaPlan;
import io.github.densenet4j.internal.program.Op;
import io.github.densenet4j.internal.program.Phase;
import io.github.densenet4j.internal.program.Program;
import io.github.densenet4j.internal.tensor.BufferView;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A program in an arena of the device. The first run of a list of phases waits for every operation, so that an error
 * names it and libraries load what they need; from the second on the list is one CUDA graph, with marks by which an
 * error names a few operations.
 */
final class CudaSession implements Session {
  private final CudaRuntime runtime;
  private final CudaOptions options;
  private final Program program;
  private final ArenaPlan plan;
  private final Runnable closed;
  private final Parts parts = new Parts();
  private final Progress progress;
  private final DeviceArena arena;
  private final Staging staging;
  private final Map<Phase, List<Step>> steps = new EnumMap<>(Phase.class);
  private final Map<List<Phase>, Work> works = new HashMap<>();
  private final Map<Phase, TimedPhase> timings = new EnumMap<>(Phase.class);
  private Launch parametersWritten = Launch.NOTHING;
  private List<? extends List<? extends Op>> madeTogether = List.of();
  private boolean open = true;

  /** @param closed run once, after the arena and all else has been given back */
  CudaSession(CudaRuntime runtime, CudaOptions options, Program program, ArenaPlan plan, Runnable closed) {
    this.runtime = runtime;
    this.options = options;
    this.program = program;
    this.plan = plan;
    this.closed = closed;
    try {
      progress = parts.keep(new Progress(runtime)); // given back last: what frees the arena waits for the graphs
      arena = parts.keep(new DeviceArena(runtime.stream(), plan.totalBytes()));
      staging = parts.keep(new Staging(runtime, arena, program.ports()));
      bind();
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  private void bind() {
    Places places = view -> arena.start().plus(plan.offset(view));
    if (FusedProgram.isFused(program)) {
      var whole = new FusedProgram(program, runtime.context().device());
      var fused = new FusedLaunches(runtime.kernels(), places, new Own(), whole, options.tf32());
      parametersWritten = fused.packing();
      madeTogether = whole.madeTogether();
      bind(new Launches(runtime, places, program.workload().batch(), fused));
    } else {
      bind(new Launches(runtime, places, program.workload().batch(), null));
    }
  }

  private void bind(Launches launches) {
    for (var phase : Phase.values()) {
      var bound = new ArrayList<Step>();
      for (var op : program.ops(phase)) {
        bound.add(new Step(op, phase, bound.size(), launches.of(op, scratch(op))));
      }
      steps.put(phase, bound);
    }
  }

  private Scratch scratch(Op op) {
    var workspace = plan.workspace(op);
    return workspace == null
        ? new Scratch(DevicePointer.NULL, 0)
        : new Scratch(arena.start().plus(workspace.offset()), workspace.lifetime().buffer().bytes());
  }

  @Override
  public void run(List<Phase> phases) {
    requireOpen();
    whole(staging::handOver);
    works.computeIfAbsent(phases, this::work).run();
  }

  private Work work(List<Phase> phases) {
    return new Work(phases.stream().flatMap(phase -> steps.get(phase).stream()).toList());
  }

  @Override
  public void run(Phase phase, long[] nanoseconds) {
    time(phase, nanoseconds, TimedPhase::launch);
  }

  @Override
  public void replay(Phase phase, long[] nanoseconds) {
    time(phase, nanoseconds, options.checked() ? TimedPhase::launch : TimedPhase::replay);
  }

  private void time(Phase phase, long[] nanoseconds, Consumer<TimedPhase> way) {
    requireOpen();
    whole(staging::handOver);
    var timed = timings.computeIfAbsent(phase, this::timed);
    way.accept(timed);
    finish();
    timed.addTo(nanoseconds, madeTogether);
  }

  private TimedPhase timed(Phase phase) {
    return parts.keep(
        new TimedPhase(runtime, steps.get(phase), step -> attempt(step, () -> enqueueWhole(step))));
  }

  private void enqueue(Step step) {
    attempt(step, step.launch()::enqueue);
  }

  /** With what it puts aside for later ones to wait for. */
  private void enqueueWhole(Step step) {
    step.launch().enqueue();
    runtime.kernels().join().enqueue();
  }

  /** For calls that may be the first to hear of an error in what was run before. */
  private void whole(Runnable calls) {
    attempt("something in or before a step (checked mode names it)", calls);
  }

  /** @param what the calls are for, in the sentence of an error */
  private void attempt(Object what, Runnable calls) {
    try {
      calls.run();
    } catch (DeviceException e) {
      throw new DeviceException(
          runtime.context().device().name() + ": " + failed(what) + " failed: " + e.getMessage(), e, "checked mode");
    }
  }

  /** A graph that did not come to its end in a lost context, rather than those who hear of the loss. */
  private String failed(Object what) {
    var name = program.config().name();
    var begun = runtime.context().lost() ? progress.current() : Optional.<StepGroup>empty();
    return begun.map(group -> "a run of " + name + " that had begun " + group).orElse(what + " of " + name);
  }

  @Override
  public void finish() {
    requireOpen();
    whole(runtime.stream()::synchronize);
  }

  @Override
  public void write(BufferView target, MemorySegment source) {
    requireOpen();
    target.requireRoom(source.byteSize());
    whole(() -> staging.write(plan.offset(target), source));
    if (target.buffer() == program.ports().parameters()) {
      whole(parametersWritten::enqueue);
    }
  }

  @Override
  public void read(BufferView source, MemorySegment target) {
    requireOpen();
    source.requireRoom(target.byteSize());
    whole(() -> staging.read(plan.offset(source), target));
  }

  @Override
  public long allocatedBytes() {
    requireOpen();
    return arena.bytes();
  }

  private void requireOpen() {
    if (!open) {
      throw new IllegalStateException("the session is closed");
    }
    runtime.context().requireUsable();
  }

  @Override
  public void close() {
    if (!open) {
      return;
    }
    runtime.context().requireOwner();
    open = false;
    try {
      parts.close();
    } finally {
      closed.run();
    }
  }

  /** Where the plan has put what the device needs besides the program's buffers. */
  private final class Own implements OwnPlaces {
    @Override
    public DevicePointer of(String name) {
      return arena.start().plus(plan.own(name).offset());
    }

    @Override
    public Launch cleared(String name) {
      var place = plan.own(name);
      return () -> arena.clear(place.offset(), place.lifetime().bytes(), runtime.stream());
    }

    @Override
    public void write(String name, long[] words) {
      staging.write(plan.own(name).offset(), MemorySegment.ofArray(words));
    }
  }

  /** A list of operations that is run again and again. */
  private final class Work {
    private final List<Step> list;
    private boolean checked;
    private CudaGraph graph;

    Work(List<Step> list) {
      this.list = list;
    }

    void run() {
      if (list.isEmpty()) {
        return;
      }
      if (!checked || options.checked()) {
        list.forEach(this::check);
        if (!checked) {
          runtime.requireOneInstallation(); // libraries load what they need as late as that
          checked = true;
        }
        return;
      }
      if (graph == null) {
        finish(); // so that errors of what was run before are heard of here
        graph = parts.keep(runtime.stream().capture(this::recordSteps));
      }
      whole(() -> graph.launch(runtime.stream()));
    }

    private void recordSteps() {
      for (var group : StepGroup.of(list)) {
        whole(() -> progress.enter(group));
        group.steps().forEach(CudaSession.this::enqueue);
      }
      whole(progress::leave);
    }

    private void check(Step step) {
      attempt(
          step,
          () -> {
            enqueueWhole(step);
            runtime.stream().synchronize();
          });
    }
  }
}
