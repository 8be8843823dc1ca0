package io.github.densenet4j.internal.weights;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Tag("fast")
class TensorNamesTest {
  @ParameterizedTest
  @CsvSource({
    "features.denseblock1.denselayer2.norm1.weight, features.denseblock1.denselayer2.norm1.weight",
    "features.denseblock1.denselayer2.norm.1.running_var, features.denseblock1.denselayer2.norm1.running_var",
    "module.features.denseblock4.denselayer16.conv.2.weight, features.denseblock4.denselayer16.conv2.weight",
    "features.denseblock1.denselayer1.layers.norm1.bias, features.denseblock1.denselayer1.norm1.bias",
    "class_layers.out.weight, classifier.weight",
    "module.densenet121.classifier.0.bias, classifier.bias",
    "module._orig_mod.features.norm0.weight, features.norm0.weight",
    "block1.layer.0.bn1.weight, features.denseblock1.denselayer1.norm1.weight",
    "module.block3.layer.15.conv2.weight, features.denseblock3.denselayer16.conv2.weight",
    "trans1.conv1.weight, features.transition1.conv.weight",
    "trans2.bn1.running_mean, features.transition2.norm.running_mean",
    "conv1.weight, features.conv0.weight",
    "bn1.bias, features.norm5.bias",
    "fc.bias, classifier.bias",
    "features.conv1.weight, features.conv1.weight",
    "layer1.0.conv1.weight, layer1.0.conv1.weight"
  })
  void areTorchvisions(String given, String expected) {
    assertThat(TensorNames.torchvision(given)).isEqualTo(expected);
  }
}
