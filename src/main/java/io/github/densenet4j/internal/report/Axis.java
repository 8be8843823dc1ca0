package io.github.densenet4j.internal.report;

import io.github.densenet4j.internal.io.Figures;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleFunction;

/**
 * One axis of a chart: where a value lies, from 0 to 1, and which values get a tick.
 *
 * @param low the value at 0
 * @param high the value at 1
 * @param logarithmic whether equal ratios, rather than equal differences, have equal lengths
 * @param ticks the values with a tick, rising
 * @param labels the text of a value at a tick
 */
record Axis(double low, double high, boolean logarithmic, List<Double> ticks, DoubleFunction<String> labels) {
  private static final double[] NICE = {1, 2, 2.5, 5, 10};
  private static final double[] NICE_INTEGERS = {1, 2, 5, 10};

  double position(double value) {
    if (low == high) {
      return 0.5;
    }
    return logarithmic ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low);
  }

  /** The same between two coordinates of a picture: that of the value at 0 and that of the value at 1. */
  double between(double value, int from, int to) {
    return from + position(value) * (to - from);
  }

  /** A linear axis from tick to tick around [min, max], with about five ticks; of length 1 if the two are equal. */
  static Axis linear(double min, double max) {
    double end = max > min ? max : min + 1;
    double step = niceStep((end - min) / 5, NICE);
    double low = Math.floor(min / step + 1e-9) * step;
    double high = Math.ceil(end / step - 1e-9) * step;
    return new Axis(low, high, false, multiples(low, high, step), value -> fixed(value, step));
  }

  /** A linear axis of shares, labelled in percent and never beyond 0 to 100 %. */
  static Axis shares(double min, double max) {
    double margin = max > min ? 0 : 0.01;
    var wide = linear(100 * Math.max(0, min - margin), 100 * Math.min(1, max + margin));
    var ticks = wide.ticks().stream().map(tick -> tick / 100).toList();
    DoubleFunction<String> labels = share -> wide.labels().apply(100 * share) + " %";
    return new Axis(wide.low() / 100, wide.high() / 100, false, ticks, labels);
  }

  /** A logarithmic axis between powers of ten; both values must be positive. */
  static Axis logarithmic(double min, double max) {
    int first = (int) Math.floor(Math.log10(min) + 1e-9);
    int last = Math.max((int) Math.ceil(Math.log10(max) - 1e-9), first + 1);
    var ticks = new ArrayList<Double>();
    for (int power = first; power <= last; power++) {
      ticks.add(Math.pow(10, power));
    }
    return new Axis(ticks.getFirst(), ticks.getLast(), true, ticks, value -> Figures.significant(value, 3));
  }

  /** A logarithmic axis with ticks at 1, 2 and 5 times powers of ten, from one tick to another; for positive values. */
  static Axis logarithmicFine(double min, double max) {
    var ticks = new ArrayList<Double>();
    for (int power = (int) Math.floor(Math.log10(min)); ticks.isEmpty() || ticks.getLast() <= max; power++) {
      for (double factor : new double[] {1, 2, 5}) {
        ticks.add(factor * Math.pow(10, power));
      }
    }
    int first = (int) ticks.stream().filter(tick -> tick <= min).count() - 1;
    int last = (int) ticks.stream().filter(tick -> tick < max).count();
    var within = List.copyOf(ticks.subList(first, Math.max(first + 1, last) + 1));
    return new Axis(within.getFirst(), within.getLast(), true, within, value -> Figures.significant(value, 3));
  }

  /** The axis of epochs, with whole ticks, that begins and ends with the data. */
  static Axis epochs(int first, int last) {
    double step = Math.max(1, niceStep((last - first) / 8.0, NICE_INTEGERS));
    var ticks = multiples(Math.ceil(first / step) * step, last, step);
    return new Axis(first, last, false, ticks, value -> Integer.toString((int) value));
  }

  /** A tick's label, with as many decimals as the step between the ticks needs. */
  private static String fixed(double value, double step) {
    int decimals = Math.max(0, new BigDecimal(step).round(new MathContext(2)).stripTrailingZeros().scale());
    return Html.fill("%." + decimals + "f", value);
  }

  private static double niceStep(double rough, double[] nice) {
    double power = Math.pow(10, Math.floor(Math.log10(rough)));
    for (double factor : nice) {
      if (factor * power >= rough * (1 - 1e-9)) {
        return factor * power;
      }
    }
    return 10 * power;
  }

  private static List<Double> multiples(double from, double to, double step) {
    var ticks = new ArrayList<Double>();
    for (int i = 0; from + i * step <= to + step * 1e-6; i++) {
      ticks.add(from + i * step);
    }
    return ticks;
  }
}
