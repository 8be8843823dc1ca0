/*
 * What this processor can do. A library of its own, tiny and in the plainest instructions, so that it can be asked before
 * any kernel is loaded.
 */
#ifndef DENSENET4J_PROBE_H
#define DENSENET4J_PROBE_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The best instruction set of the kernels that processor and system offer: "avx512_bf16", "avx512", "avx2" or "generic". */
const char* dn_best_isa(void);
/* Comma-separated features of the processor that matter here. */
const char* dn_cpu_features(void);
/* The processors that this process may run on. */
int64_t dn_processors(void);

#ifdef __cplusplus
}
#endif
#endif
