package io.github.densenet4j.data;

import io.github.densenet4j.error.DataException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * A folder with a folder for each class, whose images may lie deeper; or with {@code train} and one of {@code val},
 * {@code valid}, {@code validation} and {@code test}, each of which is such a folder. What begins with a dot is left
 * alone, and so are files that are not named as PNG or JPEG. Folders are read in the order of their names.
 */
final class FolderTree {
  private static final String TRAINING = "train";
  private static final List<String> HELD_OUT = List.of("val", "valid", "validation", "test");
  private static final Set<String> ENDINGS = Set.of(".png", ".jpg", ".jpeg");

  private final Path root;
  private final List<String> given;

  private FolderTree(Path root, List<String> given) {
    this.root = root;
    this.given = given;
  }

  /**
   * Lists the images.
   *
   * @param classNames by label; empty: the folders' names in order
   * @throws DataException if there are none, or the folders are not as they should be
   */
  static LabelledParts read(Path root, List<String> classNames) {
    DataFolder.open(root, "a folder for each class");
    return new FolderTree(root, classNames).parts();
  }

  private LabelledParts parts() {
    var folders = folders(root);
    boolean split =
        folders.contains(TRAINING) && folders.stream().allMatch(name -> name.equals(TRAINING) || HELD_OUT.contains(name));
    if (!split) {
      var names = names(root);
      return new LabelledParts(list(root, names, true), Optional.empty(), names);
    }
    Path training = root.resolve(TRAINING);
    var names = names(training);
    var heldOut =
        HELD_OUT.stream().filter(folders::contains).findFirst().map(name -> list(root.resolve(name), names, false));
    return new LabelledParts(list(training, names, true), heldOut, names);
  }

  private List<String> names(Path tree) {
    if (!given.isEmpty()) {
      return given;
    }
    var names = folders(tree);
    if (names.isEmpty()) {
      throw new DataException(
          "The folder %s has no folders in it, expected one for each class, named as the class.".formatted(tree));
    }
    return List.copyOf(names);
  }

  private static TreeSet<String> folders(Path parent) {
    try (var entries = Files.list(parent)) {
      var names = new TreeSet<String>();
      entries.filter(FolderTree::isSeen).filter(Files::isDirectory).forEach(p -> names.add(p.getFileName().toString()));
      return names;
    } catch (IOException e) {
      throw unlisted(parent, e);
    }
  }

  private static boolean isSeen(Path path) {
    return !path.getFileName().toString().startsWith(".");
  }

  private static DataException unlisted(Path folder, IOException e) {
    return new DataException("The folder %s cannot be listed (%s), check its permissions.".formatted(folder, e), e);
  }

  /** @param whole whether each class must have an image */
  private LabelledFiles list(Path tree, List<String> names, boolean whole) {
    for (String folder : folders(tree)) {
      if (!names.contains(folder)) {
        throw new DataException(
            "The folder %s has the class %s, which is none of the %d known ones (%s).".formatted(
                tree, folder, names.size(), abridged(names)));
      }
    }
    var files = new FileList();
    var labels = new ArrayList<int[]>();
    for (int label = 0; label < names.size(); label++) {
      Path folder = tree.resolve(names.get(label));
      int before = files.count();
      if (Files.isDirectory(folder)) {
        addAll(folder, files);
      }
      int added = files.count() - before;
      if (added == 0 && whole && given.isEmpty()) {
        throw new DataException(
            "The folder %s has no PNG or JPEG file in it; add images of this class or remove it.".formatted(folder));
      }
      int[] some = new int[added];
      Arrays.fill(some, label);
      labels.add(some);
    }
    if (files.count() == 0) {
      throw new DataException("The folder %s has no PNG or JPEG file in its class folders.".formatted(tree));
    }
    return new LabelledFiles(files, labels.stream().flatMapToInt(Arrays::stream).toArray());
  }

  private static String abridged(List<String> names) {
    return names.size() <= 4 ? String.join(", ", names) : String.join(", ", names.subList(0, 3)) + " ...";
  }

  private static void addAll(Path folder, FileList files) {
    int number = files.addFolder(folder);
    try (Stream<Path> found = Files.walk(folder, FileVisitOption.FOLLOW_LINKS)) {
      found
          .filter(FolderTree::isImage)
          .map(file -> folder.relativize(file).toString())
          .sorted()
          .forEach(name -> files.add(number, name));
    } catch (IOException e) {
      throw unlisted(folder, e);
    } catch (UncheckedIOException e) {
      throw unlisted(folder, e.getCause());
    }
  }

  private static boolean isImage(Path path) {
    String name = path.getFileName().toString().toLowerCase(Locale.ROOT);
    return !name.startsWith(".") && ENDINGS.stream().anyMatch(name::endsWith) && Files.isRegularFile(path);
  }
}
