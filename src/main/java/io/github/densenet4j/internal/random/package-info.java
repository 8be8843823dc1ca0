/** The random numbers of everything that must be repeatable, bit for bit, on any JDK. Depends on nothing. */
package io.github.densenet4j.internal.random;
