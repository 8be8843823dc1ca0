package io.github.densenet4j.internal.backend.cuda.cudnn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.densenet4j.error.ConfigurationException;
import io.github.densenet4j.error.DeviceException;
import io.github.densenet4j.internal.backend.cuda.SoftwareDevice;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Convolutions and their planning on the software device, against plain loops. */
@Tag("cuda")
class ConvolutionsTest {
  private static final PlannerOptions STRICT = new PlannerOptions(64 << 20, true, false);

  private SoftwareDevice device;
  private Cudnn cudnn;

  @BeforeEach
  void setUp() {
    device = new SoftwareDevice();
    cudnn = CudnnLibrary.load(SoftwareDevice.libraries()).open(device.stream());
  }

  @AfterEach
  void tearDown() {
    if (cudnn != null) {
      assertThat(cudnn.liveDescriptors()).isZero();
      cudnn.close();
      device.close();
    }
  }

  static Stream<ConvolutionExample> examples() {
    return Stream.of(
        new ConvolutionExample(2, 5, 3, 4, 3, 1, 1),
        new ConvolutionExample(3, 4, 7, 5, 1, 0, 1),
        new ConvolutionExample(1, 9, 3, 2, 7, 3, 2));
  }

  @ParameterizedTest
  @MethodSource("examples")
  void allDirectionsAreThoseOfPlainLoops(ConvolutionExample example) {
    float[] xValues = ConvolutionExample.wholeNumbers(example.xCount(), 1);
    float[] wValues = ConvolutionExample.wholeNumbers(example.wCount(), 2);
    float[] dyValues = ConvolutionExample.wholeNumbers(example.yCount(), 3);
    try (var xShape = cudnn.tensor(example.xShape());
        var yShape = cudnn.tensor(example.yShape());
        var wShape = cudnn.filter(example.wShape());
        var convolution = cudnn.convolution(example.shape())) {
      var x = new DeviceTensor(xShape, device.upload(xValues));
      var w = new DeviceFilter(wShape, device.upload(wValues));
      var dy = new DeviceTensor(yShape, device.upload(dyValues));
      var planner = cudnn.planner(STRICT);

      var y = new DeviceTensor(yShape, device.reserve(example.yCount()));
      var forward = planner.forward(yShape, xShape, wShape, convolution).plan();
      cudnn.convolutions().forward(y, x, w, convolution, forward, workspace(forward));
      assertThat(device.download(y.data(), example.yCount())).isEqualTo(example.forward(xValues, wValues));

      var dx = new DeviceTensor(xShape, device.reserve(example.xCount()));
      var backwardData = planner.backwardData(xShape, yShape, wShape, convolution).plan();
      cudnn.convolutions().backwardData(dx, dy, w, convolution, backwardData, workspace(backwardData));
      assertThat(device.download(dx.data(), example.xCount())).isEqualTo(example.backwardData(dyValues, wValues));

      var dw = new DeviceFilter(wShape, device.reserve(example.wCount()));
      var backwardFilter = planner.backwardFilter(wShape, yShape, xShape, convolution).plan();
      cudnn.convolutions().backwardFilter(dw, dy, x, convolution, backwardFilter, workspace(backwardFilter));
      assertThat(device.download(dw.data(), example.wCount())).isEqualTo(example.backwardFilter(dyValues, xValues));
    }
  }

  private Workspace workspace(ConvolutionPlan<?> plan) {
    return workspace(plan.workspaceBytes());
  }

  private Workspace workspace(long bytes) {
    return bytes == 0 ? Workspace.NONE : new Workspace(device.reserve((int) (bytes / Float.BYTES + 1)), bytes);
  }

  @Test
  void backwardBiasSumsUpPixels() {
    try (var shape = cudnn.tensor(TensorShape.nhwc(1, 2, 2, 2));
        var channels = cudnn.tensor(TensorShape.perChannel(2))) {
      var db = new DeviceTensor(channels, device.reserve(2));
      cudnn.convolutions().backwardBias(db, new DeviceTensor(shape, device.upload(1, 2, 3, 4, 5, 6, 7, 8)));
      assertThat(device.download(db.data(), 2)).containsExactly(16, 20);
    }
  }

