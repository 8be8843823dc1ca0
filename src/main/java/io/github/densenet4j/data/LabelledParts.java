package io.github.densenet4j.data;

import java.util.List;
import java.util.Optional;

/**
 * What a folder or a table says.
 *
 * @param heldOut empty if nothing tells two parts apart
 * @param classNames by label
 */
record LabelledParts(LabelledFiles training, Optional<LabelledFiles> heldOut, List<String> classNames) {}
