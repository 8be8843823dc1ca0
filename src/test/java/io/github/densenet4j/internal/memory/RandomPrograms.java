package io.github.densenet4j.internal.memory;

import io.github.densenet4j.config.DenseNetConfig;
import io.github.densenet4j.config.Stem;
import io.github.densenet4j.internal.program.Lowerings;
import io.github.densenet4j.internal.program.Op;
import io.github.densenet4j.internal.program.Phase;
import io.github.densenet4j.internal.program.PlainOp;
import io.github.densenet4j.internal.program.Program;
import io.github.densenet4j.internal.program.Workload;
import io.github.densenet4j.internal.tensor.Buffer;
import io.github.densenet4j.internal.tensor.Category;
import io.github.densenet4j.internal.tensor.ChannelSlice;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Programs that no network has: copies between buffers of random sizes that are touched again after a random time, long
 * or short.
 */
final class RandomPrograms {
  private RandomPrograms() {}

  /** A network of random shape. */
  static Program network(int seed) {
    var random = new Random(seed);
    var blocks = random.ints(1 + random.nextInt(4), 1, 6).boxed().toList();
    var stem = random.nextBoolean() ? Stem.CIFAR : Stem.IMAGENET;
    var config =
        new DenseNetConfig(
            "random " + seed, 1 + random.nextInt(40), blocks, 2 + random.nextInt(60), random.nextInt(5),
            0.3 + 0.7 * random.nextDouble(), random.nextInt(2) * 0.2, stem, 1 + random.nextInt(4),
            64 + random.nextInt(40), 2 + random.nextInt(20));
    int batch = 2 + random.nextInt(4);
    var workload = random.nextInt(4) == 0 ? Workload.inference(batch) : Workload.training(batch, 0.9, 1e-4);
    return Lowerings.all().get(seed % Lowerings.all().size()).lower(config, workload);
  }

  /** Operations in random order on random buffers. */
  static Program operations(int seed) {
    var random = new Random(seed);
    var config = new DenseNetConfig("random " + seed, 1, List.of(1), 2, 0, 0.5, 0, Stem.CIFAR, 1, 8, 2);
    var frame = Lowerings.standard().lower(config, Workload.inference(1));
    Map<Phase, List<Op>> phases = new EnumMap<>(Phase.class);
    var images = frame.ports().images();
    var live = new ArrayList<Buffer>(List.of(images));
    int longLived = 1 + random.nextInt(60);
    for (var phase : Phase.values()) {
      var ops = new ArrayList<Op>();
      int count = 10 + random.nextInt(80);
      for (int i = 0; i < count; i++) {
        var source = live.get(random.nextInt(live.size()));
        boolean old = live.size() > 1 && random.nextInt(3) == 0;
        var target = old ? live.get(1 + random.nextInt(live.size() - 1)) : buffer(random, phase + " " + i);
        if (!old) {
          live.add(target);
        }
        ops.add(op(random, target, source));
        while (live.size() > 1 + longLived || live.size() > 1 && random.nextInt(4) == 0) {
          live.remove(1 + random.nextInt(live.size() - 1));
        }
      }
      phases.put(phase, ops);
    }
    return new Program(
        config, frame.lowering(), frame.workload(), frame.parameters(), frame.ports(), phases);
  }

  /** From a cache line to 64 KiB, all scales alike: with a few giants among dwarfs no plan might reach the bound. */
  private static Buffer buffer(Random random, String name) {
    long bytes = (long) (64 * Math.exp(random.nextDouble() * Math.log(1 << 10)));
    return new Buffer(name, random.nextBoolean() ? "a" : "b", Category.ACTIVATIONS, bytes, random.nextInt(40) == 0);
  }

  private static Op op(Random random, Buffer target, Buffer source) {
    var y = new ChannelSlice(target.view(), 1);
    var x = new ChannelSlice(source.view(), 1);
    return random.nextBoolean()
        ? new PlainOp.ConcatAppend(y, x, 1, 1)
        : new PlainOp.ReluFprop(y, x, 1, 1);
  }
}
