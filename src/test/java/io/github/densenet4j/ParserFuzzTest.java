package io.github.densenet4j;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever is in a file, it is read or refused in a sentence. */
class ParserFuzzTest {
  private static final int FILES = 150;
  private static final int MANY_FILES = 40_000;

  @TempDir private Path folder;

  @Test
  void damagedFilesAreReadOrRefused() throws IOException {
    new Parsers(folder).readDamaged(FILES, 1);
  }

  @Test
  @Tag("slow")
  void manyDamagedFilesAreReadOrRefused() throws IOException {
    new Parsers(folder).readDamaged(MANY_FILES, 2);
  }
}
