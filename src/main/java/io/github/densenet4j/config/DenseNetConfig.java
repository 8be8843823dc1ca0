package io.github.densenet4j.config;

import io.github.densenet4j.error.ConfigurationException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * A DenseNet (Huang et al. 2017), validated.
 *
 * @param name a label for people; not part of the architecture
 * @param growthRate k, the feature maps that each dense layer adds
 * @param blockConfig dense layers in each block, at least one block
 * @param initFeatures feature maps that the stem makes
 * @param bnSize the bottleneck makes {@code bnSize * growthRate} feature maps; 0 means no bottleneck (basic layer)
 * @param compression theta: a transition keeps {@code floor(compression * m)} of m feature maps; in (0, 1]
 * @param dropout probability of a zero after each convolution but the first; in [0, 1)
 * @param inChannels channels of an image
 * @param imageSize height and width of an image, in pixels
 * @param classes number of classes, at least 2
 */
public record DenseNetConfig(
    String name,
    int growthRate,
    List<Integer> blockConfig,
    int initFeatures,
    int bnSize,
    double compression,
    double dropout,
    Stem stem,
    int inChannels,
    int imageSize,
    int classes) {

  private static final int MOST = 1 << 16;

  public DenseNetConfig {
    blockConfig = List.copyOf(blockConfig);
    inRange("growth rate", growthRate, 1);
    inRange("number of blocks", blockConfig.size(), 1);
    blockConfig.forEach(layers -> inRange("number of layers in a block", layers, 1));
    inRange("init features", initFeatures, 1);
    inRange("bn size", bnSize, 0);
    if ((long) bnSize * growthRate > MOST) {
      throw new ConfigurationException(
          "bn size " + bnSize + " times growth rate " + growthRate + " is more than the " + MOST
              + " feature maps that a bottleneck can make",
          "bn size", "growth rate");
    }
    inRange("in channels", inChannels, 1);
    inRange("image size", imageSize, 1);
    inRange("number of classes", classes, 2);
    if (!(compression > 0 && compression <= 1)) {
      throw new ConfigurationException(
          "compression is " + compression + ", it must be above 0 and at most 1", "compression");
    }
    if (!(dropout >= 0 && dropout < 1)) {
      throw new ConfigurationException(
          "dropout is " + dropout + ", it must be at least 0 and below 1", "dropout");
    }
    refuseShrinkingToNothing(blockConfig, initFeatures, growthRate, compression, stem, imageSize);
  }

  private static void inRange(String what, int value, int least) {
    if (value < least || value > MOST) {
      throw new ConfigurationException(
          what + " is " + value + ", it must be at least " + least + " and at most " + MOST, what);
    }
  }

  private static void refuseShrinkingToNothing(
      List<Integer> blocks, int initFeatures, int growthRate, double compression, Stem stem, int imageSize) {
    int size = stem.reduced(imageSize);
    long channels = initFeatures;
    for (int block = 0; block < blocks.size(); block++) {
      if (size < 1) {
        throw new ConfigurationException(
            "image size " + imageSize + " shrinks to nothing before block " + (block + 1) + " of " + blocks.size()
                + ": use larger images, fewer blocks or stem cifar",
            "image size", "stem");
      }
      channels += (long) growthRate * blocks.get(block);
      if (channels > MOST) {
        throw new ConfigurationException(
            "block " + (block + 1) + " ends with " + channels + " feature maps, at most " + MOST + " are supported");
      }
      if (block < blocks.size() - 1) {
        channels = (long) Math.floor(compression * channels);
        size /= 2;
        if (channels < 1) {
          throw new ConfigurationException(
              "compression " + compression + " leaves no feature map after block " + (block + 1)
                  + ": use a larger compression or growth rate",
              "compression", "growth rate");
        }
      }
    }
  }

  /**
   * The network of a name, as the paper has it: CIFAR models as {@code [bc|dense]-depth-growthRate} for 32x32 RGB images
   * and 10 classes, ImageNet models as {@code densenetDEPTH} for 224x224 RGB images and 1000 classes. See
   * {@link #forImages} for other images.
   *
   * @throws ConfigurationException if there is no such model; the message lists those there are
   */
  public static DenseNetConfig named(String name) {
    return NamedModels.get(name);
  }

  /** The names that {@link #named} takes. */
  public static Set<String> names() {
    return NamedModels.names();
  }

  /** Where one dense block stands: its channels on entry and exit, and the height and width it works at. */
  public record Block(int index, int layers, int inChannels, int outChannels, int size) {}

  /** The dense blocks in order. */
  public List<Block> blocks() {
    var blocks = new ArrayList<Block>();
    int channels = initFeatures;
    int size = stem.reduced(imageSize);
    for (int i = 0; i < blockConfig.size(); i++) {
      int out = channels + growthRate * blockConfig.get(i);
      blocks.add(new Block(i, blockConfig.get(i), channels, out, size));
      channels = (int) Math.floor(compression * out);
      size /= 2;
    }
    return List.copyOf(blocks);
  }

  /** Feature maps between the two convolutions of a dense layer. */
  public int bottleneckChannels() {
    return bnSize * growthRate;
  }

  public boolean hasBottleneck() {
    return bnSize > 0;
  }

  /** Feature maps that reach the classifier. */
  public int finalChannels() {
    return blocks().getLast().outChannels();
  }

  /** The same architecture for images of another kind. */
  public DenseNetConfig forImages(int inChannels, int imageSize, int classes) {
    return new DenseNetConfig(
        name, growthRate, blockConfig, initFeatures, bnSize, compression, dropout, stem, inChannels, imageSize, classes);
  }

  public DenseNetConfig withDropout(double dropout) {
    return new DenseNetConfig(
        name, growthRate, blockConfig, initFeatures, bnSize, compression, dropout, stem, inChannels, imageSize, classes);
  }

  /** Whether the two describe the same weights: all but name, dropout and image size. */
  public boolean sameArchitecture(DenseNetConfig other) {
    return withoutLabel().equals(other.withoutLabel());
  }

  private DenseNetConfig withoutLabel() {
    return new DenseNetConfig(
        "", growthRate, blockConfig, initFeatures, bnSize, compression, 0, stem, inChannels, imageSize, classes);
  }
}
