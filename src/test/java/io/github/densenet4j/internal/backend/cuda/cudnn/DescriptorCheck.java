package io.github.densenet4j.internal.backend.cuda.cudnn;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.densenet4j.internal.backend.library.LoadedLibrary;
import io.github.densenet4j.internal.backend.library.NativeType;
import io.github.densenet4j.internal.program.PlainOp;
import io.github.densenet4j.internal.program.Program;
import io.github.densenet4j.internal.tensor.Extent;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Sets a cuDNN's descriptors as the engine does, without a device, reads them back, and asks for the sizes that follow
 * from them.
 */
final class DescriptorCheck implements AutoCloseable {
  private final Arena arena = Arena.ofConfined();
  private final LoadedLibrary library;
  private final CudnnCalls calls;
  private final Map<String, MethodHandle> functions = new HashMap<>();

  /** @param file of a cuDNN whose parts are loaded or lie beside it */
  DescriptorCheck(Path file) {
    library = LoadedLibrary.load("cuDNN", file);
    calls = new CudnnCalls(library);
  }

  /** The descriptors of every convolution, pool and normalisation of a program. */
  void program(Program program) {
    for (var op : program.ops()) {
      switch (op) {
        case PlainOp.ConvFprop conv ->
            convolution(
                conv.extent(), FilterShape.krsc(conv.outChannels(), conv.kernel(), conv.inChannels()), conv.stride(),
                conv.padding());
        case PlainOp.MaxpoolFprop pool ->
            pooling(pool.extent(), pool.channels(), PoolingShape.of(PoolingMode.MAX_DETERMINISTIC, 3, 1, 2));
        case PlainOp.AvgpoolFprop pool ->
            pooling(
                pool.extent(), pool.channels(),
                PoolingShape.of(PoolingMode.AVERAGE_COUNT_EXCLUDE_PADDING, pool.window(), 0, pool.window()));
        case PlainOp.BnFprop bn -> normalization(TensorShape.nhwc(1, 1, bn.pixels(), bn.channels()));
        default -> { }
      }
    }
  }

  private void convolution(Extent extent, FilterShape filter, long stride, long padding) {
    var shape = ConvolutionShape.of(padding, stride);
    long x = tensor(TensorShape.nhwc(extent.batch(), extent.height(), extent.width(), filter.inChannels()));
    long w = filter(filter);
    long convolution = created(calls.createConvolutionDescriptor);
    succeed(
        calls.setConvolution2dDescriptor, convolution, shape.padding(), shape.padding(), shape.stride(),
        shape.stride(), 1, 1, ConvolutionMode.CROSS_CORRELATION.value(), shape.compute().value());
    assertThat(read("cudnnGetConvolution2dDescriptor", convolution, 8))
        .containsExactly(
            shape.padding(), shape.padding(), shape.stride(), shape.stride(), 1, 1,
            ConvolutionMode.CROSS_CORRELATION.value(), shape.compute().value());
    succeed(calls.setConvolutionMathType, convolution, MathType.FMA_MATH.value());
    assertThat(read("cudnnGetConvolutionMathType", convolution, 1)).containsExactly(MathType.FMA_MATH.value());

    var y = extent.windows(filter.height(), stride, padding);
    assertThat(read("cudnnGetConvolution2dForwardOutputDim", List.of(convolution, x, w), 4))
        .as("%s, %s, %s", extent, filter, shape)
        .containsExactly(ints(y.batch(), filter.outChannels(), y.height(), y.width()));
    succeed(calls.destroyConvolutionDescriptor, convolution);
    succeed(calls.destroyFilterDescriptor, w);
    succeed(calls.destroyTensorDescriptor, x);
  }

  private void pooling(Extent extent, long channels, PoolingShape shape) {
    long x = tensor(TensorShape.nhwc(extent.batch(), extent.height(), extent.width(), channels));
    long pooling = created(calls.createPoolingDescriptor);
    int[] set = {
      shape.mode().value(), NanPropagation.PROPAGATE_NAN.value(), shape.window(), shape.window(), shape.padding(),
      shape.padding(), shape.stride(), shape.stride()
    };
    succeed(calls.setPooling2dDescriptor, arguments(pooling, set));
    assertThat(read("cudnnGetPooling2dDescriptor", pooling, 8)).containsExactly(set);
    var y = extent.windows(shape.window(), shape.stride(), shape.padding());
    assertThat(read("cudnnGetPooling2dForwardOutputDim", List.of(pooling, x), 4))
        .as("%s, %s", extent, shape)
        .containsExactly(ints(y.batch(), channels, y.height(), y.width()));
    succeed(calls.destroyPoolingDescriptor, pooling);
    succeed(calls.destroyTensorDescriptor, x);
  }

