package io.github.densenet4j.internal.io;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.core.util.Separators;
import io.github.densenet4j.error.CheckpointException;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.lang.reflect.Array;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Ordered JSON objects for configurations and command output. Keys keep the order of the map, the same map gives the
 * same text. Values are String, Number, Boolean, null, Map with String keys, Iterable, or an array of these.
 */
public final class Json {
  // No table of names: it only pays for repeated documents, and a hostile file can fill it.
  static final JsonFactory FACTORY =
      JsonFactory.builder()
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
          .build();

  private static final DefaultIndenter INDENT = new DefaultIndenter("  ", "\n");

  private Json() {}

  /**
   * The object over several lines, two spaces a level, without a final line feed. NaN and infinities, which JSON lacks,
   * become null.
   *
   * @throws IllegalArgumentException if a value is of a kind not listed in the class comment
   */
  public static String toText(Map<String, ?> object) {
    var separators = Separators.createDefaultInstance().withObjectFieldValueSpacing(Separators.Spacing.AFTER);
    var printer = new DefaultPrettyPrinter(separators);
    printer.indentObjectsWith(INDENT);
    return write(object, printer);
  }

  /** The object on one line; otherwise as {@link #toText}. */
  public static String toLine(Map<String, ?> object) {
    return write(object, null);
  }

  /** Writes {@link #toText} and a line feed to a file, atomically. */
  public static void write(Path file, Map<String, ?> object) {
    AtomicFile.writeText(file, toText(object) + "\n");
  }

  /**
   * Reads a file that holds one object. Integers become Long, other numbers Double, lists ArrayList, objects
   * LinkedHashMap.
   *
   * @throws CheckpointException if the file cannot be read, is not valid JSON, repeats a key, or holds no object
   */
  public static Map<String, Object> read(Path file) {
    try {
      InputFile.require(file);
      try (var in = Files.newBufferedReader(file);
          var parser = FACTORY.createParser(in)) {
        return document(parser, file.toString());
      }
    } catch (IOException failure) {
      throw new CheckpointException("cannot read %s: %s".formatted(file, Wording.reason(failure)), failure);
    }
  }

  /** Reads one object from a text; {@code source} names it in errors. Otherwise as {@link #read}. */
  public static Map<String, Object> parse(String text, String source) {
    try (var parser = FACTORY.createParser(text)) {
      return document(parser, source);
    } catch (IOException failure) {
      throw new CheckpointException("cannot read %s: %s".formatted(source, Wording.reason(failure)), failure);
    }
  }

  private static Map<String, Object> document(JsonParser parser, String source) throws IOException {
    try {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new CheckpointException("%s holds no JSON object, expected one in braces".formatted(source));
      }
      var object = object(parser, source);
      if (parser.nextToken() != null) {
        throw new CheckpointException("%s holds more than one JSON value, expected one object".formatted(source));
      }
      return object;
    } catch (JsonProcessingException failure) {
      throw new CheckpointException("%s is not valid JSON%s".formatted(source, place(failure)), failure);
    }
  }

  /** Where the parser stopped, as words to append to a sentence. */
  static String place(JsonProcessingException failure) {
    var at = failure.getLocation();
    return at == null ? "" : " at line %d, column %d".formatted(at.getLineNr(), at.getColumnNr());
  }

  private static Map<String, Object> object(JsonParser parser, String source) throws IOException {
    var object = new LinkedHashMap<String, Object>();
    for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
      if (object.containsKey(name)) {
        throw new CheckpointException(
            "%s holds the key %s twice in one object, expected it once".formatted(source, Wording.quoted(name)));
      }
      parser.nextToken();
      object.put(name, value(parser, source));
    }
    return object;
  }

  private static Object value(JsonParser parser, String source) throws IOException {
    return switch (parser.currentToken()) {
      case START_OBJECT -> object(parser, source);
      case START_ARRAY -> list(parser, source);
      case VALUE_STRING -> parser.getText();
      case VALUE_NUMBER_INT -> parser.getLongValue();
      case VALUE_NUMBER_FLOAT -> parser.getDoubleValue();
      case VALUE_TRUE -> Boolean.TRUE;
      case VALUE_FALSE -> Boolean.FALSE;
      case VALUE_NULL -> null;
      case null, default -> throw new IllegalStateException("no value at token " + parser.currentToken());
    };
  }

  private static List<Object> list(JsonParser parser, String source) throws IOException {
    var list = new ArrayList<Object>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      list.add(value(parser, source));
    }
    return list;
  }

  private static String write(Map<String, ?> object, DefaultPrettyPrinter printer) {
    var text = new StringWriter();
    try (var generator = FACTORY.createGenerator(text)) {
      generator.setPrettyPrinter(printer);
      writeValue(generator, object);
    } catch (IOException impossible) {
      throw new UncheckedIOException("a StringWriter failed", impossible);
    }
    return text.toString();
  }

  private static void writeValue(JsonGenerator out, Object value) throws IOException {
    switch (value) {
      case null -> out.writeNull();
      case String text -> out.writeString(text);
      case Boolean flag -> out.writeBoolean(flag);
      case Number number -> writeNumber(out, number);
      case Map<?, ?> map -> writeObject(out, map);
      case Iterable<?> items -> writeList(out, items);
      case Object array when array.getClass().isArray() -> writeArray(out, array);
      default -> throw new IllegalArgumentException("JSON cannot hold a " + value.getClass().getName());
    }
  }

  private static void writeNumber(JsonGenerator out, Number number) throws IOException {
    switch (number) {
      case Double d when !Double.isFinite(d) -> out.writeNull();
      case Float f when !Float.isFinite(f) -> out.writeNull();
      case Double d -> out.writeNumber(d);
      case Float f -> out.writeNumber(f);
      case BigDecimal big -> out.writeNumber(big);
      case BigInteger big -> out.writeNumber(big);
      case Byte _, Short _, Integer _, Long _ -> out.writeNumber(number.longValue());
      default -> throw new IllegalArgumentException("JSON cannot hold a " + number.getClass().getName());
    }
  }

  private static void writeObject(JsonGenerator out, Map<?, ?> map) throws IOException {
    out.writeStartObject();
    for (var entry : map.entrySet()) {
      out.writeFieldName((String) entry.getKey());
      writeValue(out, entry.getValue());
    }
    out.writeEndObject();
  }

  private static void writeList(JsonGenerator out, Iterable<?> items) throws IOException {
    out.writeStartArray();
    for (Object item : items) {
      writeValue(out, item);
    }
    out.writeEndArray();
  }

  private static void writeArray(JsonGenerator out, Object array) throws IOException {
    out.writeStartArray();
    for (int i = 0; i < Array.getLength(array); i++) {
      writeValue(out, Array.get(array, i));
    }
    out.writeEndArray();
  }
}
