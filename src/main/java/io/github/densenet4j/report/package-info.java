/** A training run as one self-contained HTML file. Depends on {@code io} and {@code error}. */
package io.github.densenet4j.report;
