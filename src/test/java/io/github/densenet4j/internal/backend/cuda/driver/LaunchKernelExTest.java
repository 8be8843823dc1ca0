package io.github.densenet4j.internal.backend.cuda.driver;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.densenet4j.internal.backend.cuda.library.BindingCheck;
import io.github.densenet4j.internal.backend.cuda.library.HeaderOracle;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Holds the launch with attributes and cuda.h together, as native/software-cuda/driver/launch.cpp does. */
@Tag("cuda")
class LaunchKernelExTest {
  private static final String CLASSES = "org/bytedeco/cuda/cudart/";
  private static final HeaderOracle HEADER = new HeaderOracle("org/bytedeco/cuda/global/cudart");

  private static List<String> integers(StructLayout struct) {
    return struct.memberLayouts().stream()
        .filter(ValueLayout.JAVA_INT.getClass()::isInstance)
        .map(MemoryLayout::name)
        .flatMap(Optional::stream)
        .toList();
  }

  private static long offset(StructLayout struct, String member) {
    return struct.byteOffset(PathElement.groupElement(member));
  }

  @Test
  void functionAndConstantAreThoseOfTheHeader() {
    assertThat(new BindingCheck(HEADER).wrongFunctions(LaunchKernelEx::new)).isEmpty();
    assertThat(HEADER.constant("CU_LAUNCH_ATTRIBUTE_PROGRAMMATIC_STREAM_SERIALIZATION"))
        .hasValue(LaunchKernelEx.PROGRAMMATIC_STREAM_SERIALIZATION);
  }

  @Test
  void structsAreThoseOfTheHeader() {
    assertThat(integers(LaunchKernelEx.CONFIG))
        .containsExactlyElementsOf(HeaderOracle.members(CLASSES + "CUlaunchConfig").keySet());
    assertThat(LaunchKernelEx.CONFIG.byteSize()).isEqualTo(56);
    assertThat(offset(LaunchKernelEx.CONFIG, "blockDimX")).isEqualTo(12);
    assertThat(offset(LaunchKernelEx.CONFIG, "sharedMemBytes")).isEqualTo(24);
    assertThat(offset(LaunchKernelEx.CONFIG, "hStream")).isEqualTo(32);
    assertThat(offset(LaunchKernelEx.CONFIG, "attrs")).isEqualTo(40);
    assertThat(offset(LaunchKernelEx.CONFIG, "numAttrs")).isEqualTo(48);
    assertThat(HeaderOracle.members(CLASSES + "CUlaunchAttributeValue"))
        .containsEntry("programmaticStreamSerializationAllowed", "int");
    assertThat(LaunchKernelEx.ATTRIBUTE.byteSize()).isEqualTo(72);
    assertThat(offset(LaunchKernelEx.ATTRIBUTE, "programmaticStreamSerializationAllowed")).isEqualTo(8);
  }
}
