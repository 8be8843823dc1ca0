/* Operations on feature buffers: batch normalisation and ReLU as prologue, batch statistics as epilogue. */
#ifndef DENSENET4J_FUSED_H
#define DENSENET4J_FUSED_H

#include "densenet4j_types.h"

#ifdef __cplusplus
extern "C" {
#endif

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

/* dgrad and wgrad in one. */
typedef struct {
  dn_input_gradient dx;
  float* dweight;
  dn_output y;
  dn_input x;
  const float* weight;
  dn_dropout dropout;
  dn_extent extent;
  int64_t in_channels;
  int64_t out_channels;
  dn_execution execution;
} dn_bnrelu_conv_bprop_args;

typedef dn_bnrelu_conv_fprop_args dn_bnrelu_conv1x1_fprop_args;
typedef dn_bnrelu_conv_bprop_args dn_bnrelu_conv1x1_bprop_args;
DN_OPERATION(bnrelu_conv1x1_fprop)
DN_OPERATION(bnrelu_conv1x1_bprop)

typedef dn_bnrelu_conv_fprop_args dn_bnrelu_conv3x3_fprop_args;
typedef dn_bnrelu_conv_bprop_args dn_bnrelu_conv3x3_bprop_args;
DN_OPERATION(bnrelu_conv3x3_fprop)
DN_OPERATION(bnrelu_conv3x3_bprop)

/*
 * Inference of a layer with a bottleneck: y = conv3x3(relu(scale2 * z + shift2)) of z = conv1x1(relu(scale1 * x + shift1)).
 * weight1 (bottleneck, in), weight2 (out, bottleneck, 3, 3).
 */
typedef struct {
  dn_slice y;
  dn_slice x;
  dn_affine affine1;
  const float* weight1;
  dn_affine affine2;
  const float* weight2;
  dn_extent extent;
  int64_t in_channels;
  int64_t bottleneck_channels;
  int64_t out_channels;
  dn_execution execution;
} dn_bottleneck_infer_args;
DN_OPERATION(bottleneck_infer)

/* BN+ReLU, average pool 2x2 (floor), then the 1x1 convolution; extent is that of x. */
typedef dn_bnrelu_conv_fprop_args dn_transition_fprop_args;
typedef dn_bnrelu_conv_bprop_args dn_transition_bprop_args;
DN_OPERATION(transition_fprop)
DN_OPERATION(transition_bprop)

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

#ifdef __cplusplus
}
#endif
#endif
