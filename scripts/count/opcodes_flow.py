"""Where lanes go. The register B of a convergence barrier holds the lanes of a warp that meet at its BSYNC."""

import re

import numpy as np

from .opcodes import opcode
from .operands import predicate, register

U32, U64 = np.uint32, np.uint64


def masks(lanes):
    """Of each warp, for all of its lanes."""
    by_warp = lanes.reshape(-1, 32).astype(U64) << np.arange(32, dtype=U64)
    return np.repeat(by_warp.sum(1).astype(U32), 32)


def asked(i, count):
    """The predicate that an instruction of more than `count` operands has besides its guard."""
    return predicate(i.ops[0]) if len(i.ops) > count else None


@opcode("BRA", "CALL")
def jump(i):
    to, also = i.labels[re.match(r"`\((\S+)\)$", i.ops[-1])[1]], None if "DIV" in i.mods else asked(i, 1)

    def run(b, on):
        taken = on & also(b) if also else on & ("DIV" not in i.mods)  # lanes of a warp's barrier are all there
        b.pc[b.at] += 16
        b.pc[taken] = to

    return run


@opcode("RET")
def back(i):
    n = register(i.ops[0])

    def run(b, on):
        b.pc[b.at] += 16
        b.pc[on] = b.r[n][on]

    return run


@opcode("EXIT")
def end(i):
    also = asked(i, 0)

    def run(b, on):
        b.pc[b.at] += 16
        b.live = b.live & ~(on & also(b) if also else on)
        b.release()

    return run


@opcode("BSSY")
def meet(i):
    n = int(i.ops[0][1:])

    def run(b, on):
        b.b[n][b.at] = masks(b.at)[b.at]

    return run


@opcode("BSYNC")
def wait(i):
    n = int(i.ops[0][1:])

    def run(b, on):
        b.waiting[b.at] = n
        b.release()

    return run


@opcode("BREAK")
def leave(i):
    n, also = int(i.ops[-1][1:]), asked(i, 1)

    def run(b, on):
        b.b[n] &= ~masks(on & also(b) if also else on)
        b.pc[b.at] += 16
        b.release()

    return run
