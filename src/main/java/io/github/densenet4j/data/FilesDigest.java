package io.github.densenet4j.data;

import io.github.densenet4j.error.DataException;
import io.github.densenet4j.internal.random.SplitMix64;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * What tells labelled files from others without reading them all: names, sizes and labels, and the content of a thousand
 * that are drawn, always the same ones. Wherever the files lie.
 */
final class FilesDigest {
  private static final int MOST_READ = 1_000;
  private static final long SEED = 0x66696c6573L; // any number will do, but it may never change
  private static final int BUFFER_BYTES = 1 << 16;

  private final FileList files;
  private final MessageDigest sha256 = ContentDigest.sha256();

  private FilesDigest(FileList files) {
    this.files = files;
  }

  static String of(FileList files, int[] labels) {
    var digest = new FilesDigest(files);
    digest.addAll(labels);
    for (int index : drawn(files.count())) {
      digest.addContent(index);
    }
    return HexFormat.of().formatHex(digest.sha256.digest(), 0, ContentDigest.BYTES);
  }

  private void addAll(int[] labels) {
    var numbers = ByteBuffer.allocate(Integer.BYTES + Integer.BYTES + Long.BYTES);
    for (int i = 0; i < labels.length; i++) {
      byte[] name = files.name(i);
      sha256.update(numbers.clear().putInt(labels[i]).putInt(name.length).putLong(size(files.path(i))).flip());
      sha256.update(name);
    }
  }

  private static long size(Path file) {
    try {
      return Files.size(file);
    } catch (IOException e) {
      throw new DataException("cannot read the image %s: %s".formatted(file, e), e);
    }
  }

  /** In order. */
  private static int[] drawn(int count) {
    int[] order = new int[count];
    new SplitMix64(SEED).permute(order);
    return Arrays.stream(order, 0, Math.min(count, MOST_READ)).sorted().toArray();
  }

  private void addContent(int index) {
    var buffer = new byte[BUFFER_BYTES];
    Path file = files.path(index);
    try (var in = Files.newInputStream(file)) {
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        sha256.update(buffer, 0, read);
      }
    } catch (IOException e) {
      throw new DataException("cannot read the image %s: %s".formatted(file, e), e);
    }
  }
}
