package io.github.densenet4j.internal.backend.cuda.cudnn;

import io.github.densenet4j.error.DeviceException;
import io.github.densenet4j.internal.backend.cuda.library.NativeConstant;
import java.lang.System.Logger.Level;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Chooses the algorithms of a convolution: by cuDNN's heuristics, or by trying them all on the device. What was chosen
 * for shapes is chosen for equal shapes; a measurement takes the place of a guess. Where none keeps the limit of the
 * workspace, the smallest is taken. Belongs to one handle.
 */
public final class ConvolutionPlanner {
  /** More than there are algorithms, as one may come once for every math. */
  private static final int MOST_CANDIDATES = 32;

  private static final System.Logger LOG = System.getLogger(ConvolutionPlanner.class.getPackageName());

  private record Question(Operand a, Operand b, ConvolutionDescriptor convolution, Operand result) {
    Key key(ConvolutionDirection<?> direction) {
      return new Key(direction, a.shape(), b.shape(), convolution.shape(), result.shape());
    }

    /** For messages. */
    Object[] operands() {
      return new Object[] {a, b, convolution, result};
    }
  }

  private record Key(
      ConvolutionDirection<?> direction, Record first, Record second, ConvolutionShape convolution, Record result) {
    @Override
    public String toString() {
      return direction.name() + " of " + first + ", " + second + ", " + convolution + " -> " + result;
    }
  }

  private record Entry(ConvolutionChoice<?> choice, boolean measured) {}

  private final Cudnn cudnn;
  private final PlannerOptions options;
  private final MemorySegment candidates;
  private final Map<Key, Entry> choices = new HashMap<>();

  ConvolutionPlanner(Cudnn cudnn, PlannerOptions options) {
    this.cudnn = cudnn;
    this.options = options;
    this.candidates = cudnn.allocate(AlgorithmPerformance.LAYOUT, MOST_CANDIDATES);
  }

  /** @throws DeviceException if the options allow no algorithm, as in all methods here */
  public ConvolutionChoice<ForwardAlgorithm> forward(
      Descriptor<TensorShape> y, Descriptor<TensorShape> x, Descriptor<FilterShape> w,
      ConvolutionDescriptor convolution) {
    return guess(ConvolutionDirection.FORWARD, Operand.of(x), Operand.of(w), convolution, Operand.of(y));
  }

  public ConvolutionChoice<BackwardDataAlgorithm> backwardData(
      Descriptor<TensorShape> dx, Descriptor<TensorShape> dy, Descriptor<FilterShape> w,
      ConvolutionDescriptor convolution) {
    return guess(ConvolutionDirection.BACKWARD_DATA, Operand.of(w), Operand.of(dy), convolution, Operand.of(dx));
  }

  public ConvolutionChoice<BackwardFilterAlgorithm> backwardFilter(
      Descriptor<FilterShape> dw, Descriptor<TensorShape> dy, Descriptor<TensorShape> x,
      ConvolutionDescriptor convolution) {
    return guess(ConvolutionDirection.BACKWARD_FILTER, Operand.of(x), Operand.of(dy), convolution, Operand.of(dw));
  }

  /** Runs every algorithm on these operands; y holds nothing of use afterwards. Not while a stream is captured. */
  public ConvolutionChoice<ForwardAlgorithm> measureForward(
      DeviceTensor y, DeviceTensor x, DeviceFilter w, ConvolutionDescriptor convolution, Workspace workspace) {
    return measure(ConvolutionDirection.FORWARD, Operand.of(x), Operand.of(w), convolution, Operand.of(y), workspace);
  }

  /** As {@link #measureForward}. */
  public ConvolutionChoice<BackwardDataAlgorithm> measureBackwardData(
      DeviceTensor dx, DeviceTensor dy, DeviceFilter w, ConvolutionDescriptor convolution, Workspace workspace) {
    return measure(
        ConvolutionDirection.BACKWARD_DATA, Operand.of(w), Operand.of(dy), convolution, Operand.of(dx), workspace);
  }

  /** As {@link #measureForward}. */
  public ConvolutionChoice<BackwardFilterAlgorithm> measureBackwardFilter(
      DeviceFilter dw, DeviceTensor dy, DeviceTensor x, ConvolutionDescriptor convolution, Workspace workspace) {
    return measure(
        ConvolutionDirection.BACKWARD_FILTER, Operand.of(x), Operand.of(dy), convolution, Operand.of(dw), workspace);
  }

  private <A extends Enum<A> & NativeConstant> ConvolutionChoice<A> guess(
      ConvolutionDirection<A> direction, Operand a, Operand b, ConvolutionDescriptor convolution, Operand result) {
    var question = new Question(a, b, convolution, result);
    var known = choices.get(question.key(direction));
    return known == null
        ? keep(direction, question, guesses(direction, question), false)
        : direction.cast(known.choice);
  }

