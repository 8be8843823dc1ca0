/** How a network is trained. Depends on {@code config} and {@code data}. */
package io.github.densenet4j.train;
