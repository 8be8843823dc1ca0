package io.github.densenet4j.data;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Paths, as few bytes of each as can be: ten million with names of thirty letters take 600 MB. Only the names below one of a
 * few folders are kept, in UTF-8.
 */
final class FileList {
  private final List<Path> folders = new ArrayList<>();
  private int[] folder = new int[16];
  private byte[][] names = new byte[16][];
  private int count;

  /** @return the number of the folder, for {@link #add} */
  int addFolder(Path path) {
    folders.add(path);
    return folders.size() - 1;
  }

  void add(int folderNumber, String name) {
    if (count == names.length) {
      folder = Arrays.copyOf(folder, count + count / 2);
      names = Arrays.copyOf(names, count + count / 2);
    }
    folder[count] = folderNumber;
    names[count++] = name.getBytes(StandardCharsets.UTF_8);
  }

  int count() {
    return count;
  }

  Path path(int index) {
    return folders.get(folder[index]).resolve(new String(names[index], StandardCharsets.UTF_8));
  }

  /** The name below its folder, in UTF-8, not a copy. */
  byte[] name(int index) {
    return names[index];
  }

  Path folderOf(int index) {
    return folders.get(folder[index]);
  }

  /** Some of the files. */
  FileList select(int[] indexes) {
    var some = new FileList();
    some.folders.addAll(folders);
    some.count = indexes.length;
    some.folder = Arrays.stream(indexes).map(i -> folder[i]).toArray();
    some.names = Arrays.stream(indexes).mapToObj(i -> names[i]).toArray(byte[][]::new);
    return some;
  }
}
