package io.github.densenet4j.cli;

/** y = factor * x^exponent. */
record PowerLaw(double factor, double exponent) {
  /** The law nearest to positive points by least squares of the logarithms; NaN for fewer than two different x. */
  static PowerLaw fit(double[] x, double[] y) {
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
    double exponent = products / squares;
    return new PowerLaw(Math.exp(meanY - exponent * meanX), exponent);
  }
}
