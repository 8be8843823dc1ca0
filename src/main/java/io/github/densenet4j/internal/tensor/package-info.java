/**
 * Descriptions of data: buffers, views of them, and the groups of views that operations take as arguments. They own
 * nothing and know no device. The records that group views mirror the structs of native/include/densenet4j_types.h
 * member by member. Depends on nothing.
 */
package io.github.densenet4j.internal.tensor;
