package io.github.densenet4j.internal.cli;

import io.github.densenet4j.error.ConfigurationException;
import java.util.Arrays;
import java.util.List;

/**
 * What {@code --normalization} says.
 *
 * @param mean of each channel, 0 to 255
 * @param deviation of each channel, likewise
 */
record ChannelNumbers(List<Double> mean, List<Double> deviation) {
  private static final double LEVELS = 255;
  private static final ChannelNumbers IMAGENET =
      new ChannelNumbers(levels(List.of(0.485, 0.456, 0.406)), levels(List.of(0.229, 0.224, 0.225)));

  /** @throws ConfigurationException if it is neither {@code imagenet} nor numbers */
  static ChannelNumbers of(String text) {
    if (text.equals("imagenet")) {
      return IMAGENET;
    }
    String[] parts = text.split(":", -1);
    if (parts.length != 2) {
      throw wrong(text, "it must be imagenet or MEAN:STD");
    }
    return new ChannelNumbers(levels(numbers(text, parts[0], false)), levels(numbers(text, parts[1], true)));
  }

  private static List<Double> numbers(String text, String part, boolean positive) {
    try {
      var numbers = Arrays.stream(part.split(",", -1)).map(Double::valueOf).toList();
      if (numbers.stream().allMatch(number -> number <= 1 && (positive ? number > 0 : number >= 0))) {
        return numbers;
      }
    } catch (NumberFormatException notNumbers) {
      // said below
    }
    throw wrong(
        text,
        "its " + (positive ? "deviations must be numbers above 0 and at most 1" : "means must be numbers from 0 to 1")
            + ", with commas between them");
  }

  private static ConfigurationException wrong(String text, String expected) {
    return new ConfigurationException("--normalization is '" + text + "', " + expected);
  }

  private static List<Double> levels(List<Double> fractions) {
    return fractions.stream().map(fraction -> fraction * LEVELS).toList();
  }
}
