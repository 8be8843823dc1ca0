package io.github.densenet4j.internal.training;

import io.github.densenet4j.data.Dataset;
import io.github.densenet4j.data.ImageSource;
import io.github.densenet4j.internal.checkpoint.Normalization;
import io.github.densenet4j.internal.io.AtomicFile;
import io.github.densenet4j.internal.io.PackFile;
import io.github.densenet4j.internal.io.PackWriter;
import io.github.densenet4j.internal.io.SafetensorsType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;

/**
 * Writes a data set as one packed file: its images as they are read, without variation.
 *
 * @param readers threads that read images; empty: as {@link BatchRing#threads} chooses
 * @param progress told of every so many images that were written
 */
public record Packing(OptionalInt readers, IntConsumer progress) {
  private static final int BATCH = 64;

  /**
   * Writes the file, whole or not at all.
   *
   * @throws io.github.densenet4j.error.CheckpointException if it cannot be written
   * @throws io.github.densenet4j.error.DataException if an image cannot be read
   */
  public void write(Dataset data, Path file) {
    PackWriter.write(file, data.classNames(), texts(data), part(data.training()), data.heldOut().map(this::part));
  }

  private static Map<String, String> texts(Dataset data) {
    var texts = new LinkedHashMap<String, String>();
    texts.put(PackFile.SOURCE, data.name());
    data.preprocessing()
        .ifPresent(
            made -> {
              texts.put(PackFile.DECODER, data.decoder());
              texts.put(PackFile.RESIZE, Integer.toString(made.resize()));
              texts.put(PackFile.INTERPOLATION, made.interpolation().name().toLowerCase(Locale.ROOT));
              texts.put(PackFile.UPRIGHT, Boolean.toString(made.upright()));
            });
    return texts;
  }

  private PackWriter.Part part(ImageSource images) {
    var type =
        switch (images.pixels()) {
          case UINT8 -> SafetensorsType.U8;
          case FLOAT32 -> SafetensorsType.F32;
        };
    int[] labels = IntStream.range(0, images.count()).map(images::label).toArray();
    return new PackWriter.Part(
        images.height(), images.width(), images.channels(), type, labels, channel -> copy(images, channel));
  }

  private void copy(ImageSource images, WritableByteChannel channel) throws IOException {
    var batches = new EvaluationBatches(images, Math.min(BATCH, images.count()));
    try (var reader = BatchRing.of(images, batches.batchSize(), unchanged(images), readers).read(batches, 0)) {
      for (int batch = 0; batch < batches.batches(); batch++) {
        int values = batches.size(batch) * images.imageValues();
        switch (reader.next()) {
          case ByteBatch bytes -> AtomicFile.writeFully(channel, ByteBuffer.wrap(bytes.pixels(), 0, values));
          case FloatBatch floats -> AtomicFile.writeFully(channel, littleEndian(floats.values(), values));
        }
        progress.accept(batches.size(batch));
      }
    }
  }

  /** Nothing taken off, divided by one: values stay what they are. */
  private static Normalization unchanged(ImageSource images) {
    return new Normalization(
        Collections.nCopies(images.channels(), 0.0), Collections.nCopies(images.channels(), 1.0));
  }

  private static ByteBuffer littleEndian(float[] values, int count) {
    var bytes = ByteBuffer.allocate(Math.multiplyExact(count, Float.BYTES)).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(values, 0, count);
    return bytes;
  }
}
