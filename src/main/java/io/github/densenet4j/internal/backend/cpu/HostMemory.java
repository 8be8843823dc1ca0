package io.github.densenet4j.internal.backend.cpu;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/**
 * Memory that Linux can still give to this process: what is available on the computer, but no more than what is left in
 * each of the control groups (version 1 or 2) that hold the process, as in a container.
 *
 * <p>Source: the Linux kernel's documentation of /proc/meminfo, cgroup-v1/memory and cgroup-v2.
 */
final class HostMemory {
  private static final Path VERSION_1 = Path.of("sys/fs/cgroup/memory");
  private static final Path VERSION_2 = Path.of("sys/fs/cgroup");

  private final Path root;

  /** @param root the folder that holds {@code proc} and {@code sys} */
  HostMemory(Path root) {
    this.root = root;
  }

  /** Bytes; {@link Long#MAX_VALUE} where neither the computer nor a group tells, which is where there is no Linux. */
  long availableBytes() {
    long left = groups().stream().mapToLong(Group::left).min().orElse(Long.MAX_VALUE);
    return Math.min(ofComputer("MemAvailable:").orElse(Long.MAX_VALUE), left);
  }

  /** What the groups allow, bytes used or not; empty where they allow all that the computer has. */
  OptionalLong groupLimit() {
    long total = ofComputer("MemTotal:").orElse(Long.MAX_VALUE);
    return groups().stream().mapToLong(Group::limit).filter(limit -> limit < total).min();
  }

  private OptionalLong ofComputer(String key) {
    return value(Path.of("proc/meminfo"), key).stream().map(kibibytes -> kibibytes << 10).findFirst();
  }

  /** A group that has a limit, and what is used of it that cannot be dropped, bytes. */
  private record Group(long limit, long used) {
    long left() {
      return Math.max(0, limit - used);
    }
  }

  private List<Group> groups() {
    var groups = new ArrayList<Group>();
    for (String line : lines(Path.of("proc/self/cgroup"))) {
      String[] parts = line.split(":", 3); // hierarchy, controllers, path
      if (parts.length == 3 && parts[1].isEmpty()) {
        addGroups(groups, VERSION_2, parts[2], "memory.max", "memory.current", "inactive_file");
      } else if (parts.length == 3 && List.of(parts[1].split(",")).contains("memory")) {
        addGroups(
            groups, VERSION_1, parts[2], "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file");
      }
    }
    return groups;
  }

  /**
   * The group and those above it. A container sees its own group as the mount itself, and its path not at all. Files that
   * were read and can be dropped again do not count as used.
   */
  private void addGroups(
      List<Group> groups, Path mount, String path, String limitFile, String usageFile, String droppable) {
    var group = mount.resolve(path.replaceFirst("^/+", "")).normalize();
    while (group != null && group.startsWith(mount)) {
      var limit = number(group.resolve(limitFile));
      var usage = number(group.resolve(usageFile));
      if (limit.isPresent() && usage.isPresent()) {
        long dropped = value(group.resolve("memory.stat"), droppable).orElse(0);
        groups.add(new Group(limit.getAsLong(), usage.getAsLong() - dropped));
      }
      group = group.getParent();
    }
  }

  /** The number that is the whole file; empty if the file is missing or says {@code max}. */
  private OptionalLong number(Path file) {
    return lines(file).stream().limit(1).filter(HostMemory::isNumber).mapToLong(Long::parseLong).findFirst();
  }

  /** The number after a key. */
  private OptionalLong value(Path file, String key) {
    return lines(file).stream()
        .map(line -> line.split("\\s+"))
        .filter(words -> words.length > 1 && words[0].equals(key) && isNumber(words[1]))
        .mapToLong(words -> Long.parseLong(words[1]))
        .findFirst();
  }

  private static boolean isNumber(String text) {
    return text.matches("\\d{1,19}"); // the kernel's numbers fit in 63 bits
  }

  private List<String> lines(Path file) {
    try {
      return Files.readAllLines(root.resolve(file));
    } catch (IOException e) {
      return List.of(); // no such file: nothing that limits
    }
  }
}
