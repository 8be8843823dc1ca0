/* Operations as frameworks have them: whole tensors in, whole tensors out. Input, loss and optimizer are among them. */
#ifndef DENSENET4J_PLAIN_H
#define DENSENET4J_PLAIN_H

#include "densenet4j_types.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- input ---- */

/*
 * Images as bytes to the network's input: pixel (r, c) of image n of y is pixel (r + dy, c + dx) of the image, flipped
 * from left to right first if so wanted, its values looked up in the table; 0 where the image has no such pixel.
 */
typedef struct {
  float* y;                 /* (batch, size, size, channels) */
  const uint8_t* x;         /* (batch, size, size, channels) */
  const int32_t* placement; /* (batch, 3): dy, dx, 1 if flipped */
  const float* table;       /* (channels, 256): the normalised value of each level */
  int64_t batch;
  int64_t size;
  int64_t channels;
  dn_execution execution;
} dn_input_normalize_args;
DN_OPERATION(input_normalize)

/* ---- layers ---- */

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

/* ---- loss and optimizer ---- */

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
