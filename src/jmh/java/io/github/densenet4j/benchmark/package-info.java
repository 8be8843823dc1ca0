/**
 * JMH benchmarks of what the strategies differ in; run by scripts/bench. One operation each, on the processor with all
 * its threads, unless a parameter says otherwise; those of CUDA on a GPU.
 */
package io.github.densenet4j.benchmark;
