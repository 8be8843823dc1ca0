package io.github.densenet4j.data;

import io.github.densenet4j.data.ImageFiles.Uncertain;
import io.github.densenet4j.error.DataException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/**
 * The cells of a row that say what is seen on an image: one of words with bars between them, or one of a number for each
 * class. Classes are numbered as they are met.
 */
final class FindingCells {
  /** What a row has that says of a class that it is not known. */
  static final int UNKNOWN = -1;

  private static final String BAR = "\\|";

  private final int[] places;
  private final boolean words;
  private final Uncertain uncertain;
  private final boolean closed; // whether all classes are known before
  private final List<String> met = new ArrayList<>();
  private final Map<String, Integer> numbers = new HashMap<>(); // of those met

  private FindingCells(int[] places, boolean words, Uncertain uncertain, List<String> known, boolean closed) {
    this.places = places;
    this.words = words;
    this.uncertain = uncertain;
    this.closed = closed;
    known.forEach(this::meet);
  }

  private int meet(String name) {
    met.add(name);
    numbers.put(name, met.size() - 1);
    return met.size() - 1;
  }

  static FindingCells words(int place, List<String> classNames) {
    return new FindingCells(new int[] {place}, true, Uncertain.IGNORE, classNames, !classNames.isEmpty());
  }

  /** @param names of the columns, which are the classes' names */
  static FindingCells numbers(int[] places, List<String> names, Uncertain uncertain, List<String> classNames) {
    if (classNames.isEmpty()) {
      return new FindingCells(places, false, uncertain, names, true);
    }
    int[] sorted = new int[classNames.size()];
    for (int i = 0; i < sorted.length; i++) {
      int column = names.indexOf(classNames.get(i));
      if (column < 0) {
        throw new DataException("The table has no column for the class %s.".formatted(classNames.get(i)));
      }
      sorted[i] = places[column];
    }
    return new FindingCells(sorted, false, uncertain, classNames, true);
  }

  /**
   * What a row says.
   *
   * @param cells what stands in a column
   * @return the classes seen, or {@link #UNKNOWN} where one may or may not be
   * @throws DataException if a cell says nothing that is understood; without file and line
   */
  int[] of(IntFunction<String> cells) {
    return words ? named(cells.apply(places[0])) : counted(cells);
  }

  private int[] named(String cell) {
    var found = IntStream.builder();
    for (String part : cell.split(BAR, -1)) {
      String name = part.strip();
      if (!name.isEmpty()) {
        found.add(number(name));
      }
    }
    return found.build().distinct().toArray();
  }

  private int number(String name) {
    Integer known = numbers.get(name);
    if (known != null) {
      return known;
    }
    if (closed) {
      throw new DataException("the class %s is none of the %d known ones.".formatted(name, met.size()));
    }
    return meet(name);
  }

  private int[] counted(IntFunction<String> cells) {
    var found = IntStream.builder();
    for (int i = 0; i < places.length; i++) {
      String cell = cells.apply(places[i]);
      double value = cell.isEmpty() ? 0 : value(cell, met.get(i));
      boolean positive = value == 1 || value == -1 && uncertain == Uncertain.ONES;
      if (positive) {
        found.add(i);
      } else if (value == -1 && uncertain == Uncertain.IGNORE) {
        found.add(UNKNOWN);
      } else if (value != 0 && value != -1) {
        throw new DataException(
            "'%s' in column %s is none of 1, 0, -1 and blank.".formatted(cell, met.get(i)));
      }
    }
    return found.build().distinct().toArray();
  }

  private static double value(String cell, String column) {
    try {
      return Double.parseDouble(cell);
    } catch (NumberFormatException e) {
      throw new DataException(
          "'%s' in column %s is no number, expected 1, 0, -1 or blank; name the columns of labels if this is none."
              .formatted(cell, column),
          e);
    }
  }

  /** The place of each class, as they were met, among them all in order: numbers by value, else by their letters. */
  int[] order() {
    if (closed) {
      return IntStream.range(0, met.size()).toArray();
    }
    boolean numbers = met.stream().allMatch(name -> name.matches("\\d{1,9}"));
    Comparator<Integer> byName =
        numbers ? Comparator.comparing(i -> Integer.parseInt(met.get(i))) : Comparator.comparing(met::get);
    int[] sorted = IntStream.range(0, met.size()).boxed().sorted(byName).mapToInt(i -> i).toArray();
    int[] places = new int[sorted.length];
    for (int place = 0; place < sorted.length; place++) {
      places[sorted[place]] = place;
    }
    return places;
  }

  /** By label, in this order. */
  List<String> classNames(int[] order) {
    var names = new String[order.length];
    for (int i = 0; i < order.length; i++) {
      names[order[i]] = met.get(i);
    }
    return List.of(names);
  }
}
