package io.github.densenet4j.internal.backend.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.densenet4j.internal.program.FusedOp;
import io.github.densenet4j.internal.tensor.Affine;
import io.github.densenet4j.internal.tensor.Extent;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** In float32; {@link BFloat16Test} has the same layers in bfloat16. */
class BottleneckInferTest {
  /** A layer of {@code in} channels with a bottleneck of {@code channels} that makes {@code out} others. */
  record Layer(int batch, int height, int width, int in, int channels, int out, Layout layout) {
    Extent extent() {
      return new Extent(batch, height, width);
    }

    int pixels() {
      return batch * height * width;
    }
  }

  /** Bands that are whole, cut off and single rows; channels around whole vectors. */
  static Stream<Layer> layers() {
    return Stream.of(
        new Layer(1, 1, 1, 1, 1, 1, Layout.TIGHT),
        new Layer(1, 1, 5, 7, 10, 13, Layout.WIDE),
        new Layer(3, 5, 3, 13, 7, 10, Layout.SHARED),
        new Layer(1, 9, 11, 10, 13, 7, Layout.TIGHT),
        new Layer(3, 17, 10, 7, 20, 12, Layout.SHARED),
        new Layer(1, 33, 19, 13, 28, 7, Layout.WIDE),
        new Layer(3, 33, 16, 24, 48, 12, Layout.SHARED),
        new Layer(3, 9, 33, 49, 52, 13, Layout.TIGHT),
        new Layer(1, 32, 32, 100, 48, 12, Layout.SHARED),
        new Layer(3, 17, 7, 207, 128, 32, Layout.SHARED),
        new Layer(3, 9, 5, 66, 160, 40, Layout.WIDE),
        new Layer(1, 2, 400, 10, 52, 13, Layout.TIGHT),
        new Layer(17, 16, 16, 20, 28, 7, Layout.SHARED),
        new Layer(40, 8, 8, 13, 16, 4, Layout.WIDE));
  }

  /** A layer with its operands. */
  private static final class Pass {
    private final Layer layer;
    private final OpHarness harness;
    private final NormOperands x;
    private final Operand weight1;
    private final Operand scale2;
    private final Operand shift2;
    private final Operand weight2;
    private final Operand y;

    Pass(Layer layer) {
      this.layer = layer;
      harness = new OpHarness(layer.layout());
      var draws = new Draws(1000L * layer.in() + layer.channels());
      List<Place> places = places();
      x = NormOperands.draw(harness, draws, places.get(0), 0, NormOperands.FINE);
      y = harness.destination(places.get(1));
      weight1 = harness.source("weight1", draws.normal(conv1().weights(), 0, 1 / Math.sqrt(layer.in())));
      scale2 = harness.source("scale2", draws.normal(layer.channels(), 0.5, 1));
      shift2 = harness.source("shift2", draws.normal(layer.channels(), 0, 0.5));
      weight2 = harness.source("weight2", draws.normal(conv2().weights(), 0, 1 / Math.sqrt(9.0 * layer.channels())));
    }

    private List<Place> places() {
      if (layer.layout() == Layout.SHARED) {
        return harness.adjacent("x and y", layer.pixels(), layer.in(), layer.out());
      }
      return List.of(harness.place("x", layer.pixels(), layer.in()), harness.place("y", layer.pixels(), layer.out()));
    }

    private Convolution conv1() {
      return ConvolutionKind.CONV1X1.convolution(
          layer.batch(), layer.height(), layer.width(), layer.in(), layer.channels());
    }

    private Convolution conv2() {
      return ConvolutionKind.CONV3X3.convolution(
          layer.batch(), layer.height(), layer.width(), layer.channels(), layer.out());
    }

    private Affine affine2() {
      return new Affine(scale2.view(), shift2.view());
    }

    FusedOp op() {
      return new FusedOp.BottleneckInfer(
          y.slice(), x.value().slice(), x.affine(), weight1.view(), affine2(), weight2.view(), layer.extent(),
          layer.in(), layer.channels(), layer.out());
    }

    /** What is lost at the second ReLU had an error too: it may pass where the oracle has exactly 0. */
    Real expected() {
      Real z = conv1().fprop(Oracle.relu(x.values()), weight1.values());
      var rectified = Real.zeros(z.size());
      for (int i = 0; i < z.size(); i++) {
        double scale = scale2.values()[i % layer.channels()];
        double shift = shift2.values()[i % layer.channels()];
        double magnitude = Math.abs(scale) * z.magnitude()[i] + Math.abs(shift);
        rectified.add(i, Math.max(0, scale * z.value()[i] + shift), magnitude);
      }
      return new TiledConvolution(conv2(), WinogradTile.LARGE).fprop(rectified, weight2.values());
    }
  }

  @ParameterizedTest
  @MethodSource("layers")
  void computesBothConvolutions(Layer layer) {
    var pass = new Pass(layer);
    var expected = pass.expected();
    pass.harness.run(
        List.of(pass.op()), outcome -> outcome.check(pass.y, expected, layer.in() + 9 * layer.channels()));
  }

  /** A value that is not a number reaches its tile's rows and columns and those next to its own, and none farther away. */
  @Test
  void notANumberSpreads() {
    var pass = new Pass(new Layer(1, 17, 6, 13, 20, 7, Layout.WIDE));
    pass.x.value().words()[(8 * 6 + 2) * 13] = Float.floatToRawIntBits(Float.NaN);
    pass.harness.run(
        List.of(pass.op()),
        outcome -> {
          double[] y = outcome.values(pass.y);
          for (int i = 0; i < y.length; i++) {
            boolean reached = reached(i / 7 / 6, 8) && reached(i / 7 % 6, 2);
            assertThat(Double.isNaN(y[i])).as("value %s", i).isEqualTo(reached);
          }
        });
  }

  private static boolean reached(int at, int from) {
    int side = WinogradTile.LARGE.side();
    return at / side == from / side || Math.abs(at - from) <= 1;
  }

  /** Of the layers that make more than one value: one alone can be as small beside its terms as chance has it. */
  static Stream<FusedOp> ops() {
    return layers().filter(layer -> layer.pixels() * layer.out() > 1).map(layer -> new Pass(layer).op());
  }
}