  /** The descriptor of what a channel has is the one that cuDNN derives. */
  private void normalization(TensorShape shape) {
    long x = tensor(shape);
    long derived = created(calls.createTensorDescriptor);
    var derive =
        bound("cudnnDeriveBNTensorDescriptor", List.of(NativeType.OPAQUE, NativeType.OPAQUE, NativeType.INT));
    succeed(derive, derived, x, BatchNormMode.SPATIAL.value());
    var channels = TensorShape.perChannel(shape.channels());
    assertThat(Arrays.copyOf(read("cudnnGetTensor4dDescriptor", derived, 9), 5))
        .containsExactly(channels.type().value(), 1, channels.channels(), 1, 1);
    succeed(calls.destroyTensorDescriptor, derived);
    succeed(calls.destroyTensorDescriptor, x);
  }

  private long tensor(TensorShape shape) {
    long tensor = created(calls.createTensorDescriptor);
    int[] set = {
      shape.type().value(), shape.batch(), shape.channels(), shape.height(), shape.width(), shape.batchStride(),
      shape.channelStride(), shape.rowStride(), shape.columnStride()
    };
    succeed(calls.setTensor4dDescriptorEx, arguments(tensor, set));
    assertThat(read("cudnnGetTensor4dDescriptor", tensor, 9)).containsExactly(set);
    assertThat(size("cudnnGetTensorSizeInBytes", tensor)).as(shape.toString()).isEqualTo(shape.bytes());
    return tensor;
  }

  private long filter(FilterShape shape) {
    long filter = created(calls.createFilterDescriptor);
    int[] set = {
      shape.type().value(), shape.format().value(), shape.outChannels(), shape.inChannels(), shape.height(),
      shape.width()
    };
    succeed(calls.setFilter4dDescriptor, arguments(filter, set));
    assertThat(read("cudnnGetFilter4dDescriptor", filter, 6)).containsExactly(set);
    assertThat(size("cudnnGetFilterSizeInBytes", filter)).isEqualTo(shape.bytes());
    return filter;
  }

  private static int[] ints(long... values) {
    return IntStream.range(0, values.length).map(i -> Math.toIntExact(values[i])).toArray();
  }

  private static Object[] arguments(long descriptor, int[] values) {
    return Stream.concat(Stream.of(descriptor), IntStream.of(values).boxed()).toArray();
  }

  private long created(MethodHandle create) {
    var result = arena.allocate(ValueLayout.JAVA_LONG);
    succeed(create, result);
    return result.get(ValueLayout.JAVA_LONG, 0);
  }

  private long size(String function, long descriptor) {
    var result = arena.allocate(ValueLayout.JAVA_LONG);
    succeed(bound(function, List.of(NativeType.OPAQUE, NativeType.HOST)), descriptor, result);
    return result.get(ValueLayout.JAVA_LONG, 0);
  }

  private int[] read(String function, long descriptor, int count) {
    return read(function, List.of(descriptor), count);
  }

  /** What a function writes to its last {@code count} arguments. */
  private int[] read(String function, List<Long> descriptors, int count) {
    var results = Stream.generate(() -> arena.allocate(ValueLayout.JAVA_INT)).limit(count).toList();
    var types = new ArrayList<NativeType>();
    descriptors.forEach(_ -> types.add(NativeType.OPAQUE));
    results.forEach(_ -> types.add(NativeType.HOST));
    succeed(bound(function, types), Stream.concat(descriptors.stream(), results.stream()).toArray());
    return results.stream().mapToInt(result -> result.get(ValueLayout.JAVA_INT, 0)).toArray();
  }

  private MethodHandle bound(String function, List<NativeType> parameters) {
    return functions.computeIfAbsent(
        function, name -> library.bind(name, NativeType.INT, parameters.toArray(NativeType[]::new)));
  }

  private static void succeed(MethodHandle function, Object... arguments) {
    try {
      assertThat((int) function.invokeWithArguments(arguments)).isZero();
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public void close() {
    arena.close();
  }
}
