package io.github.densenet4j.internal.weights;

/**
 * Elements that lie in a file, shared by the tensors that are views of them.
 *
 * @param key the file's name for it
 * @param first the first element that belongs to this view of it
 * @param count elements of this view
 * @param whole elements of all of it
 */
record PickledStorage(String key, StorageType type, long first, long count, long whole) {}
