package io.github.densenet4j.internal.backend.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.densenet4j.internal.program.Op;
import io.github.densenet4j.internal.tensor.BufferView;
import io.github.densenet4j.internal.tensor.ElementType;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Holds the records of {@link Op} and the structs of native/include together, member by member. */
@Tag("fast")
class ArgumentStructsTest {
  private static final Map<Class<?>, String> WORDS =
      Map.of(
          BufferView.class, "pointer", long.class, "int64_t", boolean.class, "int64_t", double.class, "double",
          ElementType.class, "int64_t");

  private static final List<String> HEADERS =
      List.of("densenet4j_types.h", "densenet4j_fused.h", "densenet4j_plain.h");

  private static final List<String> EXECUTION =
      List.of("execution.workspace: pointer", "execution.workspace_bytes: int64_t", "execution.threads: int64_t");

  private final CStructs header;
  private final SampleOps samples = new SampleOps(() -> BufferView.NONE);

  ArgumentStructsTest() throws IOException {
    var text = new StringBuilder();
    for (String name : HEADERS) {
      text.append(Files.readString(Path.of("native/include", name)));
    }
    header = new CStructs(text.toString());
  }

  static Stream<Class<?>> operations() {
    return SampleOps.classes();
  }

  @Test
  void bothSidesHaveTheSameOperations() {
    assertThat(header.operations())
        .containsExactlyInAnyOrderElementsOf(operations().map(type -> samples.of(type).stem()).toList());
  }

  @ParameterizedTest
  @MethodSource("operations")
  void recordAndStructHaveTheSameMembers(Class<?> type) {
    var expected = new ArrayList<>(words(type, ""));
    expected.addAll(EXECUTION);
    assertThat(header.words(struct(type))).isEqualTo(expected);
  }

  private static List<String> words(Class<?> type, String path) {
    if (WORDS.containsKey(type)) {
      return List.of(path + ": " + WORDS.get(type));
    }
    String prefix = path.isEmpty() ? "" : path + ".";
    return Arrays.stream(type.getRecordComponents())
        .flatMap(component -> words(component.getType(), prefix + snakeCase(component)).stream())
        .toList();
  }

  private static String snakeCase(RecordComponent component) {
    return component.getName().replaceAll("([A-Z])", "_$1").toLowerCase(Locale.ROOT);
  }

  @ParameterizedTest
  @MethodSource("operations")
  void argumentsFillTheStruct(Class<?> type) {
    try (var arena = Arena.ofConfined()) {
      MemorySegment arguments = new Arguments(_ -> 0).write(arena, samples.of(type), 11, 12, 13);
      assertThat(arguments.toArray(ValueLayout.JAVA_LONG))
          .hasSameSizeAs(header.words(struct(type)))
          .endsWith(11, 12, 13);
    }
  }

  private String struct(Class<?> type) {
    return "dn_" + samples.of(type).stem() + "_args";
  }
}
