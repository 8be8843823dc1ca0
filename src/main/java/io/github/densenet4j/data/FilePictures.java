package io.github.densenet4j.data;

import io.github.densenet4j.internal.io.DecodedImage;
import io.github.densenet4j.internal.io.Images;

/**
 * Pictures in files.
 *
 * @param labels of each file; not copied
 * @param isDeep whether one of them may have samples of more than 8 bits
 * @param upright whether they are turned as EXIF says
 */
record FilePictures(FileList files, int[] labels, boolean isDeep, boolean upright) implements Pictures {
  @Override
  public int count() {
    return labels.length;
  }

  @Override
  public int label(int index) {
    return labels[index];
  }

  @Override
  public DecodedImage picture(int index) {
    return Images.read(files.path(index), upright);
  }

  @Override
  public String digest() {
    return FilesDigest.of(files, labels);
  }
}
