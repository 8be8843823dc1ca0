/*
 * The C ABI of densenet4j's CPU operations.
 *
 * Every operation is two functions: dn_<op>(args) runs it and dn_<op>_workspace(args) tells the bytes of scratch memory
 * it needs (only sizes are read, pointers may be null). Both read one argument struct whose members are 8 bytes wide
 * each, in the order: destinations, sources, parameters, sizes, execution. The Java records in
 * io.github.densenet4j.internal.program.Op have the same components in the same order.
 *
 * Tensors are NHWC, of the type that their slices say; the operations of densenet4j_plain.h take float32 only,
 * but for images as bytes.
 * Write rule: every destination is overwritten (=), but for a gradient with accumulate != 0,
 * which is added to (+=), and members described as updated in place.
 *
 * Notation: M = batch * height * width pixels; xhat = (x - mean) / sqrt(variance + DN_BN_EPSILON).
 */
#ifndef DENSENET4J_H
#define DENSENET4J_H

#include "densenet4j_fused.h"
#include "densenet4j_plain.h"
#include "densenet4j_types.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The instruction set that this library was compiled for: "avx512_bf16", "avx512", "avx2" or "generic". */
const char* dn_isa(void);
/* The sentence of this thread's last call that did not return DN_OK. */
const char* dn_last_error(void);

/* Zeroed, 64-byte aligned memory; null and DN_OUT_OF_MEMORY's sentence if the system has none. */
void* dn_arena_allocate(int64_t bytes);
void dn_arena_free(void* arena, int64_t bytes);
/* Bytes of all arenas that are allocated now. */
int64_t dn_arena_live_bytes(void);

/*
 * What the processor can do at most on a number of threads, the best of a few runs of some milliseconds. A multiplication
 * and an addition are two operations.
 */

/* Operations a second on float32, from registers, with the widest multiply-add of this library's instruction set. */
double dn_measure_fma_peak(int64_t threads);
/* Operations a second on pairs of bfloat16 added up in float32; 0 if the instruction set has none. */
double dn_measure_dot_peak(int64_t threads);
/*
 * Bytes a second, read plus written, from one half of `memory` to the other, whose contents are lost. Through memory only
 * if each half is larger than the processor's caches.
 */
double dn_measure_copy_bandwidth(void* memory, int64_t bytes, int64_t threads);

#ifdef __cplusplus
}
#endif
#endif
