"""Matrix products of a warp, in double precision, rounded once, and the exchange of values between its lanes."""

import numpy as np

from .opcodes import opcode, result
from .operands import predicate, predicate_register, register, word
from .opcodes_float import bits
from .sass import Unknown

U32, F32 = np.uint32, np.float32
LANES = np.arange(32)
ROW, COLUMN = LANES // 4, LANES % 4


def halves(words):
    """Two bfloat16 of each word as float32."""
    return (words << U32(16)).view(F32), (words & U32(0xFFFF0000)).view(F32)


def of_bf16(b, first_a, first_b):
    """A (warps, 16, 16) and B (warps, 16, 8) from four and two registers."""
    a, c = np.zeros((b.warps, 16, 16)), np.zeros((b.warps, 16, 8))
    for k in range(4):
        low, high = halves(b.r[first_a + k].reshape(-1, 32))
        a[:, ROW + k % 2 * 8, 2 * COLUMN + k // 2 * 8], a[:, ROW + k % 2 * 8, 2 * COLUMN + k // 2 * 8 + 1] = low, high
    for k in range(2):
        low, high = halves(b.r[first_b + k].reshape(-1, 32))
        c[:, 2 * COLUMN + 8 * k, ROW], c[:, 2 * COLUMN + 8 * k + 1, ROW] = low, high
    return a, c


def of_tf32(b, first_a, first_b):
    """A (warps, 16, 8) and B (warps, 8, 8) from four and two registers."""
    a, c = np.zeros((b.warps, 16, 8)), np.zeros((b.warps, 8, 8))
    for k in range(4):
        a[:, ROW + k % 2 * 8, COLUMN + k // 2 * 4] = (b.r[first_a + k] & U32(0xFFFFE000)).view(F32).reshape(-1, 32)
    for k in range(2):
        c[:, COLUMN + 4 * k, ROW] = (b.r[first_b + k] & U32(0xFFFFE000)).view(F32).reshape(-1, 32)
    return a, c


@opcode("HMMA")
def product(i):
    factors = {"16816 F32 BF16": of_bf16, "1688 F32 TF32": of_tf32}.get(" ".join(i.mods))
    if not factors:
        raise Unknown(i.text)
    d, a, b, c = map(register, i.ops[:4])
    add = predicate(i.ops[4]) if len(i.ops) > 4 else None

    def run(k, on):
        left, right = factors(k, a, b)
        made = left @ right
        plus = c != 255 and (add is None or bool(add(k)[0]))
        for e in range(4):
            v = made[:, ROW + e // 2 * 8, 2 * COLUMN + e % 2].reshape(-1)
            k.set(d + e, bits((v + k.r[c + e].view(F32) if plus else v).astype(F32)), on)

    return run


@opcode("SHFL")
def shuffle(i):
    a, distance = word(i.ops[2]), word(i.ops[3])

    def run(b, on):
        x, n, lane = a(b), distance(b).astype(np.int64), b.lanes % 32
        source = {"BFLY": lane ^ n, "DOWN": lane + n, "UP": lane - n, "IDX": n}[i.mods[0]]
        there = (source >= 0) & (source < 32)
        source = np.where(there, source, lane)
        b.set_predicate(predicate_register(i.ops[0]), there, on)
        b.set(register(i.ops[1]), x[b.lanes - lane + source], on)
        b.cost(i, b.warps_of(on), 0, b.warps_of(on))

    return run


@opcode("VOTEU", "VOTE")
def vote(i):
    predicates = [t for t in i.ops if t.lstrip("!U")[0] == "P"]
    asked, how = predicate(predicates[-1]), np.any if "ANY" in i.mods else np.all

    def run(b, on):
        answer = asked(b)
        by_warp = np.where(on, answer, how is np.all).reshape(-1, 32)
        if len(predicates) > 1:
            b.set_predicate(predicate_register(predicates[0]), np.repeat(how(by_warp, 1), 32), on)
        if len(predicates) < len(i.ops):
            masks = ((answer & on).reshape(-1, 32).astype(np.uint64) << LANES.astype(np.uint64)).sum(1)
            b.set(register(i.ops[0]), np.repeat(masks, 32).astype(U32), on)

    return run


@opcode("S2R", "S2UR", "CS2R")
def special_register(i):
    values = {
        "SRZ": lambda b: np.zeros(b.threads, U32),
        "SR_TID.X": lambda b: b.lanes.astype(U32),
        "SR_LANEID": lambda b: (b.lanes % 32).astype(U32),
        "SR_CgaCtaId": lambda b: np.zeros(b.threads, U32),
        "SR_CTAID.X": lambda b: np.full(b.threads, b.index[0], U32),
        "SR_CTAID.Y": lambda b: np.full(b.threads, b.index[1], U32),
    }
    if i.ops[1] not in values:
        raise Unknown(i.text)
    value = values[i.ops[1]]
    if i.op == "CS2R" and "32" not in i.mods:
        d = register(i.ops[0])
        return lambda b, on: b.set64(d, value(b).astype(np.uint64), on)
    return result(i.ops[0], value)
