package io.github.densenet4j;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.densenet4j.data.Dataset;
import io.github.densenet4j.data.DrawnFiles;
import io.github.densenet4j.data.ImageFiles;
import io.github.densenet4j.data.TestFiles;
import io.github.densenet4j.error.DensenetException;
import io.github.densenet4j.internal.checkpoint.CheckpointFile;
import io.github.densenet4j.internal.io.EpochMetrics;
import io.github.densenet4j.internal.io.Images;
import io.github.densenet4j.internal.io.Json;
import io.github.densenet4j.internal.io.MetricsCsv;
import io.github.densenet4j.internal.io.SafetensorsFile;
import io.github.densenet4j.internal.weights.WeightFile;
import io.github.densenet4j.internal.training.Packing;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Random;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/** Everything that reads files of others, each with a sound file to damage. */
final class Parsers {
  private final Path folder;
  private final Map<String, Parser> all = new LinkedHashMap<>();

  /** @param file that {@code read} is to read, sound at first */
  private record Parser(Path file, Runnable read) {}

  Parsers(Path folder) throws IOException {
    this.folder = folder;
    checkpoint();
    idx();
    cifar();
    Path pack = folder.resolve("images.pack");
    new Packing(OptionalInt.empty(), _ -> {}).write(Learnable.data(), pack);
    all.put("pack", new Parser(pack, () -> Dataset.open("pack:" + pack)));
    Path metrics = folder.resolve("metrics.csv");
    MetricsCsv.create(metrics).append(new EpochMetrics(1, 2.5, 0.25, 2, 0.5, 0.1, 300, 7));
    all.put("metrics", new Parser(metrics, () -> MetricsCsv.read(metrics)));
    weights("monai-views.pt");
    weights("whole-module.pt");
    image("png", false);
    image("jpeg", false);
    image("progressive", true);
    pictures();
    table();
  }

  private void checkpoint() {
    Path run = folder.resolve("run");
    var network = DenseNet.create(Learnable.CONFIG, 1);
    Trainer.of(network, Learnable.data(), Device.cpu(1)).epochs(1).batch(16).folder(run).run();
    Path last = run.resolve("checkpoint-last.safetensors");
    all.put("checkpoint", new Parser(last, () -> CheckpointFile.read(last)));
    Path exported = folder.resolve("network.safetensors");
    network.save(exported);
    all.put("network", new Parser(exported, () -> DenseNet.load(exported)));
    Path config = run.resolve("config.json");
    all.put("json", new Parser(config, () -> Json.read(config)));
    Path tensors = folder.resolve("tensors.safetensors");
    network.save(tensors);
    all.put("safetensors", new Parser(tensors, () -> readAll(tensors)));
  }

  private static void readAll(Path tensors) {
    try (var file = SafetensorsFile.open(tensors)) {
      file.names().forEach(file::bytes);
    }
  }

  private void idx() throws IOException {
    Path plain = folder.resolve("idx");
    TestFiles.writeIdxFolder(plain);
    for (String name : new String[] {"train-images-idx3-ubyte", "t10k-labels-idx1-ubyte"}) {
      all.put(name, new Parser(plain.resolve(name), () -> Dataset.open("idx:" + plain)));
    }
    Path packed = folder.resolve("idx-gz");
    TestFiles.writeIdxFolder(packed);
    Path images = packed.resolve("train-images-idx3-ubyte");
    Path gzip = Files.write(packed.resolve("train-images-idx3-ubyte.gz"), TestFiles.gzip(Files.readAllBytes(images)));
    Files.delete(images);
    all.put("gzip", new Parser(gzip, () -> Dataset.open("idx:" + packed)));
  }

  private void cifar() throws IOException {
    Path cifar = Files.createDirectory(folder.resolve("cifar"));
    Files.write(cifar.resolve("train.bin"), TestFiles.cifarRecord(1, 3, 5));
    Files.write(cifar.resolve("test.bin"), TestFiles.cifarRecord(2, 19, 99));
    all.put("cifar", new Parser(cifar.resolve("train.bin"), () -> Dataset.open("cifar100:" + cifar)));
    Path names = Files.writeString(cifar.resolve("fine_label_names.txt"), "name\n".repeat(100));
    all.put("class names", new Parser(names, () -> Dataset.open("cifar100:" + cifar)));
  }

