package io.github.densenet4j.internal.network;

/** torchvision's names of a DenseNet's modules; blocks and layers are counted from 0 here and from 1 in the names. */
public final class Names {
  private Names() {}

  public static String layer(int block, int layer) {
    return "features.denseblock" + (block + 1) + ".denselayer" + (layer + 1);
  }

  public static String transition(int block) {
    return "features.transition" + (block + 1);
  }
}
