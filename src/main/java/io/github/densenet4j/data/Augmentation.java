package io.github.densenet4j.data;

/** How training images are varied, beyond what their source does to them ({@link ImageSource#readVaried}). */
public enum Augmentation {
  /** Images as they are. */
  NONE,

  /**
   * The "+" of the paper's C10+ and C100+: a horizontal flip with probability 1/2, then a crop of the original size at
   * a uniform random place of the image padded by 4 pixels on each side. As in fb.resnet.torch, images are padded after
   * normalisation, so a padded pixel is 0 as the network sees it: the mean colour, not black.
   */
  CIFAR
}
