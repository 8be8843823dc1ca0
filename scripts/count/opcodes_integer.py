"""Integers, bits and predicates."""

import numpy as np

from .opcodes import opcode, result
from .operands import IS_PREDICATE, pair, predicate, predicate_register, register, signed, word

U32, U64, I32, I64 = np.uint32, np.uint64, np.int32, np.int64
LOW = U64(0xFFFFFFFF)


@opcode("MOV", "UMOV")
def move(i):
    return result(i.ops[0], word(i.ops[1]))


@opcode("IMAD", "UIMAD")
def multiply_add(i):
    o = i.ops
    if i.mods[:1] == ["MOV"]:
        return result(o[0], word(o[-1]))
    if i.wide:
        return wide_multiply_add(i)
    a, b, c = map(word, o[1:4])
    if len(o) > 4:
        carry = predicate(o[4])
        return result(o[0], lambda k: a(k) * b(k) + c(k) + carry(k).astype(U32))
    return result(o[0], lambda k: a(k) * b(k) + c(k))


def wide_multiply_add(i):
    """Of an unsigned sum a predicate may get the carry, and one may bring the carry of the sum before."""
    o = i.ops
    out = predicate_register(o[1]) if IS_PREDICATE.match(o[1]) else None
    o = o[:1] + o[2:] if out is not None else o
    kind, wide = (word, U64) if "U32" in i.mods else (signed, I64)
    a, b, c, d = kind(o[1]), kind(o[2]), pair(o[3]), register(o[0])
    carry = predicate(o[4]) if len(o) > 4 else None

    def run(k, on):
        product = (a(k).astype(wide) * b(k).astype(wide)).view(U64)
        brought = carry(k).astype(U64) if carry else U64(0)
        v = product + c(k) + brought
        if out is not None:
            k.set_predicate(out, (v < product) | ((v == product) & (brought > 0)), on)
        if "HI" in i.mods:
            k.set(d, (v >> U64(32)).astype(U32), on)
        else:
            k.set64(d, v, on)

    return run


@opcode("IADD3", "UIADD3")
def add3(i):
    o = i.ops
    outs = [predicate_register(t) for t in o[1:3] if IS_PREDICATE.match(t)]
    ins = [predicate(t) for t in o[4 + len(outs) :]] if "X" in i.mods else []

    def term(t):  # a negative term is ~x + 1; in an extended sum the 1 comes by the carry
        negative = t[0] == "-" and t[1] in "RUc"
        f = word(t[1:] if negative else t)
        if negative:
            return lambda b: (~f(b)).astype(U64) + U64("X" not in i.mods)
        return lambda b: f(b).astype(U64)

    terms, d = [term(t) for t in o[1 + len(outs) : 4 + len(outs)]], register(o[0])

    def run(b, on):
        v = sum([t(b) for t in terms] + [p(b).astype(U64) for p in ins])
        b.set(d, (v & LOW).astype(U32), on)
        for q in outs:
            b.set_predicate(q, v >> U64(32) > 0, on)

    return run


@opcode("VIADD")
def add(i):
    a, b = word(i.ops[1]), word(i.ops[2])
    return result(i.ops[0], lambda k: a(k) + b(k))


@opcode("VIMNMX", "IMNMX", "VIADDMNMX")
def minimum_or_maximum(i):
    kind = word if "U32" in i.mods else signed
    a, b, least = kind(i.ops[1]), kind(i.ops[-2]), predicate(i.ops[-1])
    plus = kind(i.ops[2]) if i.op == "VIADDMNMX" else lambda k: 0

    def value(k):
        x, y = a(k) + plus(k), b(k)
        return np.where(least(k), np.minimum(x, y), np.maximum(x, y)).view(U32)

    return result(i.ops[0], value)


@opcode("IABS")
def absolute(i):
    a = signed(i.ops[1])
    return result(i.ops[0], lambda b: np.abs(a(b)).view(U32))


@opcode("LEA", "ULEA")
def shifted_add(i):
    o = i.ops
    outs = [predicate_register(t) for t in o[1:2] if IS_PREDICATE.match(t)]
    n, d = 1 + len(outs), register(o[0])
    carry = predicate(o[-1]) if "X" in i.mods else lambda k: np.zeros(k.threads, bool)
    b = word(o[n + 1])
    if "HI" in i.mods:
        high = shifted_high(i, n)
        return result(o[0], lambda k: (high(k) + b(k).astype(I64) + carry(k) & 0xFFFFFFFF).astype(U32))
    a, shift = word(o[n]), U64(int(o[n + 2], 16))

    def run(k, on):
        v = ((a(k).astype(U64) << shift) & LOW) + b(k)
        k.set(d, (v & LOW).astype(U32), on)
        for q in outs:
            k.set_predicate(q, v >> U64(32) > 0, on)

    return run


def shifted_high(i, n):
    """The upper word of a 64-bit shift, or of a sign-extended 32-bit one."""
    o = i.ops
    if "SX32" in i.mods:
        a, shift = signed(o[n]), int(o[n + 2], 16)
        return lambda k: a(k).astype(I64) << shift >> 32
    low, high, shift = word(o[n]), word(o[n + 2]), U64(int(o[n + 3], 16))
    return lambda k: ((low(k).astype(U64) | high(k).astype(U64) << U64(32)) << shift).view(I64) >> 32


