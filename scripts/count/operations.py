"""What the parameters of the fused engine's kernels mean: shapes, tiles, and the tensors that an operation must move.

Words are the members of the structs in native/cuda/*.cu, 8 bytes each, in their order.
"""

from typing import NamedTuple


class Shape(NamedTuple):
    """units: pixels (or images) that tiles are laid over; channels: what the work of a tile grows with, if it does;
    read, written: bytes of tensors, each once; weights: the place of partial gradients, 0 if there are none; partial:
    bytes of them that a block leaves."""

    units: int
    tile: int
    channels: int
    read: int
    written: int
    flop: int
    partials: int = 0
    partial: int = 0

    @property
    def tiles(self):
        return -(-self.units // self.tile)


SLICE_WORDS = 41

# Pixels of a tile of what several kernels do.
TILES = {
    "bnrelu_conv1x1_fprop_48_large": 256,
    "bnrelu_conv1x1_fprop_48_streamed": 256,
    "bnrelu_conv1x1_fprop_128_large": 128,
    "bnrelu_conv1x1_fprop_128_small": 96,
    "bnrelu_conv3x3_bprop_16_fp32": 96,
}


def conv1x1_fprop(w, size, tile):
    pixels, c, z = w[8], w[18], w[7]
    return Shape(pixels, tile, c, pixels * c * size, pixels * z * size, 2 * pixels * c * z)


def conv3x3_fprop(w, size, tile):
    pixels, z, k = w[10], w[21], w[7]
    return Shape(pixels, tile, 0, pixels * z * size, pixels * k * size, 18 * pixels * z * k)


def bottleneck_infer(w, size, tile):
    """Tiles are whole images where these are not larger; a block has one."""
    pixels, height, width, c, z, k = w[10], w[11], w[12], w[21], w[32], w[8]
    return Shape(
        pixels, min(tile, height * width), c, pixels * c * size, pixels * k * size, 2 * pixels * z * (c + 9 * k)
    )


def bottleneck_infer_layers(w, size, images):
    """A block has an image, and all layers of it."""
    pixels, c, k, z, layers = images * w[9] * w[10], w[2], w[3], w[5], w[12]
    terms = sum(z * (c + i * k) + 9 * z * k for i in range(layers))
    return Shape(images, 1, 0, pixels * c * size, pixels * k * layers * size, 2 * pixels * terms)


def strips(pixels, height, width, rows):
    """Of a column of so many pixels each."""
    return pixels // (height * width) * -(-height // rows) * width


def in_strips(operation, first, rows, tile):
    """first: the word of the pixels, before height and width."""

    def shape(w, size, _):
        return operation(w, size, tile)._replace(units=strips(*w[first : first + 3], rows))

    return shape


def conv1x1_bprop(w, size, tile):
    pixels, c, z, accumulates = w[11], w[12], w[13], w[14]
    return Shape(
        pixels,
        tile,
        c,
        pixels * (2 * z + c * (1 + accumulates)) * size,
        pixels * c * size,
        4 * pixels * c * z,
        w[2],
        4 * c * z,
    )


def conv3x3_bprop(w, size, tile):
    pixels, z, k, accumulates = w[17], w[16], w[15], w[20]
    return Shape(
        pixels,
        tile,
        0,
        pixels * (2 * k + z * (1 + accumulates)) * size,
        pixels * z * size,
        36 * pixels * z * k,
        w[2],
        36 * k * z,
    )


def conv3x3_bprop_slices(w, size, tile):
    """A count, and as many of the structs: all read one z and add to one gradient of it."""
    of = [conv3x3_bprop(w[1 + SLICE_WORDS * i :], size, tile) for i in range(w[0])]
    first, again = of[0], of[0].written
    return first._replace(
        read=sum(s.read for s in of) - (len(of) - 1) * 2 * again,
        flop=sum(s.flop for s in of),
        partial=sum(s.partial for s in of),
    )


def pointwise(window):
    """Both kernels of a backward pass in two: of the data's gradient, and of the weights'."""

    def data(w, size, tile):
        pixels, made, c, y, accumulates = w[14] * w[15] * w[16], images(w, window), w[12], w[13], w[17]
        return Shape(
            made, tile, y, (2 * made * y + pixels * c * (1 + accumulates)) * size, pixels * c * size, 2 * made * c * y
        )

    def weights(w, size, tile):
        pixels, made, c, y = w[14] * w[15] * w[16], images(w, window), w[12], w[13]
        return Shape(made, tile, 0, (2 * made * y + pixels * c) * size, 0, 2 * made * c * y, w[2], 4 * c * y)

    return data, weights


def images(w, window):
    return w[14] * (w[15] // window) * (w[16] // window)


def transition_fprop(w, size, tile):
    pixels, made, c, out = w[10] * w[11] * w[12], w[10] * (w[11] // 2) * (w[12] // 2), w[21], w[7]
    return Shape(made, tile, c, pixels * c * size, made * out * size, 2 * made * c * out)


def stem_tiles(w, size, tile):
    """Units, and those of a tile: in bfloat16 tiles are 16 x 16 pixels of y."""
    return (w[8] * -(-w[11] // 16) * -(-w[12] // 16), 1) if size == 2 else (w[8] * w[11] * w[12], tile)


def stem_fprop(w, size, tile):
    made, terms, out = w[8] * w[11] * w[12], w[7] * w[13] ** 2, w[5]
    units, each = stem_tiles(w, size, tile)
    return Shape(units, each, 0, w[8] * w[9] * w[10] * w[7] * 4, made * out * size, 2 * made * terms * out)


def stem_wgrad(w, size, tile):
    made, terms, out = w[8] * w[11] * w[12], w[7] * w[13] ** 2, w[6]
    units, each = stem_tiles(w, size, 32)
    return Shape(
        units,
        each,
        0,
        w[8] * w[9] * w[10] * w[7] * 4 + 2 * made * out * size,
        0,
        2 * made * terms * out,
        w[0],
        4 * terms * out,
    )


def planes(channels, size):
    return -(-channels * size // 16)


def maxpool_fprop(w, size, tile):
    pixels, made, c = w[5] * w[6] * w[7], w[5] * w[8] * w[9], w[18]
    return Shape(made, 256 // planes(c, size), 0, pixels * c * size, made * c * size, 0)


def maxpool_dgrad(w, size, tile):
    pixels, made, c = w[10] * w[11] * w[12], w[10] * w[13] * w[14], w[9]
    tiles = w[10] * -(-w[13] // 14) * -(-w[14] // (256 // planes(c, size) - 1))
    return Shape(tiles, 1, 0, (pixels + 2 * made) * c * size, pixels * c * size, 0)


def head_fprop(w, size, tile):
    batch, pixels, c, classes = w[7], w[6] * w[7], w[18], w[8]
    return Shape(batch, w[9], 0, pixels * c * size, 4 * batch * (classes + c), 2 * batch * c * classes)


def head_dgrad(w, size, tile):
    batch, pixels, c, classes = w[9], w[8] * w[9], w[7], w[10]
    return Shape(batch, 8, 0, pixels * c * size, pixels * c * size, 2 * batch * c * classes)


WIDE, TRANSITION = pointwise(1), pointwise(2)
OPERATIONS = {
    "bnrelu_conv1x1_fprop": conv1x1_fprop,
    "bnrelu_conv3x3_fprop_16_8x64": in_strips(conv3x3_fprop, 10, 8, 64),
    "bnrelu_conv3x3_fprop_16_4x32": in_strips(conv3x3_fprop, 10, 4, 32),
    "bnrelu_conv3x3_fprop_32_7x32": in_strips(conv3x3_fprop, 10, 7, 32),
    "bnrelu_conv3x3_fprop_32_7x16": in_strips(conv3x3_fprop, 10, 7, 16),
    "bnrelu_conv3x3_fprop_32_4x32": in_strips(conv3x3_fprop, 10, 4, 32),
    "bnrelu_conv3x3_fprop": conv3x3_fprop,
    "bottleneck_infer_layers": bottleneck_infer_layers,
    "bottleneck_infer": bottleneck_infer,
    "bnrelu_conv1x1_bprop_wide_data": WIDE[0],
    "bnrelu_conv1x1_bprop_wide_weights": WIDE[1],
    "bnrelu_conv1x1_bprop": conv1x1_bprop,
    "bnrelu_conv3x3_bprop_16_fp32": conv3x3_bprop_slices,
    "bnrelu_conv3x3_bprop_16_8x32": in_strips(conv3x3_bprop, 17, 8, 32),
    "bnrelu_conv3x3_bprop_16_4x32": in_strips(conv3x3_bprop, 17, 4, 32),
    "bnrelu_conv3x3_bprop_32_7x16": in_strips(conv3x3_bprop, 17, 7, 16),
    "bnrelu_conv3x3_bprop_32_4x16": in_strips(conv3x3_bprop, 17, 4, 16),
    "bnrelu_conv3x3_bprop_64_4x16": in_strips(conv3x3_bprop_slices, 18, 4, 16),
    "transition_bprop_data": TRANSITION[0],
    "transition_bprop_weights": TRANSITION[1],
    "transition_fprop": transition_fprop,
    "stem_conv_fprop": stem_fprop,
    "stem_conv_wgrad": stem_wgrad,
    "bnrelu_maxpool_fprop": maxpool_fprop,
    "bnrelu_maxpool_dgrad": maxpool_dgrad,
    "head_fprop": head_fprop,
    "head_dgrad": head_dgrad,
}


def stem(kernel):
    """The operation that a kernel does, or None if its blocks have no tiles."""
    name = kernel.removeprefix("dn_")
    return next((s for s in OPERATIONS if name.startswith(s)), None)


def from_first(launch):
    """The same with its tiles taken from the first one on, which costs the same: the last one, with which a reversed
    launch begins, may not be full. The order is the last word (native/cuda/tiles.cuh)."""
    found = stem(launch.kernel)
    if found is None or found.startswith("bottleneck_infer"):
        return launch
    return launch._replace(parameters=launch.parameters[:-8] + bytes(8))


def shape(launch):
    """None for kernels of a thread a value, which take what their arguments say."""
    found = stem(launch.kernel)
    if found is None:
        return None
    name = launch.kernel.removeprefix("dn_")
    size = 4 if name.endswith("_fp32") else 2
    if found == "bottleneck_infer_layers":
        return bottleneck_infer_layers(launch.words, size, launch.grid[0])
    return OPERATIONS[found](launch.words, size, TILES.get(name, 64))
