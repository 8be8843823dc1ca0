"""The tables of docs/cuda-kernels.md: kernels, and steps."""

import collections
from typing import NamedTuple

from . import measured, operations
from .recording import Launch

MOST_TIMES_FLOOR = 1.5
BESIDE = " beside"
PARTS = ("issue", "alu", "fma", "mma", "shared")


class Row(NamedTuple):
    """A kernel at the shape where it takes most of a step."""

    launch: Launch
    cost: measured.Cost
    bound: measured.Bound


def rows_of(found):
    """By kernel, of [(launch, cost)]: the costliest launch."""
    rows = {}
    for launch, cost in found:
        bound, before = measured.bound(launch, cost), rows.get(launch.kernel)
        if before is None or bound.seconds > before.bound.seconds:
            rows[launch.kernel] = Row(launch, cost, bound)
    return rows


def per_tile(row):
    """Cycles of a tile by part, and what its tensors take of HBM at an even share."""
    shape, cost = operations.shape(row.launch), row.cost
    more = cost.more if any(cost.more.values()) else cost.first
    tiles = shape.tiles * row.launch.grid[1] if shape else row.launch.grid[0]
    tensors = shape.read + shape.written if shape else row.bound.bytes
    return more, tensors / tiles / measured.SPREAD


# fmt: off
KERNEL_TITLES = ("kernel", "shape", "registers", "shared", "blocks", "instructions", "wavefronts", "conflicts", *PARTS,
                 "HBM", "binds", "times HBM", "reason")
# fmt: on


def kernel_table(kernels, rows, reason):
    """reason: of a kernel's name, a sentence or nothing."""
    lines = [line(KERNEL_TITLES), line(["---"] * 2 + ["---:"] * 12 + ["---"] + ["---:"] + ["---"])]
    for name in sorted(rows):
        row, kernel = rows[name], kernels[name]
        cycles, floor = per_tile(row)
        binding = max(PARTS, key=lambda part: cycles[part])
        ratio = cycles[binding] / floor
        bound_by = binding if ratio > 1 else "HBM"
        shared = max(row.launch.shared, row.cost.shared)
        warps = row.launch.threads // 32
        counted = row.cost.counted
        block = (
            f"`{name}`",
            shape_of(row.launch),
            kernel.registers,
            shared,
            measured.blocks_on(kernel, row.launch.threads, shared),
            *(round(n) for n in (counted["instructions"] / warps, counted["wavefronts"], counted["conflicts"])),
        )
        tile = (*(round(cycles[part]) for part in PARTS), round(floor), bound_by, f"{ratio:.2f}")
        lines.append(line((*block, *tile, reason(name) if ratio > MOST_TIMES_FLOOR else "")))
    return lines


def without_reason(rows, reason):
    found = []
    for name, row in rows.items():
        cycles, floor = per_tile(row)
        if max(cycles[part] for part in PARTS) > MOST_TIMES_FLOOR * floor and not reason(name):
            found.append(name)
    return found


def shape_of(launch):
    shape = operations.shape(launch)
    if shape is None:
        return "a block" if launch.grid[0] == 1 else f"{launch.grid[0]} blocks"
    by = f", {launch.grid[1]} chunks" if launch.grid[1] > 1 else ""
    channels = f", {shape.channels} channels" if shape.channels else ""
    return f"{shape.tiles} tiles of {shape.tile}{by}{channels}"


def line(cells):
    return "| " + " | ".join(str(c) for c in cells) + " |"


def step_table(found):
    """Of a step: microseconds by kernel, those beside others apart."""
    total = collections.defaultdict(collections.Counter)
    for launch, cost in found:
        bound = measured.bound(launch, cost)
        label = f"`{launch.kernel}`" + (BESIDE if launch.beside else "")
        for name in (label, "all" + (BESIDE if launch.beside else "")):
            total[name].update({"launches": 1, "floor": bound.floor, "bound": bound.seconds, **bound.parts})
    times = ("floor", "bound", *PARTS, "memory")
    lines = [line(("kernel", "launches", *times)), line(["---"] + ["---:"] * (1 + len(times)))]
    for name, sums in sorted(total.items(), key=lambda entry: (entry[0].startswith("all"), -entry[1]["bound"])):
        lines.append(line([name, sums["launches"], *(f"{sums[part] * 1e6:.1f}" for part in times)]))
    return lines


def step_seconds(found, beside=False):
    """The sum of bounds, and a launch's latency for each kernel: of those that others wait for, or of those beside."""
    return sum(
        measured.bound(launch, cost).seconds + measured.LAUNCH for launch, cost in found if launch.beside == beside
    )
