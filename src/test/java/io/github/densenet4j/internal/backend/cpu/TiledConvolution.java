package io.github.densenet4j.internal.backend.cpu;

/**
 * A 3x3 convolution of stride 1 and padding 1 with the magnitudes of Winograd's tiles: values are those of the
 * definition, but a tile of pixels is computed from sums and differences over its patch and over all taps. Terms that
 * cancel in exact arithmetic have rounding errors too, and so count in the magnitude.
 */
record TiledConvolution(Convolution definition, WinogradTile tile) {
  private static final int TAPS = WinogradTile.TAPS;

  /** A pixel of a tile, one of its patch, the tap, and how often their product is among the tile pixel's terms. */
  private interface Visitor {
    void visit(int tilePixel, int patchPixel, int tap, double times);
  }

  static boolean suits(Convolution convolution) {
    return convolution.kernel() == TAPS && convolution.stride() == 1 && convolution.padding() == 1;
  }

  /** Tiles of y, patches of x. */
  Real fprop(Real x, double[] weight) {
    int in = definition.in();
    int out = definition.out();
    var y = new Real(definition.fprop(x, weight).value(), new double[definition.outPixels() * out]);
    visit((pixel, patchPixel, tap, times) -> {
      for (int o = 0; o < out; o++) {
        for (int i = 0; i < in; i++) {
          double factor = times * Math.abs(weight[weight(o, i, tap)]);
          y.magnitude()[pixel * out + o] += factor * x.magnitude()[patchPixel * in + i];
        }
      }
    });
    return y;
  }

  /** Tiles of dx, patches of dy. */
  Real dgrad(Real dy, double[] weight) {
    int in = definition.in();
    int out = definition.out();
    var dx = new Real(definition.dgrad(dy, weight).value(), new double[definition.pixels() * in]);
    visit((pixel, patchPixel, tap, times) -> {
      for (int i = 0; i < in; i++) {
        for (int o = 0; o < out; o++) {
          double factor = times * Math.abs(weight[weight(o, i, opposite(tap))]);
          dx.magnitude()[pixel * in + i] += factor * dy.magnitude()[patchPixel * out + o];
        }
      }
    });
    return dx;
  }

  /** Tiles of dy, patches of x. */
  Real wgradByOutput(Real x, Real dy) {
    var dweight = new Real(definition.wgrad(x, dy).value(), new double[definition.weights()]);
    visit((pixel, patchPixel, tap, times) -> addProducts(dweight, x, patchPixel, dy, pixel, tap, times));
    return dweight;
  }

  /** Tiles of x, patches of dy. */
  Real wgradByInput(Real x, Real dy) {
    var dweight = new Real(definition.wgrad(x, dy).value(), new double[definition.weights()]);
    visit((pixel, patchPixel, tap, times) -> addProducts(dweight, x, pixel, dy, patchPixel, opposite(tap), times));
    return dweight;
  }

  private void addProducts(Real dweight, Real x, int inPixel, Real dy, int outPixel, int tap, double times) {
    int in = definition.in();
    for (int o = 0; o < definition.out(); o++) {
      double factor = times * dy.magnitude()[outPixel * definition.out() + o];
      for (int i = 0; i < in; i++) {
        dweight.magnitude()[weight(o, i, tap)] += factor * x.magnitude()[inPixel * in + i];
      }
    }
  }

  private int weight(int o, int i, int tap) {
    return (o * definition.in() + i) * TAPS * TAPS + tap;
  }

  private static int opposite(int tap) {
    return TAPS * TAPS - 1 - tap;
  }

  private void visit(Visitor visitor) {
    int side = tile.side();
    int patch = tile.patch();
    for (int pixel = 0; pixel < definition.pixels(); pixel++) {
      int image = pixel / (definition.height() * definition.width());
      int y = pixel / definition.width() % definition.height();
      int x = pixel % definition.width();
      for (int at = 0; at < patch * patch; at++) {
        int row = y / side * side - 1 + at / patch;
        int column = x / side * side - 1 + at % patch;
        if (row >= 0 && row < definition.height() && column >= 0 && column < definition.width()) {
          int patchPixel = (image * definition.height() + row) * definition.width() + column;
          for (int tap = 0; tap < TAPS * TAPS; tap++) {
            double times = times(y % side, at / patch, tap / TAPS) * times(x % side, at % patch, tap % TAPS);
            if (times > 0) {
              visitor.visit(pixel, patchPixel, tap, times);
            }
          }
        }
      }
    }
  }

  private double times(int ofTile, int ofPatch, int tap) {
    double times = 0;
    for (int place = 0; place < tile.patch(); place++) {
      times += tile.ofTile()[ofTile][place] * tile.ofPatch()[place][ofPatch] * tile.ofFilter()[place][tap];
    }
    return times;
  }
}
