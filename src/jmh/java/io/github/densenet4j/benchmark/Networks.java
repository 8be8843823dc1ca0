package io.github.densenet4j.benchmark;

import io.github.densenet4j.config.DenseNetConfig;
import io.github.densenet4j.internal.backend.Backend;
import io.github.densenet4j.internal.backend.NetworkSession;
import io.github.densenet4j.internal.checkpoint.Recipe;
import io.github.densenet4j.internal.network.Initialization;
import io.github.densenet4j.internal.program.Lowering;
import java.lang.foreign.MemorySegment;
import java.util.Random;

/** Networks that can be trained at once. */
final class Networks {
  private Networks() {}

  /** With initial parameters and a batch of random images. */
  static NetworkSession loaded(Backend backend, Lowering lowering, DenseNetConfig config, int batch) {
    var session = new NetworkSession(backend, lowering.lower(config, Recipe.paper(batch)));
    var parameters = session.program().parameters();
    var initial = new Initialization(1);
    session.setParameters(initial.learnable(parameters));
    session.setRunning(initial.running(parameters));
    var random = new Random(1);
    var images = new float[batch * session.imageValues()];
    for (int i = 0; i < images.length; i++) {
      images[i] = (float) random.nextGaussian();
    }
    int[] labels = random.ints(batch, 0, config.classes()).toArray();
    session.load(MemorySegment.ofArray(images), MemorySegment.ofArray(labels));
    return session;
  }
}
