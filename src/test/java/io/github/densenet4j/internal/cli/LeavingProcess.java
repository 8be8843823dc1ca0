package io.github.densenet4j.internal.cli;

import io.github.densenet4j.config.CudaOptions;
import io.github.densenet4j.config.DenseNetConfig;
import io.github.densenet4j.config.Stem;
import io.github.densenet4j.config.Strategy;
import io.github.densenet4j.internal.backend.NetworkSession;
import io.github.densenet4j.internal.backend.cuda.CudaBackend;
import io.github.densenet4j.internal.program.Lowerings;
import io.github.densenet4j.internal.program.Workload;
import java.util.List;

/** A process that computes on the software CUDA device, and may end without closing what it opened. */
final class LeavingProcess {
  private LeavingProcess() {}

  /** @param arguments {@code close} or {@code leave} */
  public static void main(String[] arguments) {
    var config = new DenseNetConfig("small", 4, List.of(1), 8, 4, 0.5, 0, Stem.CIFAR, 3, 8, 5);
    var device = CudaBackend.software(CudaOptions.DEFAULT);
    var program = Lowerings.of(Strategy.SHARED).lower(config, Workload.training(2, 0.9, 0));
    var session = new NetworkSession(device, program);
    session.step(0.1, 0, 1);
    session.step(0.1, 1, 1);
    session.finish();
    if (arguments[0].equals("close")) {
      session.close();
      device.close();
    }
  }
}
