package io.github.densenet4j.internal.backend.library;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.densenet4j.error.DeviceException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Copies of a jar's libraries: private, always those of the jar, and never half of one. */
class NativeCacheTest {
  private static final String TITLE = "the libraries";
  private static final byte[] CONTENT = {1, 2, 3, 4, 5, 6, 7, 8, 9};
  private static final int ANOTHER_USER = 12_345;

  @TempDir private Path temporary;
  private Path place;
  private Map<String, byte[]> contents;

  @BeforeEach
  void twoFiles() {
    place = temporary.resolve("cache/densenet4j");
    contents = new LinkedHashMap<>();
    contents.put("one.so", CONTENT);
    contents.put("two.so", new byte[100_000]);
  }

  private Path unpack() {
    return new NativeCache(List.of(place)).unpack(TITLE, contents);
  }

  private void assertWhole(Path folder) throws IOException {
    try (var files = Files.list(folder)) {
      assertThat(files.map(file -> file.getFileName().toString())).containsExactlyInAnyOrder("one.so", "two.so");
    }
    for (var entry : contents.entrySet()) {
      assertThat(folder.resolve(entry.getKey())).isRegularFile().hasBinaryContent(entry.getValue());
    }
  }

  private static String permissions(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }

  /** A folder that is not this user's; only root can give one away. */
  private Path foreign() throws IOException {
    Path given = Files.createDirectories(temporary.resolve("foreign"));
    if (PrivateFolder.user() != 0) {
      return Path.of("/usr");
    }
    Files.setAttribute(given, "unix:uid", ANOTHER_USER);
    return given;
  }

  @Test
  void foldersAreNobodyElses() throws IOException {
    Path folder = unpack();
    assertWhole(folder);
    assertThat(permissions(folder)).isEqualTo("rwx------");
    assertThat(permissions(place)).isEqualTo("rwx------");
    Files.setPosixFilePermissions(place, PosixFilePermissions.fromString("rwxrwxrwx"));
    assertThat(unpack()).isEqualTo(folder);
    assertThat(permissions(place)).isEqualTo("rwx------");
  }

  @Test
  void whatIsThereIsUsedAgain() throws IOException {
    Path file = unpack().resolve("one.so");
    var old = FileTime.fromMillis(1_000_000);
    Files.setLastModifiedTime(file, old);
    unpack();
    assertThat(Files.getLastModifiedTime(file)).isEqualTo(old);
  }

  @ParameterizedTest
  @ValueSource(strings = {"cut", "empty", "modified", "a link", "missing"})
  void whatIsNotTheJarsIsReplaced(String damage) throws IOException {
    Path file = unpack().resolve("one.so");
    byte[] other = CONTENT.clone();
    other[4] ^= 1;
    Path elsewhere = Files.write(temporary.resolve("elsewhere.so"), CONTENT);
    switch (damage) {
      case "cut" -> Files.write(file, new byte[] {1, 2, 3});
      case "empty" -> Files.write(file, new byte[0]);
      case "modified" -> Files.write(file, other);
      case "a link" -> {
        Files.delete(file);
        Files.createSymbolicLink(file, elsewhere);
      }
      default -> Files.delete(file);
    }
    assertWhole(unpack());
    assertThat(Files.isSymbolicLink(file)).isFalse();
    assertThat(elsewhere).hasBinaryContent(CONTENT);
  }

  @Test
  void aFileOfAnotherUserIsReplaced() throws IOException {
    Path file = unpack().resolve("one.so");
    if (PrivateFolder.user() == 0) { // nobody else can give it away
      Files.setAttribute(file, "unix:uid", ANOTHER_USER);
    }
    unpack();
    assertThat(PrivateFolder.owner(file)).isEqualTo(PrivateFolder.user());
  }

  @Test
  void buildsDoNotShareAFolder() {
    Path first = unpack();
    contents.put("one.so", new byte[] {9, 8, 7});
    assertThat(unpack()).isNotEqualTo(first);
    assertThat(first.resolve("one.so")).hasBinaryContent(CONTENT);
  }

  @Test
  void whereOnePlaceFailsTheNextIsTaken() throws IOException {
    Path file = Files.createFile(temporary.resolve("file"));
    Path foreign = foreign();
    assertThat(new NativeCache(List.of(foreign, file, place)).unpack(TITLE, contents)).startsWith(place);
    assertThat(foreign.resolve("densenet4j")).doesNotExist();
  }

  @Test
  void theReasonsOfAllPlacesAreTold() throws IOException {
    Path foreign = foreign();
    Path file = Files.createFile(temporary.resolve("file"));
    Path link = Files.createSymbolicLink(temporary.resolve("link"), Files.createDirectory(temporary.resolve("target")));
    assertThatThrownBy(() -> new NativeCache(List.of(foreign, file, link)).unpack(TITLE, contents))
        .isInstanceOf(DeviceException.class)
        .hasMessageContainingAll(
            "the libraries cannot be unpacked", foreign + " (it belongs to another user)",
            file + " (it is not a folder)", link + " (it is not a folder)", "XDG_CACHE_HOME", "-Ddensenet4j.native");
    try (var entries = Files.list(temporary.resolve("target"))) {
      assertThat(entries).isEmpty();
    }
  }

  @Test
  void aFolderInPlaceOfAFileIsNotDeleted() throws IOException {
    Path file = unpack().resolve("one.so");
    Files.delete(file);
    Files.createFile(Files.createDirectory(file).resolve("kept"));
    assertThatThrownBy(this::unpack).isInstanceOf(DeviceException.class).hasMessageContaining(place.toString());
    assertThat(file.resolve("kept")).exists();
    assertThat(Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)).isFalse();
  }

  @Test
  void theUsersCacheComesFirstAndTheFolderForTemporaryFilesLast() {
    String home = temporary.toString();
    Path last = Path.of("/tmp/densenet4j-" + PrivateFolder.user());
    assertThat(NativeCache.places("/cache", home, "/tmp")).containsExactly(Path.of("/cache/densenet4j"), last);
    Path inHome = temporary.resolve(".cache/densenet4j");
    assertThat(NativeCache.places(null, home, "/tmp")).containsExactly(inHome, last);
    assertThat(NativeCache.places("", home, "/tmp")).containsExactly(inHome, last);
    assertThat(NativeCache.places("relative", home, "/tmp")).containsExactly(inHome, last);
  }

  @Test
  void aUserWithoutAHomeHasNoFolderOfThatName() {
    assertThat(NativeCache.places(null, "?", "/tmp")).hasSize(1).allMatch(place -> place.startsWith("/tmp"));
    assertThat(NativeCache.places(null, temporary.resolve("none").toString(), "/tmp")).hasSize(1);
  }
}
