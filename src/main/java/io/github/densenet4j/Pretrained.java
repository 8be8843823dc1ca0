package io.github.densenet4j;

import java.util.List;

/**
 * A network made of weights that others trained.
 *
 * @param network with classes named {@code class 0} and so on, and images that are not normalised; see
 *     {@link DenseNet#withNormalization}
 * @param newClassifier whether the classifier is untrained, because the file has none or one of another number of
 *     classes
 * @param notes sentences for people, without a full stop, about what is not just as in the file: a new classifier, input
 *     channels that were added up, tensors that were left out; usually empty
 * @since 0.1
 */
public record Pretrained(DenseNet network, boolean newClassifier, List<String> notes) {
  /** Copies the list. */
  public Pretrained {
    notes = List.copyOf(notes);
  }
}
