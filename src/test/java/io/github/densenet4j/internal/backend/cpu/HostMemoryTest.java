package io.github.densenet4j.internal.backend.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HostMemoryTest {
  private static final long AVAILABLE = 8_000_000L << 10;

  @TempDir private Path root;

  private void write(String file, String text) throws IOException {
    Files.createDirectories(root.resolve(file).getParent());
    Files.writeString(root.resolve(file), text);
  }

  private void computer() throws IOException {
    write("proc/meminfo", "MemTotal:       16000000 kB\nMemFree: 1000 kB\nMemAvailable:    8000000 kB\n");
  }

  private long available() {
    return new HostMemory(root).availableBytes();
  }

  @Test
  void withoutLinuxNothingIsKnown() {
    assertThat(available()).isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void withoutGroupsTheComputerDecides() throws IOException {
    computer();
    assertThat(available()).isEqualTo(AVAILABLE);
  }

  @Test
  void groupsOfVersion2AndThoseAboveThemLimit() throws IOException {
    computer();
    write("proc/self/cgroup", "0::/service/job\n");
    write("sys/fs/cgroup/service/job/memory.max", "max\n");
    write("sys/fs/cgroup/service/job/memory.current", "5000\n");
    assertThat(available()).isEqualTo(AVAILABLE);
    write("sys/fs/cgroup/service/memory.max", "1000000\n");
    write("sys/fs/cgroup/service/memory.current", "600000\n");
    assertThat(available()).isEqualTo(400_000);
    assertThat(new HostMemory(root).groupLimit()).hasValue(1_000_000);
    write("sys/fs/cgroup/service/memory.stat", "anon 1\ninactive_file 100000\nactive_file 7\n");
    assertThat(available()).isEqualTo(500_000);
    write("sys/fs/cgroup/service/job/memory.max", "5100\n");
    assertThat(available()).isEqualTo(100);
    write("sys/fs/cgroup/service/job/memory.current", "6000\n");
    assertThat(available()).isZero();
  }

  @Test
  void groupsOfVersion1LimitWithTheFieldsOfTheirOwn() throws IOException {
    computer();
    write("proc/self/cgroup", "5:cpu,cpuacct:/x\n4:memory:/job\n0::/\n");
    write("sys/fs/cgroup/memory/job/memory.limit_in_bytes", "2000000\n");
    write("sys/fs/cgroup/memory/job/memory.usage_in_bytes", "500000\n");
    write("sys/fs/cgroup/memory/job/memory.stat", "inactive_file 1\ntotal_inactive_file 300000\n");
    write("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
    write("sys/fs/cgroup/memory/memory.usage_in_bytes", "700000\n");
    assertThat(available()).isEqualTo(1_800_000);
    assertThat(new HostMemory(root).groupLimit()).hasValue(2_000_000);
  }

  /** A container's path is that of the host, its mount begins at its own group. */
  @Test
  void aContainerFindsItsGroupAtTheMount() throws IOException {
    computer();
    write("proc/self/cgroup", "4:memory:/docker/0123\n");
    write("sys/fs/cgroup/memory/memory.limit_in_bytes", "1000\n");
    write("sys/fs/cgroup/memory/memory.usage_in_bytes", "400\n");
    assertThat(available()).isEqualTo(600);
  }

  @Test
  void aRoomyGroupDoesNotAddMemory() throws IOException {
    computer();
    write("proc/self/cgroup", "0::/\n");
    write("sys/fs/cgroup/memory.max", "9000000000000\n");
    write("sys/fs/cgroup/memory.current", "1\n");
    assertThat(available()).isEqualTo(AVAILABLE);
    assertThat(new HostMemory(root).groupLimit()).isEmpty();
  }

  @Test
  void pathsStayInsideTheMount() throws IOException {
    computer();
    write("proc/self/cgroup", "0::/../..\n");
    write("sys/memory.max", "10\n");
    write("sys/memory.current", "1\n");
    assertThat(available()).isEqualTo(AVAILABLE);
  }
}
