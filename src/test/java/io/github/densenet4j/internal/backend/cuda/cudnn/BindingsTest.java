package io.github.densenet4j.internal.backend.cuda.cudnn;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.densenet4j.internal.backend.cuda.library.BindingCheck;
import io.github.densenet4j.internal.backend.cuda.library.HeaderOracle;
import io.github.densenet4j.internal.backend.cuda.library.NativeConstant;
import io.github.densenet4j.internal.backend.library.NativeType;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.PaddingLayout;
import java.lang.foreign.SequenceLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Holds the binding and cuDNN's headers together. */
@Tag("cuda")
class BindingsTest {
  private static final HeaderOracle HEADER = new HeaderOracle("org/bytedeco/cuda/global/cudnn");
  private static final BindingCheck CHECK = new BindingCheck(HEADER);

  static List<Class<?>> enums() {
    return BindingCheck.enums(Cudnn.class);
  }

  @ParameterizedTest
  @MethodSource("enums")
  void constantsAreThoseOfTheHeader(Class<?> type) {
    assertThat(CHECK.wrongConstants(type)).isEmpty();
  }

  @Test
  void everyEnumIsChecked() {
    assertThat(enums()).hasSize(15).contains(MathType.class, CudnnStatus.class);
  }

  @Test
  void functionsAreThoseOfTheHeader() {
    assertThat(CHECK.wrongFunctions(CudnnCalls::new)).isEmpty();
  }

  @Test
  void everyHandleIsBound() {
    var names = new ArrayList<String>();
    new CudnnCalls(
        (name, _, _) -> {
          names.add(name);
          return null;
        });
    var handles =
        Stream.of(CudnnCalls.class.getDeclaredFields())
            .map(Field::getType)
            .filter(MethodHandle.class::equals)
            .count();
    assertThat(names).doesNotHaveDuplicates().hasSize((int) handles);
  }

  @ParameterizedTest
  @ValueSource(strings = {"Fwd", "BwdData", "BwdFilter"})
  void performanceIsTheStructOfTheHeader(String direction) {
    var members = new LinkedHashMap<String, String>();
    long end = 0;
    for (MemoryLayout member : AlgorithmPerformance.LAYOUT.memberLayouts()) {
      if (!(member instanceof PaddingLayout)) {
        assertThat(end).as("alignment of %s", member).isEqualTo(aligned(end, member.byteAlignment()));
        members.put(member.name().orElseThrow(), kind(member));
      }
      end += member.byteSize();
    }
    assertThat(members)
        .containsExactlyEntriesOf(
            HeaderOracle.members("org/bytedeco/cuda/cudnn/cudnnConvolution" + direction + "AlgoPerf_t"));
    assertThat(AlgorithmPerformance.LAYOUT.byteSize()).isEqualTo(48);
  }

  private static long aligned(long offset, long alignment) {
    return (offset + alignment - 1) / alignment * alignment;
  }

  private static String kind(MemoryLayout member) {
    return member instanceof SequenceLayout array
        ? kind(array.elementLayout())
        : ((ValueLayout) member).carrier().getName();
  }

  private enum Planted implements NativeConstant {
    RELU(2),
    NONE(0);

    private final int value;

    Planted(int value) {
      this.value = value;
    }

    @Override
    public int value() {
      return value;
    }

    @Override
    public String nativeName() {
      return "CUDNN_ACTIVATION_" + name();
    }
  }

  private enum Unrelated {
    SOMETHING
  }

  @Test
  void checkFindsAWrongConstant() {
    assertThat(CHECK.wrongConstants(Planted.class))
        .satisfiesExactly(
            line -> assertThat(line).contains("CUDNN_ACTIVATION_RELU is 2"),
            line -> assertThat(line).contains("CUDNN_ACTIVATION_NONE is 0"));
    assertThat(CHECK.wrongConstants(Unrelated.class)).hasSize(1);
  }

  @Test
  void checkFindsAWrongFunction() {
    assertThat(
            CHECK.wrongFunctions(
                functions -> {
                  functions.bind("cudnnSetStream", NativeType.INT, NativeType.OPAQUE, NativeType.OPAQUE);
                  functions.bind("cudnnSetStream", NativeType.INT, NativeType.OPAQUE, NativeType.SIZE);
                  functions.bind("cudnnSetStream", NativeType.VOID, NativeType.OPAQUE, NativeType.OPAQUE);
                  functions.bind("cudnnCreate", NativeType.INT, NativeType.HOST, NativeType.HOST);
                  functions.bind("cudnnSetActivationDescriptor", NativeType.INT, NativeType.OPAQUE, NativeType.INT,
                      NativeType.INT, NativeType.INT);
                  functions.bind("cudnnFly", NativeType.INT);
                }))
        .hasSize(5);
    assertThat(CHECK.wrongFunctions(_ -> {})).hasSize(1);
  }
}
