package io.github.densenet4j.internal.backend.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.densenet4j.config.CudaOptions;
import io.github.densenet4j.config.DenseNetConfig;
import io.github.densenet4j.config.MemoryLevel;
import io.github.densenet4j.config.Precision;
import io.github.densenet4j.config.Stem;
import io.github.densenet4j.config.Strategy;
import io.github.densenet4j.internal.backend.NetworkSession;
import io.github.densenet4j.internal.backend.SteppedNetwork;
import io.github.densenet4j.internal.network.Initialization;
import io.github.densenet4j.internal.program.Lowerings;
import io.github.densenet4j.internal.program.Workload;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which launches of a network take their tiles from the last one back, as the software device writes them down. */
@Tag("cuda")
class TiledLaunchesTest {
  private static final List<String> WITH_TILES = List.of("dn_bnrelu_", "dn_stem_", "dn_transition_", "dn_head_");

  @TempDir private Path folder;

  /** @param reversed the last word of the parameters, 0 or 1 */
  private record Recorded(String kernel, long reversed) {
    /** A line: kernel, seven numbers, and the parameters' bytes. */
    static Recorded of(String line) {
      var fields = line.split(" ");
      byte[] parameters = HexFormat.of().parseHex(fields[fields.length - 1]);
      long last = MemorySegment.ofArray(parameters).get(ValueLayout.JAVA_LONG_UNALIGNED, parameters.length - Long.BYTES);
      return new Recorded(fields[0], last);
    }

    boolean hasTiles() {
      return WITH_TILES.stream().anyMatch(kernel::startsWith);
    }

    /** On a branch beside the one before it. */
    boolean beside() {
      return kernel.contains("_weights");
    }
  }

  @AfterEach
  void runAgain() {
    SoftwareDevice.required().set("record", "");
  }

  @ParameterizedTest(name = "growth rate {0}, {1}, {2}, dropout {3}")
  @CsvSource({
    "12, BFLOAT16, DEFAULT, 0", "12, FLOAT32, MINIMAL, 0.2", "64, FLOAT32, DEFAULT, 0", "48, BFLOAT16, MINIMAL, 0"
  })
  void launchesOfAStepTakeTurns(int growth, Precision precision, MemoryLevel memory, double dropout)
      throws IOException {
    var config = config(growth, dropout);
    var program = Lowerings.of(Strategy.FUSED, memory, precision).lower(config, Workload.training(2, 0.9, 1e-4));
    try (var device = CudaBackend.software(CudaOptions.DEFAULT);
        var network =
            new SteppedNetwork(new NetworkSession(device, program), 0.01, new SteppedNetwork.Seeds(1, 2, 3))) {
      SoftwareDevice.required().set("record", folder.toString());
      network.step().session().finish();
    }
    requireTurns("dn_stem_conv_wgrad");
  }

  @Test
  void launchesOfAnInferenceTakeTurns() throws IOException {
    var program =
        Lowerings.of(Strategy.FUSED, MemoryLevel.DEFAULT, Precision.FLOAT32)
            .lower(config(12, 0), Workload.inference(2));
    try (var device = CudaBackend.software(CudaOptions.DEFAULT);
        var network = new NetworkSession(device, program)) {
      var parameters = program.parameters();
      network.setParameters(new Initialization(1).learnable(parameters));
      network.setRunning(new Initialization(1).running(parameters));
      network.load(MemorySegment.ofArray(new float[2 * network.imageValues()]));
      SoftwareDevice.required().set("record", folder.toString());
      network.infer();
      network.finish();
    }
    requireTurns("dn_head_fprop");
  }

  private static DenseNetConfig config(int growth, double dropout) {
    return new DenseNetConfig("turns", growth, List.of(2, 2), 16, 4, 0.5, dropout, Stem.IMAGENET, 3, 32, 5);
  }

  /** All but those beside others, and those which recompute. */
  private void requireTurns(String last) throws IOException {
    var launches = Files.readAllLines(folder.resolve("launches")).stream().map(Recorded::of).toList();
    var tiled = launches.stream().filter(Recorded::hasTiles).toList();
    assertThat(tiled.getFirst().kernel()).startsWith("dn_stem_conv_fprop");
    assertThat(tiled.getLast().kernel()).startsWith(last);
    var expected = new ArrayList<Recorded>();
    boolean reversed = false;
    boolean backward = false;
    for (var launch : tiled) {
      backward |= launch.kernel().startsWith("dn_head_dgrad");
      boolean recomputes = backward && launch.kernel().contains("_fprop");
      reversed ^= !launch.beside() && !recomputes;
      expected.add(new Recorded(launch.kernel(), reversed ? 1 : 0));
    }
    assertThat(tiled).isEqualTo(expected);
  }
}
