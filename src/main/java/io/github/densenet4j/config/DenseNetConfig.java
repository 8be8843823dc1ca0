package io.github.densenet4j.config;

import io.github.densenet4j.error.ConfigurationException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * A DenseNet (Huang et al. 2017), validated. Most start from {@link #named} or {@link #builder}.
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
 * @param stem what stands before the first dense block
 * @param classes number of classes, at least 2
 * @since 0.1
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

  /** In all blocks: planning takes time that grows with their square, here a few seconds. */
  private static final int MOST_LAYERS = 1 << 10;

  /**
   * Checks the numbers.
   *
   * @throws ConfigurationException if one is out of range, or images shrink to nothing
   */
  public DenseNetConfig {
    blockConfig = List.copyOf(blockConfig);
    inRange("growth rate", growthRate, 1);
    inRange("number of blocks", blockConfig.size(), 1);
    blockConfig.forEach(layers -> inRange("number of layers in a block", layers, 1));
    long layers = blockConfig.stream().mapToLong(Integer::longValue).sum();
    if (layers > MOST_LAYERS) {
      throw new ConfigurationException(
          "block config has " + layers + " layers in all, at most " + MOST_LAYERS + " are supported", "block config");
    }
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
   * {@return the network of a name, as the paper has it} CIFAR models are {@code [bc|dense]-depth-growthRate} for 32x32
   * RGB images and 10 classes, ImageNet models {@code densenetDEPTH} for 224x224 RGB images and 1000 classes. See
   * {@link #forImages} for other images.
   *
   * @param name one of {@link #names}
   * @throws ConfigurationException if there is no such model; the message lists those there are
   */
  public static DenseNetConfig named(String name) {
    return NamedModels.get(name);
  }

  /** {@return the names that {@link #named} takes} */
  public static Set<String> names() {
    return NamedModels.names();
  }

  /**
   * {@return a builder of a network: DenseNet-BC for 32x32 RGB images and 10 classes, unless it is told otherwise}
   *
   * @param growthRate k, the feature maps that each dense layer adds
   * @param blockConfig dense layers in each block, at least one block
   */
  public static Builder builder(int growthRate, int... blockConfig) {
    return new Builder(growthRate, Arrays.stream(blockConfig).boxed().toList());
  }

  /** Collects a network's numbers; each method returns the builder itself. */
  public static final class Builder {
    private final int growthRate;
    private final List<Integer> blockConfig;
    private String name = "custom";
    private Integer initFeatures;
    private int bnSize = 4;
    private double compression = 0.5;
    private double dropout;
    private Stem stem = Stem.CIFAR;
    private int inChannels = 3;
    private Integer imageSize;
    private Integer classes;

    private Builder(int growthRate, List<Integer> blockConfig) {
      this.growthRate = growthRate;
      this.blockConfig = blockConfig;
    }

    /**
     * Sets a label for people; {@code custom} by default.
     *
     * @param name the value
     * @return this
     */
    public Builder name(String name) {
      this.name = Objects.requireNonNull(name, "name");
      return this;
    }

    /**
     * Sets feature maps of the stem; 2k by default, with the ImageNet stem 64.
     *
     * @param initFeatures the value
     * @return this
     */
    public Builder initFeatures(int initFeatures) {
      this.initFeatures = initFeatures;
      return this;
    }

    /**
     * Sets the bottleneck makes {@code bnSize * growthRate} feature maps; 4 by default, 0 is no bottleneck.
     *
     * @param bnSize the value
     * @return this
     */
    public Builder bnSize(int bnSize) {
      this.bnSize = bnSize;
      return this;
    }

    /**
     * Sets theta, the share of the feature maps that a transition keeps; 0.5 by default.
     *
     * @param compression the value
     * @return this
     */
    public Builder compression(double compression) {
      this.compression = compression;
      return this;
    }

    /**
     * Sets probability of a zero after each convolution but the first; 0 by default.
     *
     * @param dropout the value
     * @return this
     */
    public Builder dropout(double dropout) {
      this.dropout = dropout;
      return this;
    }

    /**
     * Sets what stands before the first dense block; {@link Stem#CIFAR} by default.
     *
     * @param stem the value
     * @return this
     */
    public Builder stem(Stem stem) {
      this.stem = Objects.requireNonNull(stem, "stem");
      return this;
    }

    /**
     * Sets channels of an image; 3 by default.
     *
     * @param inChannels the value
     * @return this
     */
    public Builder inChannels(int inChannels) {
      this.inChannels = inChannels;
      return this;
    }

    /**
     * Sets height and width of an image, in pixels; 32 by default, with the ImageNet stem 224.
     *
     * @param imageSize the value
     * @return this
     */
    public Builder imageSize(int imageSize) {
      this.imageSize = imageSize;
      return this;
    }

    /**
     * Sets number of classes; 10 by default, with the ImageNet stem 1000.
     *
     * @param classes the value
     * @return this
     */
    public Builder classes(int classes) {
      this.classes = classes;
      return this;
    }

    /**
     * {@return the network}
     *
     * @throws ConfigurationException if a number is out of range, or images shrink to nothing
     */
    public DenseNetConfig build() {
      boolean cifar = stem == Stem.CIFAR;
      return new DenseNetConfig(
          name, growthRate, blockConfig, initFeatures != null ? initFeatures : cifar ? 2 * growthRate : 64, bnSize,
          compression, dropout, stem, inChannels, imageSize != null ? imageSize : cifar ? 32 : 224,
          classes != null ? classes : cifar ? 10 : 1000);
    }
  }

  /**
   * Where one dense block stands.
   *
   * @param index from 0
   * @param layers its dense layers
   * @param inChannels feature maps that enter
   * @param outChannels feature maps that leave
   * @param size the height and width that it works at
   */
  public record Block(int index, int layers, int inChannels, int outChannels, int size) {}

  /** {@return the dense blocks in order} */
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

  /** {@return the feature maps between the two convolutions of a dense layer; 0 without a bottleneck} */
  public int bottleneckChannels() {
    return bnSize * growthRate;
  }

  /** {@return whether a dense layer is two convolutions, the first of them 1x1} */
  public boolean hasBottleneck() {
    return bnSize > 0;
  }

  /** {@return the feature maps that reach the classifier} */
  public int finalChannels() {
    return blocks().getLast().outChannels();
  }

  /**
   * {@return the same architecture for images of another kind}
   *
   * @param inChannels channels of an image
   * @param imageSize height and width of an image, in pixels
   * @param classes number of classes, at least 2
   * @throws ConfigurationException if a number is out of range, or such images shrink to nothing
   */
  public DenseNetConfig forImages(int inChannels, int imageSize, int classes) {
    return new DenseNetConfig(
        name, growthRate, blockConfig, initFeatures, bnSize, compression, dropout, stem, inChannels, imageSize, classes);
  }

  /**
   * {@return the same with another dropout}
   *
   * @param dropout probability of a zero after each convolution but the first; in [0, 1)
   * @throws ConfigurationException if it is out of range
   */
  public DenseNetConfig withDropout(double dropout) {
    return new DenseNetConfig(
        name, growthRate, blockConfig, initFeatures, bnSize, compression, dropout, stem, inChannels, imageSize, classes);
  }

  /**
   * {@return whether the two describe the same weights: all but name, dropout and image size are equal}
   *
   * @param other may have other images
   */
  public boolean sameArchitecture(DenseNetConfig other) {
    return withoutLabel().equals(other.withoutLabel());
  }

  private DenseNetConfig withoutLabel() {
    return new DenseNetConfig(
        "", growthRate, blockConfig, initFeatures, bnSize, compression, 0, stem, inChannels, imageSize, classes);
  }
}
