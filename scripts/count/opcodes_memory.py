"""Loads, stores and copies. Every access is checked: a wild or misaligned one stops the run."""

import numpy as np

from . import costs
from .opcodes import opcode, result, result64
from .operands import address, pair, predicate, register, word
from .sass import Unknown

U32, U64 = np.uint32, np.uint64
SIZES = {"128": 16, "64": 8, "U16": 2, "S16": 2, "U8": 1, "S8": 1}


def size_of(mods):
    return next((SIZES[m] for m in mods if m in SIZES), 4)


def checked(i, a, on, size, limit):
    """Addresses, 0 for lanes that are off."""
    a = np.where(on, a, 0)
    if (a % size).any() or a.min() < 0 or a.max() + size > limit:
        raise RuntimeError(f"misaligned or out of {limit} bytes: {i.text}: {a.min()} to {a.max()}")
    return a


def shared(i, b, a, on, size):
    a = checked(i, a, on, size, len(b.shared))
    b.shared_used = max(b.shared_used, int(a[on].max()) + size)
    b.cost(i, costs.wavefronts(a, on, size), 0, costs.ideal_wavefronts(on, size))
    return a


def device(i, b, a, on, size, kind):
    a = checked(i, a, on, size, len(b.memory.bytes))
    touched = costs.sectors(a, on, size)
    passing = size * int(on.sum()) / 128 if kind == "written" else costs.lines(touched) if i.op in ("LDG", "LD") else 0
    b.cost(i, passing, 0 if i.op in ("LDG", "LD") else len(touched))
    if i.op in ("LDG", "LD"):
        b.loaded.append(touched[:, 1])
    b.sectors[kind].append(touched[:, 1])
    return a


def spread(values, size, signed):
    """Rows of bytes as words, one after the other."""
    if size >= 4:
        return values.view(U32).T
    narrow = values.view(np.dtype(f"{'i' if signed else 'u'}{size}"))
    return narrow.astype(np.int32 if signed else U32).view(U32).T


@opcode("LDS", "LDG", "LD")
def load(i):
    d, at, size = register(i.ops[0]), address(i.ops[1]), size_of(i.mods)
    if d == 255:  # a place where ptxas waits
        return lambda b, on: None
    also = predicate(i.ops[2]) if len(i.ops) > 2 else None
    signed = "S16" in i.mods or "S8" in i.mods

    def run(b, on):
        reads = on & also(b) if also else on
        if not reads.any():
            return
        a = at(b)
        if i.op == "LDS":
            memory, a = b.shared, shared(i, b, a, reads, size)
        else:
            memory, a = b.memory.bytes, device(i, b, a, reads, size, "read")
        rows = np.ascontiguousarray(memory[a[:, None] + np.arange(size)])
        full, b.full = b.full, bool(reads.all())
        for k, v in enumerate(spread(rows, size, signed)):
            b.set(d + k, v, reads)
        b.full = full

    return run


@opcode("STS", "STG", "ST")
def store(i):
    at, n, size = address(i.ops[0]), register(i.ops[1]), size_of(i.mods)

    def run(b, on):
        a = at(b)
        if i.op == "STS":
            memory, a = b.shared, shared(i, b, a, on, size)
        else:
            memory, a = b.memory.bytes, device(i, b, a, on, size, "written")
        words = [b.r[n + k if n != 255 else n] for k in range(max(1, size // 4))]
        v = np.stack(words, 1).view(np.uint8)[:, :size]
        memory[a[on][:, None] + np.arange(size)] = v[on]

    return run


@opcode("LDSM")
def load_matrices(i):
    d, at, count, transposed = register(i.ops[0]), address(i.ops[1]), int(i.mods[-1]), "MT88" in i.mods

    def run(b, on):
        a, active = checked(i, at(b), on, 16, len(b.shared)).reshape(-1, 32), on.reshape(-1, 32).any(1)
        b.shared_used = max(b.shared_used, int(a.max()) + 16)
        cost = 0
        for k in range(count):
            lanes = a[:, 8 * k : 8 * k + 8]
            rows = b.shared[lanes[:, :, None] + np.arange(16)].view(np.uint16)
            rows = rows.transpose(0, 2, 1) if transposed else rows
            b.set(d + k, np.ascontiguousarray(rows).view(U32).reshape(-1), on)
            cost += costs.matrix_wavefronts(lanes[active])
        b.cost(i, cost, 0, count * b.warps_of(on))

    return run


@opcode("LDGSTS")
def copy(i):
    """4, 8 or 16 bytes of device into shared memory. The low bits of the address say how many of them are 0 instead."""
    to, at, size = address(i.ops[0]), address(i.ops[1]), size_of(i.mods)
    also = predicate(i.ops[2]) if len(i.ops) > 2 else None

    def run(b, on):
        a, source = shared(i, b, to(b), on, size), at(b)
        reads = on & also(b) if also else on
        start = source & ~(size - 1)
        reads = reads & (source - start < size)
        if reads.any():
            device(i, b, start, reads, size, "read")
        kept = np.arange(size) < size - (source - start)[on, None]
        values = b.memory.bytes[np.where(reads, start, 0)[on, None] + np.arange(size)]
        b.shared[a[on, None] + np.arange(size)] = np.where(kept & reads[on, None], values, 0)

    return run


@opcode("REDG", "RED")
def add_to_memory(i):
    if i.mods[:3] != ["E", "ADD", "64"]:
        raise Unknown(i.text)
    at, value = address(i.ops[0]), pair(i.ops[1])

    def run(b, on):
        a = device(i, b, at(b), on, 8, "reduced")
        np.add.at(b.memory.bytes.view(U64), a[on] // 8, value(b)[on])

    return run


@opcode("LDC", "ULDC")
def load_constant(i):
    if "64" in i.mods:
        return result64(i.ops[0], pair(i.ops[1]))
    return result(i.ops[0], word(i.ops[1]))
