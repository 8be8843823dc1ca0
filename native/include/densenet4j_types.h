/* What the argument structs of all operations are made of. densenet4j.h has the rules of the ABI. */
#ifndef DENSENET4J_TYPES_H
#define DENSENET4J_TYPES_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define DN_BN_EPSILON 1e-5

/* Status of a call; dn_last_error() has the sentence that belongs to it. */
enum { DN_OK = 0, DN_INVALID_ARGUMENT = 1, DN_OUT_OF_MEMORY = 2 };

/* How the values of a tensor are stored. */
enum { DN_FLOAT32 = 0, DN_BFLOAT16 = 1 };

/*
 * A channel slice of an NHWC tensor: channel c of pixel p is data[p * pitch + c]. All slices of an operation have the
 * same type; whatever is not a slice is float32.
 */
typedef struct {
  void* data;
  int64_t pitch;
  int64_t type;
} dn_slice;

/* Batch statistics of a slice, a value a channel: mean and biased variance over all M pixels. Null: not wanted. */
typedef struct {
  float* mean;
  float* variance;
} dn_statistics;

/* Batch normalisation as seen by one consumer of x, folded: y = scale * x + shift. */
typedef struct {
  float* scale;
  float* shift;
} dn_affine;

/*
 * The gradient of a slice x whose consumers are batch normalisations, before its one correction:
 *   dx = (sum - offset - xhat * slope) / sqrt(variance + DN_BN_EPSILON)
 * with, summed over the consumers l, sum = gamma_l * dy_l, offset = gamma_l * dbeta_l / M, slope = gamma_l * dgamma_l / M.
 */
typedef struct {
  dn_slice sum;
  float* offset;
  float* slope;
} dn_gradient;

/* A tensor that a convolution wrote, as the backward pass needs it: values, statistics, deferred gradient. */
typedef struct {
  dn_gradient gradient;
  dn_slice value;
  dn_statistics statistics;
} dn_output;

/* What one BN+ReLU consumer reads of x and of its own parameters in the backward pass. */
typedef struct {
  dn_slice value;
  dn_statistics statistics;
  dn_affine affine;
  float* gamma;
} dn_input;

/* The gradients that a consumer hands back to its input and to its own BN parameters. */
typedef struct {
  dn_gradient gradient;
  float* dgamma;
  float* dbeta;
  int64_t accumulate;
} dn_input_gradient;

/* Values that change from step to step, in the arena so that arguments never do. */
typedef struct {
  double learning_rate;
  int64_t step;
  int64_t seed;
} dn_control;

/* Dropout after a convolution: keep with probability 1 - rate and divide by it. rate 0: none. */
typedef struct {
  const dn_control* control;
  int64_t layer;
  double rate;
} dn_dropout;

typedef struct {
  int64_t batch;
  int64_t height;
  int64_t width;
} dn_extent;

/* Scratch memory (64-byte aligned) and the number of threads. Results do not depend on the number of threads. */
typedef struct {
  void* workspace;
  int64_t workspace_bytes;
  int64_t threads;
} dn_execution;

#define DN_OPERATION(name)                      \
  int dn_##name(const dn_##name##_args* args);  \
  int64_t dn_##name##_workspace(const dn_##name##_args* args);

#ifdef __cplusplus
}
#endif
#endif
