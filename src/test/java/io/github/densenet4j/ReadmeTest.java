package io.github.densenet4j;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Compiles and runs the README's Java program, to the letter. */
class ReadmeTest {
  @TempDir Path folder;

  @Test
  void theProgramTrainsAndSaves() throws Exception {
    String readme = Files.readString(Path.of("README.md"));
    var block = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL).matcher(readme);
    assertThat(block.find()).isTrue();
    Path source = folder.resolve("Train.java");
    Files.writeString(source, block.group(1));
    int status =
        ToolProvider.getSystemJavaCompiler()
            .run(null, null, null, "-d", folder.toString(), "-cp", System.getProperty("java.class.path"),
                source.toString());
    assertThat(status).isZero();

    writeImages("train", 64);
    writeImages("t10k", 32);
    Path out = folder.resolve("out");
    assertThat(run("idx:" + folder, out.toString())).matches("held-out accuracy: \\d+\\.\\d\\d %\\R");
    assertThat(out.resolve("checkpoint-best.safetensors")).isRegularFile();
    assertThat(out.resolve("report.html")).isRegularFile();
  }

  private String run(String... args) throws Exception {
    var captured = new ByteArrayOutputStream();
    var before = System.out;
    System.setOut(new PrintStream(captured, true, StandardCharsets.UTF_8));
    try (var loader = new URLClassLoader(new URL[] {folder.toUri().toURL()})) {
      loader.loadClass("Train").getMethod("main", String[].class).invoke(null, (Object) args);
    } finally {
      System.setOut(before);
    }
    return captured.toString(StandardCharsets.UTF_8);
  }

  /** Images of two classes, dark and light, in the MNIST files' format. */
  private void writeImages(String part, int count) throws IOException {
    var images = ByteBuffer.allocate(16 + count * 28 * 28).putInt(0x803).putInt(count).putInt(28).putInt(28);
    var labels = ByteBuffer.allocate(8 + count).putInt(0x801).putInt(count);
    for (int i = 0; i < count; i++) {
      labels.put((byte) (i % 2));
      for (int p = 0; p < 28 * 28; p++) {
        images.put((byte) (i % 2 * 120 + (i * 31 + p * 17) % 97));
      }
    }
    Files.write(folder.resolve(part + "-images-idx3-ubyte"), images.array());
    Files.write(folder.resolve(part + "-labels-idx1-ubyte"), labels.array());
  }
}
