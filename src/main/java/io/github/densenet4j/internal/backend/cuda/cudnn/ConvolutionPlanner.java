package io.github.densenet4j.internal.backend.cuda.cudnn;

import io.github.densenet4j.error.DeviceException;
import io.github.densenet4j.internal.backend.cuda.library.NativeConstant;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Chooses the algorithm of a convolution: by cuDNN's heuristics, or by trying them all on the device. What was chosen
 * for shapes is chosen for equal shapes; a measurement takes the place of a guess. Belongs to one handle.
 */
public final class ConvolutionPlanner {
  /** More than there are algorithms, as one may come once for every math. */
  private static final int MOST_CANDIDATES = 32;

  private record Key(
      ConvolutionDirection<?> direction, Record first, Record second, ConvolutionShape convolution, Record result) {}

  private record Entry(ConvolutionPlan<?> plan, boolean measured) {}

  private final Cudnn cudnn;
  private final PlannerOptions options;
  private final MemorySegment candidates;
  private final Map<Key, Entry> plans = new HashMap<>();

  ConvolutionPlanner(Cudnn cudnn, PlannerOptions options) {
    this.cudnn = cudnn;
    this.options = options;
    this.candidates = cudnn.allocate(AlgorithmPerformance.LAYOUT, MOST_CANDIDATES);
  }

  /** @throws DeviceException if no algorithm fits the options, as in all methods here */
  public ConvolutionPlan<ForwardAlgorithm> forward(
      Descriptor<TensorShape> y, Descriptor<TensorShape> x, Descriptor<FilterShape> w, ConvolutionDescriptor convolution) {
    return guess(ConvolutionDirection.FORWARD, Operand.of(x), Operand.of(w), convolution, Operand.of(y));
  }

  public ConvolutionPlan<BackwardDataAlgorithm> backwardData(
      Descriptor<TensorShape> dx, Descriptor<TensorShape> dy, Descriptor<FilterShape> w, ConvolutionDescriptor convolution) {
    return guess(ConvolutionDirection.BACKWARD_DATA, Operand.of(w), Operand.of(dy), convolution, Operand.of(dx));
  }

  public ConvolutionPlan<BackwardFilterAlgorithm> backwardFilter(
      Descriptor<FilterShape> dw, Descriptor<TensorShape> dy, Descriptor<TensorShape> x, ConvolutionDescriptor convolution) {
    return guess(ConvolutionDirection.BACKWARD_FILTER, Operand.of(x), Operand.of(dy), convolution, Operand.of(dw));
  }

  /** Runs every algorithm on these operands; y holds nothing of use afterwards. Not while a stream is captured. */
  public ConvolutionPlan<ForwardAlgorithm> measureForward(
      DeviceTensor y, DeviceTensor x, DeviceFilter w, ConvolutionDescriptor convolution, Workspace workspace) {
    return measure(ConvolutionDirection.FORWARD, Operand.of(x), Operand.of(w), convolution, Operand.of(y), workspace);
  }

  /** As {@link #measureForward}. */
  public ConvolutionPlan<BackwardDataAlgorithm> measureBackwardData(
      DeviceTensor dx, DeviceTensor dy, DeviceFilter w, ConvolutionDescriptor convolution, Workspace workspace) {
    return measure(
        ConvolutionDirection.BACKWARD_DATA, Operand.of(w), Operand.of(dy), convolution, Operand.of(dx), workspace);
  }

  /** As {@link #measureForward}. */
  public ConvolutionPlan<BackwardFilterAlgorithm> measureBackwardFilter(
      DeviceFilter dw, DeviceTensor dy, DeviceTensor x, ConvolutionDescriptor convolution, Workspace workspace) {
    return measure(
        ConvolutionDirection.BACKWARD_FILTER, Operand.of(x), Operand.of(dy), convolution, Operand.of(dw), workspace);
  }

  private <A extends Enum<A> & NativeConstant> ConvolutionPlan<A> guess(
      ConvolutionDirection<A> direction, Operand a, Operand b, ConvolutionDescriptor convolution, Operand result) {
    var key = new Key(direction, a.shape(), b.shape(), convolution.shape(), result.shape());
    var known = known(direction, key);
    if (known.isPresent()) {
      return known.get();
    }
    long description = convolution.address(options.math());
    var get = direction.heuristics().apply(cudnn.calls());
    cudnn.call(
        "cudnnGetConvolution" + direction.name() + "Algorithm_v7",
        () ->
            (int)
                get.invokeExact(
                    cudnn.handle(), a.description(), b.description(), description, result.description(),
                    MOST_CANDIDATES, cudnn.result(), candidates),
        a, b, convolution, result);
    return take(direction, key, false);
  }

  private <A extends Enum<A> & NativeConstant> ConvolutionPlan<A> measure(
      ConvolutionDirection<A> direction,
      Operand a,
      Operand b,
      ConvolutionDescriptor convolution,
      Operand result,
      Workspace workspace) {
    var key = new Key(direction, a.shape(), b.shape(), convolution.shape(), result.shape());
    var known = known(direction, key);
    if (known.isPresent() && plans.get(key).measured()) {
      return known.get();
    }
    long description = convolution.address(options.math());
    var find = direction.measurement().apply(cudnn.calls());
    cudnn.call(
        "cudnnFindConvolution" + direction.name() + "AlgorithmEx",
        () ->
            (int)
                find.invokeExact(
                    cudnn.handle(), a.description(), a.data(), b.description(), b.data(), description,
                    result.description(), result.data(), MOST_CANDIDATES, cudnn.result(), candidates,
                    workspace.data().address(), workspace.bytes()),
        a, b, convolution, result);
    return take(direction, key, true);
  }

  private <A extends Enum<A> & NativeConstant> Optional<ConvolutionPlan<A>> known(
      ConvolutionDirection<A> direction, Key key) {
    return Optional.ofNullable(plans.get(key)).map(Entry::plan).map(direction::cast);
  }

  /** Takes the first that the options allow: both ways of asking give the fastest first. */
  private <A extends Enum<A> & NativeConstant> ConvolutionPlan<A> take(
      ConvolutionDirection<A> direction, Key key, boolean measured) {
    var offered = AlgorithmPerformance.read(candidates, cudnn.result().get(ValueLayout.JAVA_INT, 0)).toList();
    var plan =
        offered.stream()
            .filter(options::allows)
            .flatMap(candidate -> direction.plan(candidate).stream())
            .findFirst()
            .orElseThrow(() -> nothing(direction, key, offered));
    plans.put(key, new Entry(plan, measured));
    return plan;
  }

  private DeviceException nothing(ConvolutionDirection<?> direction, Key key, List<AlgorithmPerformance> offered) {
    var works = offered.stream().filter(candidate -> candidate.status() == CudnnStatus.SUCCESS.value()).toList();
    String least =
        works.stream()
            .map(AlgorithmPerformance::workspaceBytes)
            .min(Long::compare)
            .map(bytes -> ", the smallest workspace of which is " + bytes + " bytes")
            .orElse("");
    return new DeviceException(
        "cuDNN " + cudnn.library().version() + " has no algorithm for the convolution " + direction.name() + " of "
            + key.first() + ", " + key.second() + ", " + key.convolution() + " -> " + key.result() + " that fits ("
            + options + ") among the " + works.size() + " that work" + least
            + ": allow a larger workspace or algorithms that are not deterministic");
  }
}
