package io.github.densenet4j.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.densenet4j.error.ConfigurationException;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("fast")
class SplitTest {
  private static final int[] ALONE = {};

  @Test
  void everyClassGivesItsShareUpToRounding() {
    int[] labels = IntStream.range(0, 1_000).map(i -> i < 700 ? 0 : i < 993 ? 1 : i < 999 ? 2 : 3).toArray();
    for (long seed = 0; seed < 10; seed++) {
      var split = Split.of(1_000, i -> labels[i], ALONE, 0.1, seed);
      int[] counts = new int[4];
      Arrays.stream(split.heldOut()).forEach(i -> counts[labels[i]]++);
      assertThat(counts).containsExactly(70, 29, 1, 0);
      var all = IntStream.concat(Arrays.stream(split.training()), Arrays.stream(split.heldOut())).sorted();
      assertThat(all).containsExactlyElementsOf(IntStream.range(0, 1_000).boxed().toList());
      assertThat(split.heldOut()).isSorted();
      assertThat(Split.of(1_000, i -> labels[i], ALONE, 0.1, seed).heldOut()).isEqualTo(split.heldOut());
      assertThat(Split.of(1_000, i -> labels[i], ALONE, 0.1, seed + 1).heldOut()).isNotEqualTo(split.heldOut());
    }
  }

  @Test
  void theWholeHasItsShareHoweverSmallTheClassesAre() {
    var split = Split.of(60, i -> i % 10, ALONE, 0.1, 1);
    assertThat(split.heldOut()).hasSize(6);
    assertThat(Arrays.stream(split.heldOut()).map(i -> i % 10).distinct().count()).isEqualTo(6);
  }

  @Test
  void groupsStayWholeAndClassesComeCloseToTheirShares() {
    int[] groups = IntStream.range(0, 3_000).map(i -> i / 3).toArray();
    int[] labels = IntStream.range(0, 3_000).map(i -> i % 10 == 0 ? 1 : 0).toArray();
    var split = Split.of(3_000, i -> labels[i], groups, 0.2, 5);
    var held = Arrays.stream(split.heldOut()).map(i -> groups[i]).boxed().toList();
    assertThat(Arrays.stream(split.training()).map(i -> groups[i])).doesNotContainAnyElementsOf(held);
    assertThat(split.heldOut().length).isBetween(595, 605);
    assertThat(Arrays.stream(split.heldOut()).map(i -> labels[i]).sum()).isBetween(57, 63);
  }

  @Test
  void partsThatWouldBeEmptyAreRefused() {
    assertThatThrownBy(() -> Split.of(10, _ -> 0, ALONE, 0.01, 1))
        .isInstanceOf(ConfigurationException.class)
        .hasMessage(
            "validation split is 0.01, which holds out 0 of 10 training images: at least 1 must be held out and at least"
                + " 1 be left");
    assertThatThrownBy(() -> Split.of(10, _ -> 0, new int[10], 0.5, 1)).hasMessageContaining("holds out 0 of 10");
    assertThatThrownBy(() -> Split.of(10, _ -> 0, ALONE, Double.NaN, 1))
        .hasMessage("validation split is NaN, it must be above 0 and below 1");
  }
}