  private <A extends Enum<A> & NativeConstant> ConvolutionChoice<A> measure(
      ConvolutionDirection<A> direction,
      Operand a,
      Operand b,
      ConvolutionDescriptor convolution,
      Operand result,
      Workspace workspace) {
    var question = new Question(a, b, convolution, result);
    var known = choices.get(question.key(direction));
    if (known != null && known.measured) {
      return direction.cast(known.choice);
    }
    var plans = measurements(direction, question, workspace);
    // What does not fit the workspace could not be tried.
    return keep(direction, question, plans.isEmpty() ? guesses(direction, question) : plans, true);
  }

  private <A extends Enum<A> & NativeConstant> List<ConvolutionPlan<A>> guesses(
      ConvolutionDirection<A> direction, Question question) {
    long description = question.convolution.address(options.math());
    var get = direction.heuristics().apply(cudnn.calls());
    cudnn.call(
        "cudnnGetConvolution" + direction.name() + "Algorithm_v7",
        () ->
            (int)
                get.invokeExact(
                    cudnn.handle(), question.a.description(), question.b.description(), description,
                    question.result.description(), MOST_CANDIDATES, cudnn.result(), candidates),
        question.operands());
    return plans(direction, question);
  }

  private <A extends Enum<A> & NativeConstant> List<ConvolutionPlan<A>> measurements(
      ConvolutionDirection<A> direction, Question question, Workspace workspace) {
    long description = question.convolution.address(options.math());
    var find = direction.measurement().apply(cudnn.calls());
    cudnn.call(
        "cudnnFindConvolution" + direction.name() + "AlgorithmEx",
        () ->
            (int)
                find.invokeExact(
                    cudnn.handle(), question.a.description(), question.a.data(), question.b.description(),
                    question.b.data(), description, question.result.description(), question.result.data(),
                    MOST_CANDIDATES, cudnn.result(), candidates, workspace.data().address(), workspace.bytes()),
        question.operands());
    return plans(direction, question);
  }

  /** What the options allow of what cuDNN has offered, which gives the fastest first. */
  private <A extends Enum<A> & NativeConstant> List<ConvolutionPlan<A>> plans(
      ConvolutionDirection<A> direction, Question question) {
    var offered = AlgorithmPerformance.read(candidates, cudnn.result().get(ValueLayout.JAVA_INT, 0)).toList();
    return offered.stream()
        .filter(options::allows)
        .flatMap(candidate -> plan(direction, question, candidate).stream())
        .distinct()
        .toList();
  }

  /** Asks for the workspace again: cuDNN's answer may be that of another math than the one that is set. */
  private <A extends Enum<A> & NativeConstant> Optional<ConvolutionPlan<A>> plan(
      ConvolutionDirection<A> direction, Question question, AlgorithmPerformance candidate) {
    var algorithm = direction.algorithm(candidate);
    var math = options.math(candidate);
    if (algorithm.isEmpty() || math.isEmpty()) {
      return Optional.empty();
    }
    try {
      long bytes =
          cudnn.convolutions()
              .workspace(
                  direction, question.a, question.b, question.convolution, question.result, algorithm.get(),
                  math.get());
      return Optional.of(new ConvolutionPlan<>(algorithm.get(), bytes, candidate.deterministic(), math.get()));
    } catch (DeviceException e) {
      return Optional.empty(); // not with this math
    }
  }

  private <A extends Enum<A> & NativeConstant> ConvolutionChoice<A> keep(
      ConvolutionDirection<A> direction, Question question, List<ConvolutionPlan<A>> plans, boolean measured) {
    var key = question.key(direction);
    if (plans.isEmpty()) {
      throw nothing(key);
    }
    var fitting = plans.stream().filter(plan -> plan.workspaceBytes() <= options.workspaceLimit());
    var larger =
        plans.stream()
            .filter(plan -> plan.workspaceBytes() > options.workspaceLimit())
            .sorted(Comparator.comparingLong(ConvolutionPlan::workspaceBytes));
    var ordered = Stream.concat(fitting, larger).toList();
    var choice = new ConvolutionChoice<>(ordered, options.workspaceLimit());
    if (choice.plan().workspaceBytes() > options.workspaceLimit()) {
      LOG.log(
          Level.WARNING,
          "no algorithm of cuDNN " + cudnn.library().version() + " for the convolution " + key + " fits ("
              + options + "): the smallest takes " + choice.plan().workspaceBytes() + " bytes");
    }
    choices.put(key, new Entry(choice, measured));
    return choice;
  }

  private DeviceException nothing(Key key) {
    var offered = AlgorithmPerformance.read(candidates, cudnn.result().get(ValueLayout.JAVA_INT, 0));
    long works = offered.filter(candidate -> candidate.status() == CudnnStatus.SUCCESS.value()).count();
    return new DeviceException(
        "cuDNN " + cudnn.library().version() + " has no algorithm for the convolution " + key + " that is allowed ("
            + options + ") among the " + works + " that work: allow algorithms that are not deterministic");
  }
}
