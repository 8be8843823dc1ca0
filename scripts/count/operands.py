"""Operands of instructions: from their text to a function of the block that gives a value of each lane."""

import re

import numpy as np

from .sass import Unknown

U32, U64, F32, F64 = np.uint32, np.uint64, np.float32, np.float64
IS_PREDICATE = re.compile(r"!?U?P[0-9T]$")
IS_BANK = re.compile(r"c\[0x0\]\[(?:(U?R\d+|RZ|URZ)\+?)?(0x[0-9a-f]+)?\]$")
SPECIAL = {"+INF": np.inf, "-INF": -np.inf, "+QNAN": np.nan, "-QNAN": np.nan}


def register(t):
    if t in ("RZ", "SRZ"):
        return 255
    if t == "URZ":
        return 319
    m = re.match(r"(U?)R(\d+)", t)
    if not m:
        raise Unknown(t)
    return int(m[2]) + (256 if m[1] else 0)


def next_register(n):
    return n if n in (255, 319) else n + 1


def predicate_register(t):
    return {"PT": 7, "UPT": 15}.get(t) or int(t[-1]) + (8 if t[0] == "U" else 0)


def predicate(t):
    n = predicate_register(t.lstrip("!"))
    return (lambda b: ~b.p[n]) if t[0] == "!" else (lambda b: b.p[n])


def signs(t):
    """What is behind -, ~ and | |, and which of them there were."""
    negative = t[0] == "-" and not re.match(r"-(0x|\d|\.|INF|QNAN)", t)
    inverted = t[0] == "~"
    t = t[1:] if negative or inverted else t
    return t.strip("|"), negative, inverted, t[0] == "|"


def constant(v):
    return lambda b: np.full(b.threads, v)


def bank_place(t):
    """Which word of the constant bank an operand is, of each lane; None if it is another."""
    m = IS_BANK.match(t)
    if not m:
        return None
    offset, n = int(m[2] or "0", 16), register(m[1] or "RZ")
    return lambda b: (b.r[n].astype(np.int64) + offset) // 4


def raw(t, of_float):
    if at := bank_place(t):
        return lambda b: b.bank[at(b)]
    if re.match(r"U?R(\d+|Z)|SRZ", t):
        n = register(t.split(".")[0])
        return lambda b: b.r[n]
    if re.match(r"-?0x", t):
        return constant(U32(int(t, 16) & 0xFFFFFFFF))
    t = t.replace(" ", "")
    if t in SPECIAL or of_float or "." in t or "e" in t:
        return constant(np.array([SPECIAL[t] if t in SPECIAL else float(t)], F32).view(U32)[0])
    return constant(U32(int(t) & 0xFFFFFFFF))


def word(t):
    t, negative, inverted, _ = signs(t)
    f = raw(t, False)
    return (lambda b: U32(0) - f(b)) if negative else (lambda b: ~f(b)) if inverted else f


def signed(t):
    f = word(t)
    return lambda b: f(b).view(np.int32)


def with_signs(f, negative, absolute):
    def value(b):
        x = f(b)
        x = np.abs(x) if absolute else x
        return -x if negative else x

    return value


def single(t):
    t, negative, _, absolute = signs(t)
    f = raw(t, True)
    return with_signs(lambda b: f(b).view(F32), negative, absolute)


def pair(t):
    """64 bits of two registers, or of the constant bank."""
    t, negative, _, _ = signs(t)
    if at := bank_place(t):
        f = lambda b: b.bank[at(b)].astype(U64) | b.bank[at(b) + 1].astype(U64) << U64(32)  # noqa: E731
    elif re.match(r"-?0x|-?\d", t):
        f = constant(np.int64(int(t, 0)).astype(U64))
    else:
        n = register(t.split(".")[0])
        f = lambda b: b.r[n].astype(U64) | (b.r[next_register(n)].astype(U64) << U64(32))  # noqa: E731
    return (lambda b: U64(0) - f(b)) if negative else f


def double(t):
    t, negative, _, absolute = signs(t)
    if re.match(r"U?R|c\[", t):
        f = pair(t)
    else:
        t = t.replace(" ", "")
        f = constant(np.array([SPECIAL[t] if t in SPECIAL else float(t)]).view(U64)[0])
    return with_signs(lambda b: f(b).view(F64), negative, absolute)


def address(t):
    """Of [R1+UR2+0x10], [R2.64+0x8], desc[UR4][R2.64+0x8]: bytes from the begin of shared or of device memory."""
    parts, offset = [], 0
    for p in t[t.rindex("[") + 1 : -1].split("+"):
        if re.match(r"-?0x", p):
            offset += int(p, 16)
        elif p.endswith(".64"):
            parts.append((pair(p), 1))
        elif m := re.match(r"(.*)\.X(\d+)$", p):
            parts.append((word(m[1]), int(m[2])))
        else:
            parts.append((word(p), 1))
    far = ".64" in t

    def value(b):
        a = np.full(b.threads, offset, np.int64)
        for f, scale in parts:
            a = a + f(b).astype(np.int64) * scale
        return a - b.memory.base if far else (a & 0xFFFFFFFF) - b.shared_base

    return value
