/**
 * What a device must offer: sessions that hold a planned arena and run a program's phases. Depends on {@code memory}
 * and what lies below it.
 */
package io.github.densenet4j.internal.backend;
