package io.github.densenet4j;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.properties.HasAnnotations;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.github.densenet4j.internal.backend.cpu.CpuBackend;
import io.github.densenet4j.internal.backend.cuda.CudaBackend;
import io.github.densenet4j.internal.backend.cuda.RequiredCuda;
import io.github.densenet4j.internal.backend.cuda.SoftwareDevice;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Disabled;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Tags;
import org.junit.jupiter.api.Test;

/**
 * That tags say what they mean: {@code fast} is pure Java, {@code slow} is left to the nightly, {@code cuda} needs what
 * a CUDA toolkit compiles; and that no test skips in silence.
 */
class TestTagsTest {
  private static final String CUDA_TESTS = "io.github.densenet4j.internal.backend.cuda";

  /** What this machine lacks or has: instructions, driver, Python's CUDA, libturbojpeg, groups; CUDA left out. */
  private static final Set<String> MAY_SKIP =
      Set.of(
          "InstructionSetTest", "CudaDriverTest", "SearchPathTest", "TurboJpegTest", "ControlGroupTest",
          RequiredCuda.class.getSimpleName());

  private static final List<JavaClass> CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.OnlyIncludeTests())
          .importPackages("io.github.densenet4j")
          .stream()
          .toList();

  private static List<JavaClass> tests() {
    var tests = CLASSES.stream().filter(c -> c.isTopLevelClass() && c.getSimpleName().matches(".*(Test|IT)")).toList();
    assertThat(tests).anyMatch(c -> c.isEquivalentTo(TestTagsTest.class));
    return tests;
  }

  private static Set<String> tags(HasAnnotations<?> element) {
    var one = element.tryGetAnnotationOfType(Tag.class).stream();
    var several = element.tryGetAnnotationOfType(Tags.class).stream().flatMap(tags -> Arrays.stream(tags.value()));
    return Stream.concat(one, several).map(Tag::value).collect(Collectors.toSet());
  }

  private static Predicate<JavaClass> uses(Class<?>... used) {
    return test ->
        test.getDirectDependenciesFromSelf().stream()
            .anyMatch(to -> Stream.of(used).anyMatch(c -> to.getTargetClass().isEquivalentTo(c)));
  }

  @Test
  void thereAreThreeTagsAndFastExcludesTheOthers() {
    assertThat(tests())
        .allSatisfy(test -> assertThat(tags(test)).isSubsetOf("fast", "slow", "cuda"))
        .allSatisfy(test -> test.getCodeUnits().forEach(u -> assertThat(tags(u)).isSubsetOf("slow", "cuda")))
        .filteredOn(test -> tags(test).contains("fast"))
        .isNotEmpty()
        .allSatisfy(test -> assertThat(tags(test)).containsExactly("fast"));
  }

  @Test
  void fastTestsComputeNothingNativeAndStartNoProcess() {
    assertThat(tests())
        .filteredOn(test -> tags(test).contains("fast"))
        .filteredOn(uses(CpuBackend.class, CudaBackend.class, SoftwareDevice.class, ProcessBuilder.class))
        .isEmpty();
  }

  @Test
  void allTestsOfTheGpusEngineAreTaggedCuda() {
    assertThat(tests())
        .filteredOn(test -> test.getPackageName().startsWith(CUDA_TESTS))
        .isNotEmpty()
        .allSatisfy(test -> assertThat(tags(test)).contains("cuda"));
  }

  @Test
  void whatUsesTheSoftwareDeviceIsTaggedCuda() {
    assertThat(tests())
        .filteredOn(test -> !tags(test).contains("cuda"))
        .flatExtracting(JavaClass::getCodeUnits)
        .filteredOn(TestTagsTest::callsTheSoftwareDevice)
        .allSatisfy(unit -> assertThat(tags(unit)).as(unit.getFullName()).contains("cuda"));
  }

  private static boolean callsTheSoftwareDevice(JavaCodeUnit unit) {
    return unit.getCallsFromSelf().stream()
        .map(call -> call.getTargetOwner())
        .anyMatch(owner -> owner.isEquivalentTo(SoftwareDevice.class) || owner.isEquivalentTo(CudaBackend.class));
  }

  @Test
  void noTestSkipsInSilence() {
    assertThat(CLASSES)
        .filteredOn(c -> !MAY_SKIP.contains(c.getSimpleName()) && !c.isEquivalentTo(TestTagsTest.class))
        .filteredOn(
            uses(Assumptions.class, org.assertj.core.api.Assumptions.class, Disabled.class)
                .or(TestTagsTest::hasConditions))
        .isEmpty();
  }

  private static boolean hasConditions(JavaClass test) {
    return test.getDirectDependenciesFromSelf().stream()
        .anyMatch(to -> to.getTargetClass().getPackageName().equals("org.junit.jupiter.api.condition"));
  }
}
