"""What executed instructions cost: wavefronts, sectors, cycles of the parts of a multiprocessor.

Assumed, and to be measured on a GPU: shared memory has one wavefront of 128 bytes a cycle. Accesses of 16 bytes go by
quarters of a warp, of 8 by halves; in each the bank with the most different words counts. A warp instruction takes a
cycle of its quarter of a multiprocessor to issue. What a block loads twice it finds in L1; copies to shared memory pass
it by.
"""

import collections

import numpy as np

WARP, BANKS, QUARTERS = 32, 32, 4
HMMA_CYCLES = {"16816": 6.4, "1688": 6.4}  # 62 % of the peak rate, which is what is reported of mma.sync


def wavefronts(a, on, size):
    """Of an access of all lanes, by warps."""
    lanes = np.nonzero(on)[0]
    together = min(WARP, 128 // max(4, size))  # lanes that go at a time
    words = a[lanes, None] // 4 + np.arange(max(1, size // 4))
    group = np.broadcast_to((lanes // together)[:, None], words.shape)
    different = np.unique(group.astype(np.int64) << 32 | words)
    in_bank = (different >> 32) * BANKS + (different & 0xFFFFFFFF) % BANKS
    groups = -(-len(a) // together)
    return int(np.bincount(in_bank, minlength=groups * BANKS).reshape(groups, BANKS).max(1).sum())


def ideal_wavefronts(on, size):
    """If no two lanes wanted different words of a bank."""
    together = min(WARP, 128 // max(4, size))
    return int(on.reshape(-1, together).any(1).sum())


def matrix_wavefronts(rows):
    """Of ldmatrix: addresses (warps, 8) of one matrix each."""
    warps = len(rows)
    different = np.unique(np.arange(warps)[:, None] << 32 | rows // 16)
    in_bank = (different >> 32) * 8 + (different & 0xFFFFFFFF) % 8
    return int(np.bincount(in_bank, minlength=warps * 8).reshape(warps, 8).max(1).sum())


def sectors(a, on, size):
    """Pairs of warp and sector of 32 bytes that an access touches, each once."""
    lanes = np.nonzero(on)[0]
    warp, first, last = lanes // WARP, a[lanes] >> 5, (a[lanes] + size - 1) >> 5
    pairs = np.unique(np.concatenate((warp << 48 | first, warp << 48 | last)))
    return np.stack((pairs >> 48, pairs & (1 << 48) - 1), 1)


def lines(touched):
    """Lines of 128 bytes of such pairs: what a load passes through L1, a line a cycle."""
    return len(np.unique(touched[:, 0] << 48 | touched[:, 1] >> 2))


PIPES = {
    "FP32": "FFMA FADD FMUL HFMA2",
    "IMAD": "IMAD",
    "F2FP": "F2FP",
    "XU": "MUFU I2F F2I F2F FRND POPC",
    "FP64": "DADD DMUL DFMA DSETP",
    "LDC": "LDC",
    "MISC": "R2UR S2R S2UR",
    "RED": "REDG RED",
    "CTRL": "BRA BSSY BSYNC BAR EXIT CALL RET BREAK WARPSYNC DEPBAR LDGDEPBAR NOP ACQBULK PREEXIT YIELD MEMBAR",
}
PIPE_OF = {op: pipe for pipe, ops in PIPES.items() for op in ops.split()}
MEMORY = ("LDS", "LDSM", "STS", "LDG", "STG", "LDGSTS", "SHFL", "HMMA")


def pipe(i):
    if i.op == "LDS" and i.ops[0] == "RZ":
        return "CTRL"
    op = {"LD": "LDG", "ST": "STG"}.get(i.op, i.op)
    return op if op in MEMORY else PIPE_OF.get(i.op) or ("UNI" if i.op[0] == "U" else "ALU")


def counted(block):
    """Warp instructions of a block by pipe; all; wavefronts, ideal ones, sectors by what is done to them."""
    total = collections.Counter()
    for index, (executed, waves, touched, ideal) in block.counts.items():
        i = block.kernel.code[index]
        total[pipe(i)] += executed
        total["instructions"] += executed
        total["wavefronts"] += waves
        total["conflicts"] += max(0, waves - ideal) if ideal else 0
        if i.wide and i.op == "IMAD":
            total["wide"] += executed
        if i.op == "HMMA":
            total["hmma cycles"] += executed * HMMA_CYCLES[i.mods[0]]
        if touched:
            kind = "written" if i.op in ("STG", "ST") else "reduced" if i.op in ("RED", "REDG") else "read"
            total[kind] += 32 * touched
    if block.loaded:
        total["read"] += 32 * len(np.unique(np.concatenate(block.loaded)))
    return total


def cycles(c):
    """Of the parts of a multiprocessor that a block keeps busy; bytes of memory."""
    multiply = c["IMAD"] + c["wide"]
    return {
        "issue": c["instructions"] / QUARTERS,
        "alu": (c["ALU"] + c["F2FP"]) * 2 / QUARTERS,
        "fma": max(multiply * 2, c["FP32"] + multiply) / QUARTERS,
        "fp64": c["FP64"] * 2 / QUARTERS,
        "xu": c["XU"] * 8 / QUARTERS,
        "mma": c["hmma cycles"] / QUARTERS,
        "shared": c["wavefronts"],
        "bytes": c["read"] + c["written"] + c["reduced"],
    }
