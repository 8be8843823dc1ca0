/*
 * The C ABI of densenet4j's CPU operations.
 *
 * Every operation is two functions: dn_<op>(args) runs it and dn_<op>_workspace(args) tells the bytes of scratch memory
 * it needs (only sizes are read, pointers may be null). Both read one argument struct whose members are 8 bytes wide
 * each, in the order: destinations, sources, parameters, sizes, execution. The Java records in
 * io.github.densenet4j.program.Op have the same components in the same order.
 *
 * Tensors are float32, NHWC. Write rule: every destination is overwritten (=), but for a gradient with accumulate != 0,
 * which is added to (+=), and members described as updated in place.
 *
 * Notation: M = batch * height * width pixels; xhat = (x - mean) / sqrt(variance + DN_BN_EPSILON).
 */
#ifndef DENSENET4J_H
#define DENSENET4J_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define DN_BN_EPSILON 1e-5

/* Status of a call; dn_last_error() has the sentence that belongs to it. */
enum { DN_OK = 0, DN_INVALID_ARGUMENT = 1, DN_OUT_OF_MEMORY = 2 };

/* A channel slice of an NHWC tensor: channel c of pixel p is data[p * pitch + c]. */
typedef struct {
  float* data;
  int64_t pitch;
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

/* ---- library ---- */

/* The instruction set that this library was compiled for: "avx512", "avx2" or "generic". */
const char* dn_isa(void);
/* The best of those that the processor and operating system offer. */
const char* dn_best_isa(void);
/* Comma-separated features of the processor that matter here. */
const char* dn_cpu_features(void);
/* The processors that this process may run on. */
int64_t dn_processors(void);
/* The sentence of this thread's last call that did not return DN_OK. */
const char* dn_last_error(void);

/* Zeroed, 64-byte aligned memory; null and DN_OUT_OF_MEMORY's sentence if the system has none. */
void* dn_arena_allocate(int64_t bytes);
void dn_arena_free(void* arena, int64_t bytes);
/* Bytes of all arenas that are allocated now. */
int64_t dn_arena_live_bytes(void);

/* ---- stem ---- */

/* y = conv(image); square kernel, image and weight without padding channels. weight (out, in, kernel, kernel). */
typedef struct {
  dn_slice y;
  dn_statistics y_statistics;
  const float* image;
  const float* weight;
  dn_extent extent; /* of the image */
  int64_t in_channels;
  int64_t out_channels;
  int64_t kernel;
  int64_t stride;
  int64_t padding;
  dn_execution execution;
} dn_stem_conv_fprop_args;
DN_OPERATION(stem_conv_fprop)

typedef struct {
  float* dweight;
  dn_output y;
  const float* image;
  dn_extent extent; /* of the image */
  int64_t in_channels;
  int64_t out_channels;
  int64_t kernel;
  int64_t stride;
  int64_t padding;
  dn_execution execution;
} dn_stem_conv_wgrad_args;
DN_OPERATION(stem_conv_wgrad)

/* y = maxpool 3x3, stride 2, padding 1, of relu(scale * x + shift). */
typedef struct {
  dn_slice y;
  dn_statistics y_statistics;
  dn_slice x;
  dn_affine affine;
  dn_extent extent; /* of x */
  int64_t channels;
  dn_execution execution;
} dn_bnrelu_maxpool_fprop_args;
DN_OPERATION(bnrelu_maxpool_fprop)

typedef struct {
  dn_input_gradient dx;
  dn_output y;
  dn_input x;
  dn_extent extent; /* of x */
  int64_t channels;
  dn_execution execution;
} dn_bnrelu_maxpool_dgrad_args;
DN_OPERATION(bnrelu_maxpool_dgrad)

/* ---- batch normalisation ---- */

/*
 * Training: affine from batch statistics; running statistics updated in place,
 * running = (1 - momentum) * running + momentum * batch, the variance unbiased by M / (M - 1).
 */
typedef struct {
  dn_affine affine;
  float* running_mean;
  float* running_variance;
  dn_statistics statistics;
  const float* gamma;
  const float* beta;
  double momentum;
  int64_t pixels; /* M */
  int64_t channels;
  dn_execution execution;
} dn_bn_finalize_args;
DN_OPERATION(bn_finalize)

/* Inference: affine from running statistics. */
typedef struct {
  dn_affine affine;
  const float* running_mean;
  const float* running_variance;
  const float* gamma;
  const float* beta;
  int64_t channels;
  dn_execution execution;
} dn_bn_fold_args;
DN_OPERATION(bn_fold)

/* ---- convolutions with BN+ReLU as prologue; weight (out, in, kernel, kernel), padding kernel / 2 ---- */

typedef struct {
  dn_slice y;
  dn_statistics y_statistics;
  dn_slice x;
  dn_affine affine;
  const float* weight;
  dn_dropout dropout;
  dn_extent extent;
  int64_t in_channels;
  int64_t out_channels;
  dn_execution execution;
} dn_bnrelu_conv_fprop_args;

typedef struct {
  dn_input_gradient dx;
  dn_output y;
  dn_input x;
  const float* weight;
  dn_dropout dropout;
  dn_extent extent;
  int64_t in_channels;
  int64_t out_channels;
  dn_execution execution;
} dn_bnrelu_conv_dgrad_args;

typedef struct {
  float* dweight;
  dn_output y;
  dn_slice x;
  dn_affine affine;
  dn_dropout dropout;
  dn_extent extent;
  int64_t in_channels;
  int64_t out_channels;
  dn_execution execution;
} dn_bnrelu_conv_wgrad_args;

typedef dn_bnrelu_conv_fprop_args dn_bnrelu_conv1x1_fprop_args;
typedef dn_bnrelu_conv_dgrad_args dn_bnrelu_conv1x1_dgrad_args;
typedef dn_bnrelu_conv_wgrad_args dn_bnrelu_conv1x1_wgrad_args;
DN_OPERATION(bnrelu_conv1x1_fprop)
DN_OPERATION(bnrelu_conv1x1_dgrad)
DN_OPERATION(bnrelu_conv1x1_wgrad)

typedef dn_bnrelu_conv_fprop_args dn_bnrelu_conv3x3_fprop_args;
typedef dn_bnrelu_conv_dgrad_args dn_bnrelu_conv3x3_dgrad_args;
typedef dn_bnrelu_conv_wgrad_args dn_bnrelu_conv3x3_wgrad_args;
DN_OPERATION(bnrelu_conv3x3_fprop)
DN_OPERATION(bnrelu_conv3x3_dgrad)
DN_OPERATION(bnrelu_conv3x3_wgrad)

/* BN+ReLU, average pool 2x2 (floor), then the 1x1 convolution; extent is that of x. */
typedef dn_bnrelu_conv_fprop_args dn_transition_fprop_args;
typedef dn_bnrelu_conv_dgrad_args dn_transition_dgrad_args;
typedef dn_bnrelu_conv_wgrad_args dn_transition_wgrad_args;
DN_OPERATION(transition_fprop)
DN_OPERATION(transition_dgrad)
DN_OPERATION(transition_wgrad)

/* ---- head ---- */

/* pooled (batch, channels) = mean over pixels of relu(scale * x + shift); logits (batch, classes) = linear(pooled). */
typedef struct {
  float* logits;
  float* pooled;
  dn_slice x;
  dn_affine affine;
  const float* weight; /* (classes, channels) */
  const float* bias;
  dn_extent extent;
  int64_t channels;
  int64_t classes;
  dn_execution execution;
} dn_head_fprop_args;
DN_OPERATION(head_fprop)

typedef struct {
  dn_input_gradient dx;
  const float* dlogits;
  dn_input x;
  const float* weight;
  dn_extent extent;
  int64_t channels;
  int64_t classes;
  dn_execution execution;
} dn_head_dgrad_args;
DN_OPERATION(head_dgrad)

/* Mean cross entropy over the batch, and its gradient; labels (batch) in [0, classes). */
typedef struct {
  double* loss;
  int64_t* correct; /* images whose largest logit is their label's */
  float* dlogits;
  const float* logits;
  const int32_t* labels;
  int64_t batch;
  int64_t classes;
  dn_execution execution;
} dn_softmax_xent_args;
DN_OPERATION(softmax_xent)

/* ---- plain operations: whole tensors in, whole tensors out, as frameworks have them ---- */

/* y = x, where y may be a slice of a wider tensor: one input of a concatenation. */
typedef struct {
  dn_slice y;
  dn_slice x;
  int64_t pixels;
  int64_t channels;
  dn_execution execution;
} dn_concat_append_args;
DN_OPERATION(concat_append)

/* dx (+)= dy, where dy may be a slice of a wider tensor: the gradient of one input of a concatenation. */
typedef struct {
  dn_slice dx;
  dn_slice dy;
  int64_t pixels;
  int64_t channels;
  int64_t accumulate;
  dn_execution execution;
} dn_concat_split_args;
DN_OPERATION(concat_split)

/* y = gamma * xhat + beta with the batch statistics of x, which are kept; running statistics as in bn_finalize. */
typedef struct {
  dn_slice y;
  dn_statistics statistics;
  float* running_mean;
  float* running_variance;
  dn_slice x;
  const float* gamma;
  const float* beta;
  double momentum;
  int64_t pixels; /* M */
  int64_t channels;
  dn_execution execution;
} dn_bn_fprop_args;
DN_OPERATION(bn_fprop)

/* The same with given statistics: running ones at inference, saved ones when a tensor is recomputed. */
typedef struct {
  dn_slice y;
  dn_slice x;
  dn_statistics statistics;
  const float* gamma;
  const float* beta;
  int64_t pixels;
  int64_t channels;
  dn_execution execution;
} dn_bn_infer_args;
DN_OPERATION(bn_infer)

/* dbeta = sum dy; dgamma = sum dy * xhat; dx = gamma * (dy - dbeta / M - xhat * dgamma / M) / sqrt(variance + eps). */
typedef struct {
  dn_slice dx;
  float* dgamma;
  float* dbeta;
  dn_slice dy;
  dn_slice x;
  dn_statistics statistics;
  const float* gamma;
  int64_t pixels; /* M */
  int64_t channels;
  dn_execution execution;
} dn_bn_dgrad_args;
DN_OPERATION(bn_dgrad)

/* y = max(0, x); y may be x. */
typedef struct {
  dn_slice y;
  dn_slice x;
  int64_t pixels;
  int64_t channels;
  dn_execution execution;
} dn_relu_fprop_args;
DN_OPERATION(relu_fprop)

/* dx = dy where x > 0, else 0; x is the input or the output of the ReLU, dx may be dy. */
typedef struct {
  dn_slice dx;
  dn_slice dy;
  dn_slice x;
  int64_t pixels;
  int64_t channels;
  dn_execution execution;
} dn_relu_dgrad_args;
DN_OPERATION(relu_dgrad)

/* y = mask * x, mask 1 / (1 - rate) where it keeps and 0 elsewhere; y may be x. */
typedef struct {
  dn_slice y;
  dn_slice x;
  dn_dropout dropout;
  int64_t pixels;
  int64_t channels;
  dn_execution execution;
} dn_dropout_fprop_args;
DN_OPERATION(dropout_fprop)

/* dx = mask * dy with the mask of dropout_fprop; dx may be dy. */
typedef struct {
  dn_slice dx;
  dn_slice dy;
  dn_dropout dropout;
  int64_t pixels;
  int64_t channels;
  dn_execution execution;
} dn_dropout_dgrad_args;
DN_OPERATION(dropout_dgrad)

/* y = conv(x), square kernel; weight (out, in, kernel, kernel). */
typedef struct {
  dn_slice y;
  dn_slice x;
  const float* weight;
  dn_extent extent; /* of x */
  int64_t in_channels;
  int64_t out_channels;
  int64_t kernel;
  int64_t stride;
  int64_t padding;
  dn_execution execution;
} dn_conv_fprop_args;
DN_OPERATION(conv_fprop)

/* Stride 1, padding kernel / 2. */
typedef struct {
  dn_slice dx;
  dn_slice dy;
  const float* weight;
  dn_extent extent;
  int64_t in_channels;
  int64_t out_channels;
  int64_t kernel; /* 1 or 3 */
  dn_execution execution;
} dn_conv_dgrad_args;
DN_OPERATION(conv_dgrad)

typedef struct {
  float* dweight;
  dn_slice dy;
  dn_slice x;
  dn_extent extent; /* of x */
  int64_t in_channels;
  int64_t out_channels;
  int64_t kernel;
  int64_t stride;
  int64_t padding;
  dn_execution execution;
} dn_conv_wgrad_args;
DN_OPERATION(conv_wgrad)

/* y = maxpool 3x3, stride 2, padding 1. */
typedef struct {
  dn_slice y;
  dn_slice x;
  dn_extent extent; /* of x */
  int64_t channels;
  dn_execution execution;
} dn_maxpool_fprop_args;
DN_OPERATION(maxpool_fprop)

/* Each dy goes to the first of its window's largest values. */
typedef struct {
  dn_slice dx;
  dn_slice dy;
  dn_slice x;
  dn_extent extent; /* of x */
  int64_t channels;
  dn_execution execution;
} dn_maxpool_dgrad_args;
DN_OPERATION(maxpool_dgrad)

/* y = mean of windows of window x window pixels that do not overlap; sizes are divided by window and rounded down. */
typedef struct {
  dn_slice y;
  dn_slice x;
  dn_extent extent; /* of x */
  int64_t channels;
  int64_t window;
  dn_execution execution;
} dn_avgpool_fprop_args;
DN_OPERATION(avgpool_fprop)

typedef struct {
  dn_slice dx;
  dn_slice dy;
  dn_extent extent; /* of dx */
  int64_t channels;
  int64_t window;
  dn_execution execution;
} dn_avgpool_dgrad_args;
DN_OPERATION(avgpool_dgrad)

/* y (batch, out) = x (batch, in) * weight^T + bias; weight (out, in). */
typedef struct {
  float* y;
  const float* x;
  const float* weight;
  const float* bias;
  int64_t batch;
  int64_t in_channels;
  int64_t out_channels;
  dn_execution execution;
} dn_linear_fprop_args;
DN_OPERATION(linear_fprop)

typedef struct {
  float* dx;
  const float* dy;
  const float* weight;
  int64_t batch;
  int64_t in_channels;
  int64_t out_channels;
  dn_execution execution;
} dn_linear_dgrad_args;
DN_OPERATION(linear_dgrad)

typedef struct {
  float* dweight;
  float* dbias;
  const float* dy;
  const float* x;
  int64_t batch;
  int64_t in_channels;
  int64_t out_channels;
  dn_execution execution;
} dn_linear_wgrad_args;
DN_OPERATION(linear_wgrad)

/* ---- optimizer ---- */

/* g = gradient + weight_decay * p; v = momentum * v + g; p -= learning_rate * (g + momentum * v). All in place. */
typedef struct {
  float* parameters;
  float* velocity;
  const float* gradients;
  const dn_control* control;
  double momentum;
  double weight_decay;
  int64_t count;
  dn_execution execution;
} dn_sgd_nesterov_args;
DN_OPERATION(sgd_nesterov)

#ifdef __cplusplus
}
#endif
#endif
