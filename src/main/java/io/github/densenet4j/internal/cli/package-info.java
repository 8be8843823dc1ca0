/**
 * The command line: one class a command, shared options as mixins. Depends on everything, nothing depends on it, and
 * nothing else writes to the standard streams.
 */
package io.github.densenet4j.internal.cli;
