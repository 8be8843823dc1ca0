package io.github.densenet4j.internal.backend.cpu;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Runs a test of an operation on all pixels alike over (pixels, channels): few and many of either, and channels around
 * whole vectors of every instruction set.
 */
@ParameterizedTest
@CsvSource({
  "2, 1", "3, 7", "64, 8", "49, 12", "33, 13", "65, 16", "7, 17", "100, 31", "12, 48", "13, 64", "1024, 3", "57, 207",
  "4096, 5"
})
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
@interface SizeSweep {}