  private void table() throws IOException {
    var text = new StringBuilder("\uFEFFpath,\"label, of it\"\r\n");
    for (int i = 0; i < 4; i++) {
      DrawnFiles.grey(folder.resolve("table/" + i + ".png"), 2, 2, i);
      text.append("\"%d.png\",%s\r\n".formatted(i, i % 2 == 0 ? "even" : "odd"));
    }
    Path file = Files.writeString(folder.resolve("table/table.csv"), text);
    all.put("csv", new Parser(file, () -> ImageFiles.table(file).evaluation()));
  }

  /** One with EXIF, and one of four inks. */
  private void pictures() throws IOException {
    Path inks = Files.copy(Path.of("src/test/resources/pictures/ycck.jpg"), folder.resolve("ycck.jpg"));
    all.put("inks", new Parser(inks, () -> Images.read(inks)));
    byte[] jpeg = Files.readAllBytes(folder.resolve("image.jpeg"));
    var exif = ByteBuffer.allocate(36).put(new byte[] {-1, (byte) 0xe1, 0, 34, 'E', 'x', 'i', 'f', 0, 0, 'M', 'M'});
    exif.putShort((short) 42).putInt(8).putShort((short) 1).putShort((short) 0x112).putShort((short) 3).putInt(1);
    exif.putShort((short) 6);
    byte[] turned =
        TestFiles.concat(Arrays.copyOf(jpeg, 2), exif.array(), Arrays.copyOfRange(jpeg, 2, jpeg.length));
    Path file = Files.write(folder.resolve("turned.jpeg"), turned);
    all.put("exif", new Parser(file, () -> Images.read(file)));
  }

  private void weights(String name) throws IOException {
    Path file = Files.copy(Path.of("src/test/resources/weights", name), folder.resolve(name));
    all.put(name, new Parser(file, () -> readWeights(file)));
  }

  private static void readWeights(Path path) {
    try (var file = WeightFile.open(path)) {
      file.shapes().keySet().forEach(file::floats);
    }
  }

  private void image(String name, boolean progressive) throws IOException {
    var image = new BufferedImage(40, 30, BufferedImage.TYPE_INT_RGB);
    var random = new Random(3);
    for (int i = 0; i < 1200; i++) {
      image.setRGB(i % 40, i / 40, random.nextInt(1 << 24));
    }
    var bytes = new ByteArrayOutputStream();
    var writer = ImageIO.getImageWritersByFormatName(progressive ? "jpeg" : name).next();
    try (var out = new MemoryCacheImageOutputStream(bytes)) {
      var parameters = writer.getDefaultWriteParam();
      if (progressive) {
        parameters.setProgressiveMode(ImageWriteParam.MODE_DEFAULT);
      }
      writer.setOutput(out);
      writer.write(null, new IIOImage(image, null, null), parameters);
    } finally {
      writer.dispose();
    }
    Path file = Files.write(folder.resolve("image." + name), bytes.toByteArray());
    all.put(name, new Parser(file, () -> Images.read(file)));
  }

  /** Has every parser read so many damaged files: each is taken, or refused in a sentence. */
  void readDamaged(int files, long seed) throws IOException {
    for (var named : all.entrySet()) {
      var mutation = new Mutation(seed + named.getKey().hashCode());
      var parser = named.getValue();
      byte[] sound = Files.readAllBytes(parser.file());
      parser.read().run();
      int refused = 0;
      for (int i = 0; i < files; i++) {
        // A new file, because some file systems write out what is truncated.
        Files.delete(parser.file());
        Files.write(parser.file(), mutation.of(sound));
        refused += isRefused(named.getKey() + " " + i, parser) ? 1 : 0;
      }
      Files.write(parser.file(), sound);
      parser.read().run();
      assertThat(refused).as("files refused as " + named.getKey()).isPositive();
    }
  }

  private static boolean isRefused(String name, Parser parser) {
    try {
      parser.read().run();
      return false;
    } catch (DensenetException refusal) {
      assertThat(refusal.getMessage()).as(name).hasLineCount(1).doesNotContain("java.");
      return true;
    } catch (RuntimeException | Error other) {
      throw new AssertionError("damaged file " + name + " of the seed", other);
    }
  }
}
