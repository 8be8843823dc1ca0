/** The exceptions of the library. Depends on nothing. */
package io.github.densenet4j.error;