@opcode("SHF", "USHF")
def shift_of_two(i):
    a, b, c = map(word, i.ops[1:4])
    left, kind, high = i.mods[0] == "L", i.mods[1], "HI" in i.mods
    most = U64(63 if "64" in kind else 32)

    def value(k):
        low, n, upper = a(k).astype(U64), b(k).astype(U64), c(k).astype(U64)
        both = low | upper << U64(32)
        if left and "64" not in kind and not high:
            return np.where(n < 32, low << np.minimum(n, U64(31)), U64(0)).astype(U32)
        if left:
            return (both << np.minimum(n, most) >> U64(32)).astype(U32)
        if high and kind == "S32":
            return (c(k).view(I32).astype(I64) >> np.minimum(n, U64(31)).view(I64)).astype(I32).view(U32)
        if high and kind == "U32":
            return (upper >> np.minimum(n, U64(32))).astype(U32)
        return (both >> np.minimum(n, most) & LOW).astype(U32)

    return result(i.ops[0], value)


def lookup(a, b, c, table):
    """The bits that a table of 8 gives for the bits of three operands."""
    r = np.zeros(a.shape, a.dtype)
    for k in range(8):
        if table >> k & 1:
            r = r | (a if k & 4 else ~a) & (b if k & 2 else ~b) & (c if k & 1 else ~c)
    return r


@opcode("LOP3", "ULOP3")
def logic(i):
    out = predicate_register(i.ops[0]) if IS_PREDICATE.match(i.ops[0]) else None
    o = i.ops[1:] if out is not None else i.ops
    a, b, c, table, d = *map(word, o[1:4]), int(o[4], 16), register(o[0])
    also = predicate(o[5]) if len(o) > 5 else lambda k: False

    def run(k, on):
        v = lookup(a(k), b(k), c(k), table)
        k.set(d, v, on)
        if out is not None:
            k.set_predicate(out, (v != 0) | also(k), on)

    return run


@opcode("PLOP3", "UPLOP3")
def logic_of_predicates(i):
    o = i.ops
    targets = ((predicate_register(o[0]), int(o[5], 16)), (predicate_register(o[1]), int(o[6], 16)))
    terms = [predicate(t) for t in o[2:5]]

    def run(k, on):
        x = [t(k) for t in terms]
        for q, v in [(q, lookup(*x, table)) for q, table in targets]:
            k.set_predicate(q, v, on)

    return run


COMPARE = {
    "GE": np.greater_equal,
    "GT": np.greater,
    "LT": np.less,
    "LE": np.less_equal,
    "EQ": np.equal,
    "NE": np.not_equal,
}
COMBINE = {"AND": np.logical_and, "OR": np.logical_or, "XOR": np.logical_xor}


def compare(i, test):
    """Two predicates: the test, and its contrary, each combined with a third one."""
    d, e, other = predicate_register(i.ops[0]), predicate_register(i.ops[1]), predicate(i.ops[4])
    combine = COMBINE[next(m for m in i.mods if m in COMBINE)]

    def run(b, on):
        r, q = test(b), other(b)
        b.set_predicate(d, combine(r, q), on)
        b.set_predicate(e, combine(~r, q), on)

    return run


@opcode("ISETP", "UISETP")
def compare_integers(i):
    kind, how = word if "U32" in i.mods else signed, COMPARE[i.mods[0]]
    a, b = kind(i.ops[2]), kind(i.ops[3])
    if "EX" not in i.mods:
        return compare(i, lambda k: how(a(k), b(k)))
    lower = predicate(i.ops[5])  # upper words: what their lower ones say where they are equal
    return compare(i, lambda k: np.where(a(k) == b(k), lower(k), how(a(k), b(k))))


@opcode("SEL", "USEL")
def select(i):
    a, b, p = word(i.ops[1]), word(i.ops[2]), predicate(i.ops[3])
    return result(i.ops[0], lambda k: np.where(p(k), a(k), b(k)))


@opcode("PRMT", "UPRMT")
def permute_bytes(i):
    a, selection, c = map(word, i.ops[1:4])

    def value(b):
        x, s, r = a(b).astype(U64) | c(b).astype(U64) << U64(32), selection(b), np.zeros(b.threads, U32)
        for k in range(4):
            q = s >> U32(4 * k) & U32(15)
            byte = (x >> (q & U32(7)).astype(U64) * U64(8) & U64(255)).astype(U32)
            r |= np.where(q & U32(8), np.where(byte & U32(128), U32(255), U32(0)), byte) << U32(8 * k)
        return r

    return result(i.ops[0], value)


@opcode("POPC", "UPOPC")
def count_bits(i):
    a = word(i.ops[1])
    return result(i.ops[0], lambda b: np.unpackbits(a(b).view(np.uint8).reshape(-1, 4), axis=1).sum(1).astype(U32))


@opcode("R2UR")
def to_uniform(i):
    return result(i.ops[0], word(i.ops[-1]))


def byte_of(mods):
    return U32(8 * next((int(m[1]) for m in mods if len(m) == 2 and m[0] == "B"), 0))


@opcode("R2P")
def to_predicates(i):
    a, mask, shift = word(i.ops[1]), int(i.ops[2], 16), byte_of(i.mods)

    def run(b, on):
        x = a(b) >> shift
        for k in range(7):
            if mask >> k & 1:
                b.set_predicate(k, (x >> U32(k) & U32(1)) > 0, on)

    return run


@opcode("P2R")
def from_predicates(i):
    a, mask, shift = word(i.ops[2]), U32(int(i.ops[3], 16)), byte_of(i.mods)

    def value(b):
        x = sum(b.p[k].astype(U32) << U32(k) for k in range(7))
        return (x & mask) << shift | a(b) & ~(mask << shift)

    return result(i.ops[0], value)
