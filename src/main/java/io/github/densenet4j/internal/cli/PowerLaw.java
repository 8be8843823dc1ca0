package io.github.densenet4j.internal.cli;

/** The law y = c * x^p. */
final class PowerLaw {
  private PowerLaw() {}

  /** p of the law nearest to positive points by least squares of logarithms; NaN without two different x. */
  static double exponent(double[] x, double[] y) {
    double meanX = 0;
    double meanY = 0;
    for (int i = 0; i < x.length; i++) {
      meanX += Math.log(x[i]) / x.length;
      meanY += Math.log(y[i]) / x.length;
    }
    double products = 0;
    double squares = 0;
    for (int i = 0; i < x.length; i++) {
      double difference = Math.log(x[i]) - meanX;
      products += difference * (Math.log(y[i]) - meanY);
      squares += difference * difference;
    }
    return products / squares;
  }
}
