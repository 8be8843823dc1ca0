/*
 * What the software device's libcuda.so.1 offers beyond the driver API: settings, counters, faults on request, and the
 * means for libraries that stand in for NVIDIA's. All functions are safe to call before cuInit and from any thread.
 */
#ifndef DENSENET4J_SOFTWARE_CUDA_H
#define DENSENET4J_SOFTWARE_CUDA_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Changes a setting; returns 0, or 1 if key or value make no sense. Each can also be given in the environment as
 * DENSENET4J_SOFTWARE_CUDA_<KEY>, which is read when the library is loaded.
 *   memory         bytes of device memory, such as 8589934592 (default 16 GiB)
 *   schedule       forward, reverse, random or random:SEED (default forward)
 *   drift          0 or 1: whether the lanes of a warp run apart between collectives (default 0)
 *   races          0 or 1: whether a kernel fails whose warps touch the same shared memory, one of them writing, with no
 *                  barrier in between, in whatever order they ran (default 0)
 *   threads        processor threads that blocks run on (default: all processors)
 *   instructions   that all warps of a launch may execute together (default 4294967296), to within some 10,000 for each
 *                  thread; a kernel that goes on is ended with CUDA_ERROR_LAUNCH_TIMEOUT
 *   driver_version what cuDriverGetVersion says, such as 12060 (default 13000)
 *   devices        0 or 1 (default 1)
 *   block_shared   bytes of shared memory that a block can have, such as 101376 of a GPU of compute capability 8.9
 *                  (default 232448); a multiprocessor has 1 KiB more
 *   fail           NAME[:COUNT[:CODE]]: the COUNT-th launch from now on (default the first) of the kernel or library
 *                  function NAME ("*": any) fails: with CODE (default 719) when it runs, so that the context is lost;
 *                  empty: none
 *   record         FOLDER, which exists: kernels are not run, but their launches and the memory that they find are
 *                  written into it (recording.h), so that others can say what a large network costs; empty: run
 *   refuse         NAME[:NUMBER][,...]: what a device may refuse without harm; empty: nothing. module: cuModuleLoadData
 *                  and its kin return NUMBER; pinned_memset: filling pinned memory is CUDA_ERROR_INVALID_VALUE;
 *                  programmatic_launch: launches with that attribute are CUDA_ERROR_NOT_SUPPORTED; a
 *                  function of cuDNN such as cudnnConvolutionForward: its algorithm NUMBER is not supported
 */
int dn_software_cuda_set(const char* key, const char* value);

/*
 * A counter, or -1 if there is none of that name: live_bytes, peak_bytes and requested_bytes (device memory held now,
 * at most, and asked for in sum), live_allocations, host_bytes (pinned), contexts, modules, streams, events, graphs
 * (live, graphs and executable graphs together), launches (all kernels and library functions run), graph_launches,
 * programmatic_launches (kernels put into a stream that may begin before the one before them has ended).
 */
int64_t dn_software_cuda_count(const char* name);

/* Sets peak_bytes to live_bytes, and requested_bytes and all launches to 0. */
void dn_software_cuda_reset_counts(void);

/*
 * Enqueues host code on a stream as if it were a kernel: in order, captured into graphs, subject to `fail`. The
 * arguments are copied. `run` may be called at any later time, on the thread that waits for it, and must not call the
 * driver, other than the functions here. It returns 0 or a CUresult, which becomes the context's sticky error.
 * Returns a CUresult.
 */
int dn_software_cuda_launch(void* stream, const char* name, int (*run)(const void* arguments), const void* arguments,
                            size_t bytes);

/* The number that the setting `refuse` gives with a name, or -1 if it does not have it. */
int dn_software_cuda_refused(const char* name);

/* The host address of `bytes` bytes of device memory, or null if they do not lie in one live allocation. */
void* dn_software_cuda_at(uint64_t address, size_t bytes);

#ifdef __cplusplus
}
#endif
#endif