  @Test
  void plansKeepTheOptionsAndAreRemembered() {
    var example = new ConvolutionExample(2, 5, 3, 4, 3, 1, 1);
    try (var x = cudnn.tensor(example.xShape());
        var y = cudnn.tensor(example.yShape());
        var w = cudnn.filter(example.wShape());
        var convolution = cudnn.convolution(example.shape());
        var equal = cudnn.convolution(example.shape())) {
      var planner = cudnn.planner(STRICT);
      var choice = planner.backwardFilter(w, y, x, convolution);
      var plan = choice.plan();
      assertThat(plan.deterministic()).isTrue();
      assertThat(plan.math()).isEqualTo(MathType.FMA_MATH);
      assertThat(plan.workspaceBytes())
          .isEqualTo(
              cudnn.convolutions().backwardFilterWorkspace(w, y, x, convolution, plan.algorithm(), plan.math()));
      assertThat(planner.backwardFilter(w, y, x, equal)).isSameAs(choice);

      var forward = planner.forward(y, x, w, convolution).plan();
      assertThat(forward.workspaceBytes())
          .isEqualTo(cudnn.convolutions().forwardWorkspace(y, x, w, convolution, forward.algorithm(), forward.math()));
      var data = planner.backwardData(x, y, w, convolution).plan();
      assertThat(data.workspaceBytes())
          .isEqualTo(cudnn.convolutions().backwardDataWorkspace(x, y, w, convolution, data.algorithm(), data.math()));

      var tensorCores = cudnn.planner(new PlannerOptions(0, false, true)).forward(y, x, w, convolution).plan();
      assertThat(tensorCores.workspaceBytes()).isZero();
      assertThat(tensorCores.math()).isNotEqualTo(MathType.FMA_MATH);
    }
  }

  /** The deterministic algorithm of the stand-in needs a workspace. */
  @Test
  void whereNothingKeepsTheLimitTheSmallestIsTaken() {
    var example = new ConvolutionExample(2, 5, 3, 4, 3, 1, 1);
    try (var x = cudnn.tensor(example.xShape());
        var y = cudnn.tensor(example.yShape());
        var w = cudnn.filter(example.wShape());
        var convolution = cudnn.convolution(example.shape())) {
      var choice = cudnn.planner(new PlannerOptions(0, true, false)).backwardFilter(w, y, x, convolution);
      assertThat(choice.plan().deterministic()).isTrue();
      assertThat(choice.plan().workspaceBytes()).isPositive();
      assertThat(choice.workspaceBytes()).isEqualTo(choice.plan().workspaceBytes());
    }
  }

  @Test
  void tensorsThatCudnnCannotCountAreRefused() {
    long most = Integer.MAX_VALUE;
    assertThat(TensorShape.nhwc(1, 1, 1, most).bytes()).isEqualTo(4 * most);
    for (Runnable larger :
        List.<Runnable>of(
            () -> TensorShape.nhwc(1024, 256, 256, 16, 32), () -> TensorShape.nhwc(1, 1, 1, most + 1),
            () -> TensorShape.nchw(2, 1, 1, most))) {
      assertThatThrownBy(larger::run)
          .isInstanceOf(ConfigurationException.class)
          .hasMessageMatching("a tensor of .* values, and cuDNN takes at most 2147483647: use a smaller batch size .*");
    }
  }

  @Test
  void measurementTakesThePlaceOfAGuess() {
    var example = new ConvolutionExample(2, 5, 3, 4, 3, 1, 1);
    try (var xShape = cudnn.tensor(example.xShape());
        var yShape = cudnn.tensor(example.yShape());
        var wShape = cudnn.filter(example.wShape());
        var convolution = cudnn.convolution(example.shape())) {
      var x = new DeviceTensor(xShape, device.upload(ConvolutionExample.wholeNumbers(example.xCount(), 1)));
      var y = new DeviceTensor(yShape, device.upload(ConvolutionExample.wholeNumbers(example.yCount(), 2)));
      var w = new DeviceFilter(wShape, device.upload(ConvolutionExample.wholeNumbers(example.wCount(), 3)));
      var workspace = workspace(1 << 20);
      var planner = cudnn.planner(STRICT);
      planner.forward(yShape, xShape, wShape, convolution);
      var measured = planner.measureForward(y, x, w, convolution, workspace);
      assertThat(measured.plan().deterministic()).isTrue();
      assertThat(planner.measureForward(y, x, w, convolution, workspace)).isSameAs(measured);
      assertThat(planner.forward(yShape, xShape, wShape, convolution)).isSameAs(measured);
      assertThat(planner.measureBackwardData(x, y, w, convolution, workspace).plan().deterministic()).isTrue();
      assertThat(planner.measureBackwardFilter(w, y, x, convolution, workspace).plan().deterministic()).isTrue();
    }
  }

  @Test
  void shapesThatDoNotFitAreNamed() {
    try (var x = cudnn.tensor(TensorShape.nhwc(2, 5, 5, 3));
        var y = cudnn.tensor(TensorShape.nhwc(2, 5, 5, 4));
        var w = cudnn.filter(FilterShape.krsc(4, 3, 2));
        var convolution = cudnn.convolution(ConvolutionShape.of(1, 1))) {
      assertThatThrownBy(() -> cudnn.planner(STRICT).forward(y, x, w, convolution))
          .isInstanceOf(DeviceException.class)
          .hasMessageContainingAll(
              "refused cudnnGetConvolutionForwardAlgorithm_v7", "CUDNN_STATUS_BAD_PARAM",
              "FLOAT NCHW 2x3x5x5 (strides 75, 1, 15, 3)", "filter FLOAT KRSC of 4 outputs, 2 inputs, 3x3");
    }
  }
}
