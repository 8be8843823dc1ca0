"""Why kernels are bound by more than their memory: a sentence for the table, by the begin of their names."""

_TAPS = "the operand is read from shared memory three times, and with the rows above and below a strip"
_STREAMED = "nine taps read the operand from shared memory, a fragment each time, and each warp weights"

REASONS = {
    "bnrelu_conv3x3_fprop_16": _TAPS + "; of k = 12 only 12 of 16 columns count",
    "bnrelu_conv3x3_fprop_32": _TAPS,
    "bnrelu_conv3x3_fprop_16_streamed": _STREAMED,
    "bnrelu_conv3x3_fprop_32_streamed": _STREAMED,
    "bnrelu_conv3x3_fprop_32_small": _STREAMED,
    "bnrelu_conv3x3_bprop": "both products read gradients from shared memory three times, with rows above and below",
    "bnrelu_conv1x1_fprop_128_small": "weights come with the stages, and the operand is the sum of two bfloat16",
    "bnrelu_conv1x1_fprop_64_small": "weights come with the stages, and two blocks read the same x",
    "bnrelu_conv1x1_fprop_48_streamed": "weights come with the stages",
    "bnrelu_conv1x1_bprop_wide_weights": "gradients and operands are made anew for each 64 x 64 weights",
    "bnrelu_conv1x1_bprop_wide_data": "gradients are made anew for each 128 channels of x",
    "bottleneck_infer": "weights come for every 64 pixels, and z is made again around these; instead of two launches",
    "bottleneck_infer_layers": "features are not in memory between layers; weights come for every image",
    "bnrelu_maxpool_dgrad": "windows are searched again, and pixels look at four of them; one launch a step",
    "head_fprop": "each 128 of the classes pool again, and weights are read for every eight images; one launch a step",
    "head_dgrad": "float32 without the matrix unit, and weights are read for every eight images; one launch a step",
    "softmax_xent": "one block, so that sums have one order; one launch a step",
    "stem_conv_fprop": "three products of bfloat16 for one of float32, and rows of windows are filled up with zeros",
    "stem_conv_wgrad": "windows are read word by word, and their pixels put into pairs; blocks begin and end",
    "transition_bprop_weights": "windows are normalised and averaged anew for each 64 of the outputs",
    "transition_bprop_data": "the gradient of y is made anew for each 128 channels of x",
    "weights_pack": "float32 values are read in strides of a kernel's taps; one launch a step",
    "dropout_correction": "the bits of the mask are computed, ten rounds of Philox for four of them",
    "linear_wgrad": "float32 without the matrix unit; one launch a step",
}

STEM_FP32 = "float32 without the matrix unit, since all layers amplify what the first one rounds"
FP32 = "three TF32 products for one of float32, and the splitting of their factors"


def of(kernel):
    """The longest entry that a kernel's name begins with; of convolutions in float32 how they multiply."""
    name = kernel.removeprefix("dn_")
    if name.startswith("stem") and name.endswith("_fp32"):
        return STEM_FP32
    if name.endswith("_fp32") and ("conv1x1" in name or "conv3x3" in name or "transition" in name):
        return FP32
    found = [begin for begin in REASONS if name.startswith(begin)]
    return REASONS[max(found, key=len)] if found else ""
