package io.github.densenet4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.densenet4j.config.DenseNetConfig;
import io.github.densenet4j.error.CheckpointException;
import io.github.densenet4j.error.ConfigurationException;
import io.github.densenet4j.internal.io.SafetensorsFile;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DenseNetTest {
  private static final DenseNetConfig CONFIG = DenseNetConfig.builder(4, 2, 2).imageSize(8).classes(5).build();

  private final DenseNet network = DenseNet.create(CONFIG, 3);

  @Test
  void seedsGiveTheWeights() {
    var name = "features.denseblock1.denselayer1.conv1.weight";
    assertThat(DenseNet.create(CONFIG, 3).tensor(name)).isEqualTo(network.tensor(name));
    assertThat(DenseNet.create(CONFIG, 4).tensor(name)).isNotEqualTo(network.tensor(name));
  }

  @Test
  void whatIsSavedIsLoaded(@TempDir Path folder) {
    var file = folder.resolve("network.safetensors");
    network.save(file);
    var loaded = DenseNet.load(file);
    assertThat(loaded.config()).isEqualTo(CONFIG);
    assertThat(loaded.classNames()).isEqualTo(network.classNames());
    assertThat(loaded.mean()).isEqualTo(network.mean());
    assertThat(loaded.deviation()).isEqualTo(network.deviation());
    assertThat(loaded.tensorNames()).isEqualTo(network.tensorNames()).doesNotHaveDuplicates();
    for (String name : network.tensorNames()) {
      assertThat(loaded.tensor(name)).isEqualTo(network.tensor(name));
      assertThat(loaded.shape(name)).isEqualTo(network.shape(name));
    }
  }

  @Test
  void aNetworkAloneHasNoMomentumInItsFile(@TempDir Path folder) {
    var file = folder.resolve("network.safetensors");
    network.save(file);
    try (var tensors = SafetensorsFile.open(file)) {
      assertThat(tensors.names()).noneMatch(name -> name.startsWith("optimizer."));
      assertThat(tensors.names()).contains("features.norm5.num_batches_tracked").containsAll(network.tensorNames());
    }
  }

  @Test
  void tensorsAreCopiesUnderTorchvisionsNames() {
    assertThat(network.shape("features.conv0.weight")).isEqualTo(List.of(8, 3, 3, 3));
    assertThat(network.tensor("features.norm5.running_var")).containsOnly(1f);
    network.tensor("classifier.weight")[0] = 99;
    assertThat(network.tensor("classifier.weight")[0]).isNotEqualTo(99);
    long values =
        network.tensorNames().stream()
            .filter(name -> !name.contains("running"))
            .mapToLong(name -> network.tensor(name).length)
            .sum();
    assertThat(values).isEqualTo(network.parameterCount());
  }

  @Test
  void badArgumentsAreRefused(@TempDir Path folder) {
    assertThatThrownBy(() -> network.tensor("features.conv9.weight"))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("features.conv9.weight");
    assertThatThrownBy(() -> network.tensor(null)).hasMessage("name");
    assertThatThrownBy(() -> DenseNet.create(null, 1)).hasMessage("config");
    assertThatThrownBy(() -> DenseNet.load(null)).hasMessage("file");
    assertThatThrownBy(() -> network.save(null)).hasMessage("file");
    assertThatThrownBy(() -> DenseNet.load(folder.resolve("none"))).isInstanceOf(CheckpointException.class);
  }
}
