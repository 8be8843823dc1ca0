"""Runs instructions as nvdisasm writes them, by one warp."""

import numpy as np

from count import sass
from count.block import Block
from count.memory import DeviceMemory
from count.operands import register

U32 = np.uint32
random = np.random.default_rng(7)


def words():
    return random.integers(0, 2**32, 32, dtype=np.uint64).astype(U32)


def kernel_of(program, labels=None):
    kernel = sass.Kernel("test", threads=32)
    kernel.labels.update(labels or {})
    for text in (program + "; EXIT").split(";"):
        kernel.append(text.strip())
    return kernel


def run(program, labels=None, shared=None, **registers):
    """The block, after a warp with registers by name, R3=..., P0=..., has executed a program."""
    block = Block(kernel_of(program, labels), DeviceMemory(0, 1 << 16))
    if shared is not None:
        block.shared[: len(shared)] = shared
    for name, value in registers.items():
        if name[0] == "P":
            block.p[int(name[1:])] = value
        else:
            block.r[register(name)] = value
    return block.run()
