package io.github.densenet4j.internal.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("fast")
class TableTest {
  @Test
  void alignsColumnsAndLeavesNoSpaceAtTheEnds() {
    var bytes = new ByteArrayOutputStream();
    new Table(Table.Align.LEFT, Table.Align.RIGHT, Table.Align.LEFT)
        .row("a", "1", "x")
        .row("long", "1,000", "longer")
        .row("short")
        .print(new PrintStream(bytes, true));
    assertThat(bytes.toString().lines())
        .containsExactly("a          1  x", "long   1,000  longer", "short");
  }

  @Test
  void breaksLongTextsAtSpaces() {
    var bytes = new ByteArrayOutputStream();
    new Table(Table.Align.LEFT, Table.Align.LEFT)
        .paragraph("data", "one two three", 4, 14)
        .paragraph("path", "/a/path/that/cannot/be/broken and more", 4, 14)
        .print(new PrintStream(bytes, true));
    assertThat(bytes.toString().lines())
        .containsExactly("data  one two", "      three", "path  /a/path/that/cannot/be/broken", "      and more");
  }

  @Test
  void refusesMoreCellsThanColumns() {
    var table = new Table(Table.Align.LEFT);
    assertThatThrownBy(() -> table.row("a", "b")).isInstanceOf(IllegalArgumentException.class);
  }
}
