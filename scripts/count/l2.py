"""Which bytes of a step reach HBM through an L2 that keeps what was used last: a model, to compare orders of tiles.

Tiles of a launch come one after the other, each with its share of the pixels of all tensors and with all chunks at
once, and after them partial gradients of weights, which their sum reads. The L2 begins empty, and what is left in it at
the end is written. Left out are images, weights, and all that is small.
"""

import collections
from typing import NamedTuple

from . import operations
from .traffic import PARTIALS_READER

BYTES = 50e6  # of an L2
PIXELS, SECTOR = 64, 32  # of a cell, which is kept or replaced as one
CELL = PIXELS * SECTOR
READ, WRITTEN, BOTH = (True, False), (False, True), (True, True)


class Moved(NamedTuple):
    """Words of an address, a pitch and a number of channels; made: of the pixels of y where it has fewer than x."""

    address: int
    pitch: int
    channels: int
    how: tuple
    made: bool = False


def image(w):
    return w[14] * w[15] * w[16]


# Pixels of x and of y, and what is moved.
TO_TRANSITION = [Moved(3, 8, 13, READ, True), Moved(4, 9, 13, READ, True), Moved(5, 10, 12, READ)]
FORMS = {
    "bnrelu_conv1x1_fprop": (lambda w: (w[8], w[8]), [Moved(2, 5, 18, READ), Moved(0, 4, 7, WRITTEN)]),
    "bnrelu_conv3x3_fprop": (lambda w: (w[10], w[10]), [Moved(2, 5, 21, READ), Moved(0, 4, 7, WRITTEN)]),
    "bnrelu_conv1x1_bprop": (
        lambda w: (w[11], w[11]),
        [Moved(3, 9, 13, READ), Moved(4, 9, 13, READ), Moved(5, 8, 12, READ), Moved(0, 7, 12, BOTH)],
    ),
    "bnrelu_conv3x3_bprop": (
        lambda w: (w[17], w[17]),
        [Moved(3, 8, 15, READ), Moved(4, 9, 15, READ), Moved(5, 10, 16, READ), Moved(0, 7, 16, WRITTEN)],
    ),
    "transition_fprop": (
        lambda w: (w[10] * w[11] * w[12], w[10] * (w[11] // 2) * (w[12] // 2)),
        [Moved(2, 5, 21, READ), Moved(0, 4, 7, WRITTEN, True)],
    ),
    "transition_bprop_data": (
        lambda w: (image(w), operations.images(w, 2)),
        [*TO_TRANSITION, Moved(0, 7, 12, WRITTEN)],
    ),
    "transition_bprop_weights": (lambda w: (image(w), operations.images(w, 2)), TO_TRANSITION),
    "stem_conv_fprop": (lambda w: (0, w[8] * w[11] * w[12]), [Moved(0, 4, 5, WRITTEN, True)]),
    "stem_conv_wgrad": (lambda w: (0, w[8] * w[11] * w[12]), [Moved(1, 4, 6, READ, True), Moved(2, 5, 6, READ, True)]),
    "bnrelu_maxpool_fprop": (
        lambda w: (w[5] * w[6] * w[7], w[5] * w[8] * w[9]),
        [Moved(2, 4, 18, READ), Moved(0, 3, 18, WRITTEN, True)],
    ),
    "bnrelu_maxpool_dgrad": (
        lambda w: (w[10] * w[11] * w[12], w[10] * w[13] * w[14]),
        [Moved(2, 6, 9, READ, True), Moved(3, 7, 9, READ, True), Moved(4, 8, 9, READ), Moved(0, 5, 9, WRITTEN)],
    ),
    "head_fprop": (lambda w: (w[6] * w[7], 0), [Moved(2, 5, 18, READ)]),
    "head_dgrad": (lambda w: (w[8] * w[9], 0), [Moved(2, 6, 7, READ), Moved(0, 5, 7, WRITTEN)]),
}


class Cache:
    """Of cells, with whether they are to be written; hbm: bytes from and to the memory behind it."""

    def __init__(self):
        self.cells, self.hbm = collections.OrderedDict(), 0

    def use(self, cell, read, written):
        dirty = self.cells.pop(cell, None)
        self.hbm += CELL * (read and dirty is None)
        self.cells[cell] = written or bool(dirty)
        if len(self.cells) > BYTES / CELL:
            self.hbm += CELL * self.cells.popitem(last=False)[1]


def cells(launch, moved, pixels, begin, end):
    """Those of a tensor of 2 bytes a value, from one share of its pixels to another."""
    pitch, address = launch.words[moved.pitch] * 2 * PIXELS, launch.words[moved.address]
    width = launch.words[moved.channels] * 2
    for row in range(int(begin * pixels) // PIXELS, -(-int(end * pixels) // PIXELS)):
        first = address + row * pitch
        yield from range(first // SECTOR, (first + width - 1) // SECTOR + 1)


def through(launches, turns):
    """Bytes from and to HBM of a step of bfloat16; turns: whether launches take tiles in the order that they say."""
    cache, partials = Cache(), []
    for launch in launches:
        if launch.kernel == PARTIALS_READER:
            for cell in partials:
                cache.use(cell, *READ)
            partials = []
        form = FORMS.get(next((name for name in FORMS if launch.kernel.startswith(f"dn_{name}")), None))
        if form is None:
            continue
        shape, (of_x, made) = operations.shape(launch), form[0](launch.words)
        for i in range(shape.tiles)[:: -1 if turns and launch.words[-1] else 1]:
            for moved in form[1]:
                pixels = made if moved.made else of_x
                for cell in cells(launch, moved, pixels, i / shape.tiles, (i + 1) / shape.tiles):
                    cache.use(cell, *moved.how)
        left = [("partial", shape.partials, i) for i in range(-(-shape.partial * launch.grid[0] // CELL))]
        for cell in left:
            cache.use(cell, *WRITTEN)
        partials += left
    return cache.hbm + CELL * sum(cache.cells.values())
