package io.github.densenet4j.internal.weights;

import io.github.densenet4j.internal.io.SafetensorsFile;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/** The weights of a safetensors file, which may be a checkpoint of ours; the state of its training is left out. */
final class SafetensorsWeights implements WeightFile {
  private static final String OPTIMIZER = "optimizer.velocity.";

  private final SafetensorsFile file;
  private final SequencedMap<String, List<Long>> shapes = new LinkedHashMap<>();

  SafetensorsWeights(Path path) {
    file = SafetensorsFile.open(path);
    try {
      file.requireDigest();
      for (String name : file.names()) {
        var info = file.info(name);
        switch (info.type()) {
          case F64, F32, F16, BF16 -> {
            if (!name.startsWith(OPTIMIZER)) {
              shapes.put(name, info.shape());
            }
          }
          case I64, I32, U8 -> {}
        }
      }
    } catch (RuntimeException | Error failure) {
      file.close();
      throw failure;
    }
  }

  @Override
  public SequencedMap<String, List<Long>> shapes() {
    return shapes;
  }

  @Override
  public float[] floats(String name) {
    return file.floats(name);
  }

  @Override
  public void close() {
    file.close();
  }
}
