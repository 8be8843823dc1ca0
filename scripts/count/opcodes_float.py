"""Floating point. Computed wider and rounded once to nearest: directed roundings, in division and square root only, may
differ in the last bit. FCHK never asks for the slow path of a division, so operands must be normal."""

import numpy as np

from .opcodes import opcode, result, result64
from .opcodes_integer import COMPARE, compare
from .operands import double, pair, predicate, predicate_register, signed, single, word
from .sass import Unknown

U32, U64, I64, F32, F64 = np.uint32, np.uint64, np.int64, np.float32, np.float64


def bits(x):
    return np.ascontiguousarray(x, F32).view(U32)


@opcode("FADD", "FMUL", "FFMA", "DADD", "DMUL", "DFMA")
def arithmetic(i):
    narrow = i.op[0] == "F"
    kind, wider = (single, F64) if narrow else (double, np.longdouble)
    terms = [kind(t) for t in i.ops[1:]]
    f = {"ADD": lambda x: x[0] + x[1], "MUL": lambda x: x[0] * x[1], "FMA": lambda x: x[0] * x[1] + x[2]}[i.op[1:]]

    def value(b):
        return f([t(b).astype(wider) for t in terms])

    if narrow:
        return result(i.ops[0], lambda b: bits(value(b).astype(F32)))
    return result64(i.ops[0], lambda b: value(b).astype(F64))


@opcode("HFMA2")
def constant_halves(i):
    """0 * 0 + two constants of 16 bits, by which ptxas sets a register; no kernel computes with them."""
    if i.ops[1:3] != ["-RZ", "RZ"]:
        raise Unknown(i.text)
    value = np.array([float(i.ops[4]), float(i.ops[3])], np.float16).view(U32)[0]
    return result(i.ops[0], lambda b: np.full(b.threads, value))


@opcode("FMNMX")
def minimum_or_maximum(i):
    a, b, least = single(i.ops[1]), single(i.ops[2]), predicate(i.ops[3])
    return result(i.ops[0], lambda k: bits(np.where(least(k), np.fmin(a(k), b(k)), np.fmax(a(k), b(k)))))


@opcode("FSEL")
def select(i):
    a, b, p = single(i.ops[1]), single(i.ops[2]), predicate(i.ops[3])
    return result(i.ops[0], lambda k: bits(np.where(p(k), a(k), b(k))))


@opcode("FSETP", "DSETP")
def compare_floats(i):
    kind, how = single if i.op == "FSETP" else double, i.mods[0]
    a, b = kind(i.ops[2]), kind(i.ops[3])

    def test(k):
        x, y = a(k), b(k)
        unordered = np.isnan(x) | np.isnan(y)
        if how in ("NAN", "NUM"):
            return unordered if how == "NAN" else ~unordered
        r = COMPARE[how[:2]](x, y)
        return r | unordered if how.endswith("U") else r & ~unordered

    return compare(i, test)


@opcode("MUFU")
def special_function(i):
    f = {"RCP": lambda x: 1 / x, "RSQ": lambda x: 1 / np.sqrt(x), "EX2": np.exp2, "LG2": np.log2, "SQRT": np.sqrt}[
        i.mods[0].removesuffix("64H")
    ]
    if i.mods[0].endswith("64H"):
        high = word(i.ops[1])
        return result(
            i.ops[0], lambda b: (f((high(b).astype(U64) << U64(32)).view(F64)).view(U64) >> U64(32)).astype(U32)
        )
    a = single(i.ops[1])
    return result(i.ops[0], lambda b: bits(f(a(b).astype(F64)).astype(F32)))


@opcode("I2F", "I2FP")
def from_integer(i):
    if "S64" in i.mods or "U64" in i.mods:
        wide = pair(i.ops[1])
        a = (lambda b: wide(b).view(I64)) if "S64" in i.mods else wide
    else:
        a = (word if "U32" in i.mods else signed)(i.ops[1])
    if "F64" in i.mods:
        return result64(i.ops[0], lambda b: a(b).astype(F64))

    def value(b):
        x = a(b).astype(F64)
        v = x.astype(F32)
        return bits(np.where(v < x, np.nextafter(v, F32(np.inf)), v) if "RP" in i.mods else v)

    return result(i.ops[0], value)


@opcode("F2I")
def to_integer(i):
    a = (double if "F64" in i.mods else single)(i.ops[1])
    whole = np.trunc if "TRUNC" in i.mods else np.rint
    if "S64" in i.mods or "F64" in i.mods:
        return result64(i.ops[0], lambda b: np.nan_to_num(whole(a(b))).astype(I64))
    most = 2**32 - 1 if "U32" in i.mods else 2**31 - 1
    least = 0 if "U32" in i.mods else -(2**31)
    return result(
        i.ops[0],
        lambda b: (np.clip(np.nan_to_num(whole(a(b).astype(F64))), least, most).astype(I64) & 0xFFFFFFFF).astype(U32),
    )


@opcode("F2F")
def convert(i):
    a = (single if i.mods[0] == "F64" else double)(i.ops[1])
    if i.mods[0] == "F64":
        return result64(i.ops[0], lambda b: a(b).astype(F64))
    return result(i.ops[0], lambda b: bits(a(b).astype(F32)))


@opcode("FRND")
def to_whole(i):
    whole = np.trunc if "TRUNC" in i.mods else np.floor if "FLOOR" in i.mods else np.rint
    if "F64" in i.mods:
        a = double(i.ops[1])
        return result64(i.ops[0], lambda b: whole(a(b)))
    a = single(i.ops[1])
    return result(i.ops[0], lambda b: bits(whole(a(b))))


@opcode("FCHK")
def needs_slow_division(i):
    d = predicate_register(i.ops[0])
    return lambda b, on: b.set_predicate(d, np.zeros(b.threads, bool), on)


def to_bf16(x):
    """The 16 bits of the bfloat16 nearest to a float32, of two the even one."""
    u = bits(x).astype(U64)
    rounded = (u + U64(0x7FFF) + (u >> U64(16) & U64(1)) >> U64(16)).astype(U32)
    return np.where(np.isnan(x), U32(0x7FFF), rounded)


def to_tf32(x):
    """Nearest, of two the one away from zero."""
    u = bits(x)
    return np.where(np.isnan(x), u, u + U32(0x1000) & U32(0xFFFFE000))


@opcode("F2FP")
def pack(i):
    clip = (lambda x: np.where(x > 0, x, F32(0))) if "RELU" in i.mods else lambda x: x
    if "TF32" in i.mods:
        a = single(i.ops[-1])
        return result(i.ops[0], lambda b: to_tf32(clip(a(b))))
    if "BF16" not in i.mods:
        raise Unknown(i.text)
    high, low = single(i.ops[1]), single(i.ops[2])
    return result(i.ops[0], lambda b: to_bf16(clip(high(b))) << U32(16) | to_bf16(clip(low(b))))
