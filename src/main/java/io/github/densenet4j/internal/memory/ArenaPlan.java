package io.github.densenet4j.internal.memory;

import io.github.densenet4j.internal.program.Op;
import io.github.densenet4j.internal.program.Program;
import io.github.densenet4j.internal.tensor.Buffer;
import io.github.densenet4j.internal.tensor.BufferView;
import io.github.densenet4j.internal.tensor.Category;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.function.ToLongFunction;

/**
 * The place of every buffer of a program in one arena. Lasting buffers come first and overlap nothing; the others share
 * the rest of the arena by lifetime, an operation's scratch memory among them.
 *
 * <p>Offsets and sizes are in bytes; every offset is a multiple of {@link #ALIGNMENT}.
 */
public final class ArenaPlan {
  public static final int ALIGNMENT = 64;

  private final Map<Buffer, Placement> placements = new LinkedHashMap<>();
  private final Map<String, Placement> own = new HashMap<>();
  private final Map<Op, Placement> workspaces = new IdentityHashMap<>();
  private final Map<Category, Long> categories = new EnumMap<>(Category.class);
  private final List<StageBytes> stages;
  private final Peak peak;
  private final long totalBytes;

  private ArenaPlan(Program program, Lifetimes lifetimes, List<OwnBuffer> ownBuffers) {
    var live = Live.of(lifetimes.passing(), program.ops().size());
    peak = Peak.of(program, lifetimes, live);
    stages = StageBytes.of(lifetimes.passing(), program.ops().size(), peak.index());
    for (var category : Category.values()) {
      categories.put(category, 0L);
    }
    long lasting = 0;
    for (var lifetime : lifetimes.lasting()) {
      placements.put(lifetime.buffer(), new Placement(lifetime, lasting));
      lasting += lifetime.bytes();
      categories.merge(lifetime.buffer().category(), lifetime.bytes(), Long::sum);
    }
    long total = lasting;
    for (var placement : Packing.pack(lifetimes.passing(), lasting, live)) {
      placements.put(placement.lifetime().buffer(), placement);
      total = Math.max(total, placement.end());
    }
    totalBytes = total;
    ownBuffers.forEach(buffer -> own.put(buffer.name(), placements.get(buffer.buffer())));
    lifetimes.workspaces().forEach((op, buffer) -> workspaces.put(op, placements.get(buffer)));
    categories.merge(Category.WORKSPACE, peak.workspaceBytes(), Long::sum);
    categories.merge(Category.ACTIVATIONS, total - lasting - peak.workspaceBytes(), Long::sum);
  }

  /**
   * Plans {@code program}.
   *
   * @param workspaceBytes the scratch memory that a backend needs for an operation, at least 0
   */
  public static ArenaPlan of(Program program, ToLongFunction<Op> workspaceBytes) {
    return of(program, workspaceBytes, List.of());
  }

  /**
   * Plans {@code program} and what a backend needs besides.
   *
   * @param own with different names
   */
  public static ArenaPlan of(Program program, ToLongFunction<Op> workspaceBytes, List<OwnBuffer> own) {
    return new ArenaPlan(program, Lifetimes.of(program.ops(), workspaceBytes, own), own);
  }

  /** What {@link #lowerBoundBytes} of such a plan is, without the search for places. */
  public static long lowerBoundBytes(Program program, ToLongFunction<Op> workspaceBytes, List<OwnBuffer> own) {
    var lifetimes = Lifetimes.of(program.ops(), workspaceBytes, own);
    return Peak.of(program, lifetimes, Live.of(lifetimes.passing(), program.ops().size())).bytes();
  }

  /** The next multiple of {@link #ALIGNMENT}, if {@code bytes} is none. */
  public static long aligned(long bytes) {
    return Math.ceilDiv(bytes, ALIGNMENT) * ALIGNMENT;
  }

  /** Bytes from the start of the arena to the place that {@code view} names. */
  public long offset(BufferView view) {
    var placement = placements.get(view.buffer());
    if (placement == null) {
      throw new IllegalArgumentException("no operation of the program uses " + view.buffer());
    }
    return placement.offset() + view.offset();
  }

  /** The scratch memory of {@code op}, or null if it needs none. */
  public Placement workspace(Op op) {
    return workspaces.get(op);
  }

  /**
   * The place of a buffer that the backend asked for.
   *
   * @throws IllegalArgumentException if it asked for none of that name
   */
  public Placement own(String name) {
    var placement = own.get(name);
    if (placement == null) {
      throw new IllegalArgumentException("the plan has no buffer " + name + " of the device's own");
    }
    return placement;
  }

  /** Every buffer and where it lies; lasting ones first, scratch memory included. */
  public List<Placement> placements() {
    return List.copyOf(placements.values());
  }

  /** The size of the arena, bytes. */
  public long totalBytes() {
    return totalBytes;
  }

  /** The largest sum of the buffers that live at one time: no plan can be smaller. */
  public long lowerBoundBytes() {
    return peak.bytes();
  }

  /** The operation at which that sum lives. */
  public Peak peak() {
    return peak;
  }

  /**
   * What each part of the network holds, in order of first use. At the peak these, scratch memory and the lasting
   * buffers add up to {@link #lowerBoundBytes}.
   */
  public List<StageBytes> stages() {
    return stages;
  }

  /**
   * The arena by category, in the order of the categories; the parts add up to {@link #totalBytes}. Scratch memory
   * counts with what the operation at the peak needs, everything else of the shared part as activations.
   */
  public Map<Category, Long> bytesByCategory() {
    return Collections.unmodifiableMap(categories);
  }

  /** The same by the categories' names in tables and JSON. */
  public SequencedMap<String, Long> bytesByLabel() {
    var labelled = new LinkedHashMap<String, Long>();
    categories.forEach((category, bytes) -> labelled.put(category.label(), bytes));
    return labelled;
  }
}
