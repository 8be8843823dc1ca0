/**
 * Where a program's buffers lie: a pure function of the program and of the scratch memory its operations ask for.
 * Depends on {@code program} and what lies below it.
 */
package io.github.densenet4j.internal.memory;
