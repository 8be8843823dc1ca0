package io.github.densenet4j.internal.backend.cuda.cublas;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.densenet4j.internal.backend.cuda.library.BindingCheck;
import io.github.densenet4j.internal.backend.cuda.library.HeaderOracle;
import io.github.densenet4j.internal.backend.library.NativeType;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Holds the binding and cuBLAS's headers together. */
@Tag("cuda")
class BindingsTest {
  private static final BindingCheck CHECK =
      new BindingCheck(new HeaderOracle("org/bytedeco/cuda/global/cublas", "org/bytedeco/cuda/global/cudart"));

  static List<Class<?>> enums() {
    return BindingCheck.enums(Cublas.class);
  }

  @ParameterizedTest
  @MethodSource("enums")
  void constantsAreThoseOfTheHeader(Class<?> type) {
    assertThat(CHECK.wrongConstants(type)).isEmpty();
  }

  @Test
  void everyEnumIsChecked() {
    assertThat(enums())
        .containsExactlyInAnyOrder(MathMode.class, Transposition.class, LibraryProperty.class, CublasStatus.class);
  }

  @Test
  void functionsAreThoseOfTheHeader() {
    assertThat(CHECK.wrongFunctions(CublasCalls::new)).isEmpty();
  }

  @Test
  void checkFindsAWrongFunction() {
    assertThat(
            CHECK.wrongFunctions(
                functions -> {
                  functions.bind("cublasSetMathMode", NativeType.INT, NativeType.OPAQUE, NativeType.INT);
                  functions.bind("cublasSetMathMode", NativeType.INT, NativeType.OPAQUE, NativeType.SIZE);
                  functions.bind("cublasCreate", NativeType.INT, NativeType.HOST);
                }))
        .satisfiesExactly(
            line -> assertThat(line).startsWith("cublasSetMathMode"),
            line -> assertThat(line).startsWith("cublasCreate is"));
  }
}
