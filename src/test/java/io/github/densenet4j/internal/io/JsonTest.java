package io.github.densenet4j.internal.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import io.github.densenet4j.error.CheckpointException;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Tag("fast")
class JsonTest {
  @TempDir Path folder;

  @Test
  void keepsTheOrderOfKeys() {
    var object = new LinkedHashMap<String, Object>();
    object.put("z", 1);
    object.put("a", Map.of("inner", List.of("x", 2L)));
    object.put("m", null);
    assertThat(Json.toLine(object)).isEqualTo("{\"z\":1,\"a\":{\"inner\":[\"x\",2]},\"m\":null}");
  }

  @Test
  void writesEveryKindOfValue() {
    var object = new LinkedHashMap<String, Object>();
    var big = new BigInteger("123456789012345678901");
    object.put("numbers", Arrays.asList((byte) 1, (short) 2, 3, 4L, 0.5f, 0.1, big));
    object.put("arrays", List.of(new int[] {1, 2}, new long[][] {{3}, {}}, new double[] {4.5}, new String[] {"s"}));
    object.put("flag", true);
    object.put("text", "quote \" line \n ümlaut");
    assertThat(Json.toLine(object))
        .isEqualTo(
            "{\"numbers\":[1,2,3,4,0.5,0.1,123456789012345678901],\"arrays\":[[1,2],[[3],[]],[4.5],[\"s\"]],"
                + "\"flag\":true,\"text\":\"quote \\\" line \\n ümlaut\"}");
  }

  @Test
  void numbersThatJsonLacksBecomeNull() {
    assertThat(Json.toLine(Map.of("a", new double[] {Double.NaN, Double.POSITIVE_INFINITY, 1})))
        .isEqualTo("{\"a\":[null,null,1.0]}");
    assertThat(Json.toLine(Map.of("a", Float.NEGATIVE_INFINITY))).isEqualTo("{\"a\":null}");
  }

  @Test
  void indentsForPeople() {
    var object = new LinkedHashMap<String, Object>();
    object.put("a", 1);
    object.put("b", Map.of("c", List.of(1, 2)));
    assertThat(Json.toText(object)).isEqualTo("{\n  \"a\": 1,\n  \"b\": {\n    \"c\": [ 1, 2 ]\n  }\n}");
  }

  @Test
  void refusesOtherKindsOfValues() {
    assertThatThrownBy(() -> Json.toLine(Map.of("a", Optional.empty())))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("JSON cannot hold a java.util.Optional");
  }

  @Test
  void readsBackWhatItWrote() {
    Path file = folder.resolve("config.json");
    var object = new LinkedHashMap<String, Object>();
    object.put("epochs", Long.MAX_VALUE);
    object.put("lr", 0.1);
    object.put("list", Arrays.asList(1L, "two", false, null, Map.of()));
    Json.write(file, object);
    var back = Json.read(file);
    assertThat(back).containsExactly(
        entry("epochs", Long.MAX_VALUE), entry("lr", 0.1), entry("list", object.get("list")));
    assertThat(file).content().endsWith("}\n");
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
      "{\"a\": 1,}       | c.json is not valid JSON at line 1, column 9",
      "{\"a\": 1         | c.json is not valid JSON at line 1, column 8",
      "{\"a\": NaN}      | c.json is not valid JSON at line 1, column 10",
      "{\"a\": 99999999999999999999} | c.json is not valid JSON at line 1, column 27",
      "{\"a\": 1} {}     | c.json holds more than one JSON value, expected one object",
      "{\"a\":1,\"a\":2} | c.json holds the key 'a' twice in one object, expected it once",
      "[1]               | c.json holds no JSON object, expected one in braces",
      "``                | c.json holds no JSON object, expected one in braces",
  })
  void badTextIsOneSentence(String text, String message) {
    assertThatThrownBy(() -> Json.parse(text, "c.json")).isInstanceOf(CheckpointException.class).hasMessage(message);
  }

  @Test
  void unreadableFileIsNamed() throws IOException {
    Path missing = folder.resolve("config.json");
    assertThatThrownBy(() -> Json.read(missing))
        .isInstanceOf(CheckpointException.class)
        .hasMessage("cannot read %s: it does not exist", missing);
    Path binary = Files.write(folder.resolve("binary.json"), new byte[] {'{', '"', (byte) 0xff, '"', ':', '1', '}'});
    assertThatThrownBy(() -> Json.read(binary))
        .isInstanceOf(CheckpointException.class)
        .hasMessage("cannot read %s: it is not UTF-8 text", binary);
  }

  @Test
  void deepNestingIsAnErrorNotAStackOverflow() {
    assertThatThrownBy(() -> Json.parse("{\"a\":" + "[".repeat(100_000), "c.json"))
        .isInstanceOf(CheckpointException.class)
        .hasMessageStartingWith("c.json is not valid JSON");
  }
}
