/**
 * What a training run or a comparison found, as self-contained HTML files and SVG pictures. Works on plain figures:
 * depends on {@code io} and {@code error}.
 */
package io.github.densenet4j.internal.report;
