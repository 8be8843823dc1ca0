"""Which bytes of memory a step's launches touch, each once a launch: blocks of two tiles and of two chunks are executed,
and what is between and beyond them follows."""

import numpy as np

from . import measured, operations

PARTIALS_READER = "dn_weights_gradient"


def distinct(kernels, memory, launch):
    """Bytes that a launch reads and writes, each once, without partial gradients; and the bytes of those."""
    shape, kernel = operations.shape(launch), kernels[launch.kernel]
    if shape is None:
        block = measured.executed(kernel, memory, launch, (0, 0), launch.grid)
        size = sum(len(np.unique(np.concatenate(s))) * 32 for s in block.sectors.values() if s) * launch.grid[0]
        return (0, size) if launch.kernel == PARTIALS_READER else (size, 0)
    chunks = launch.grid[1]
    columns = [0] if shape.tiles == 1 else [1, 2] if shape.tiles > 2 else [0, 1]
    rows = [0] if chunks == 1 else [0, 1]
    touched = {
        (x, y): of_block(measured.executed(kernel, memory, launch, (x, y), (shape.tiles, chunks)), shape, memory)
        for x in columns
        for y in rows
    }
    size = lambda xs, ys: sum(  # noqa: E731
        len(np.unique(np.concatenate([touched[x, y][kind] for x in xs for y in ys]))) * 32
        for kind in ("read", "written")
    )
    corner, tile = size(columns[:1], rows[:1]), size(columns, rows[:1])
    chunk, both = size(columns[:1], rows), size(columns, rows)
    t, c = shape.tiles - 1, chunks - 1
    total = corner + t * (tile - corner) + c * (chunk - corner) + t * c * (both - tile - chunk + corner)
    return total, shape.partial * launch.grid[0]


def of_block(block, shape, memory):
    """Sectors by what is done to them, without those of partial gradients."""
    begin = (shape.partials - memory.base) >> 5 if shape.partials else 1 << 60
    end = begin + ((shape.partial * shape.tiles) >> 5) + 1 if shape.partials else 1 << 60
    found = {}
    for kind, parts in block.sectors.items():
        all_of_them = np.unique(np.concatenate(parts)) if parts else np.zeros(0, np.int64)
        found[kind] = all_of_them[(all_of_them < begin) | (all_of_them > end)]
    return found


def of_step(kernels, memory, launches):
    """The sums of `distinct`."""
    total, partial, known = 0, 0, {}
    numbers = measured.Kernels(kernels, memory).numbers
    for launch in launches:
        key = (launch.kernel, launch.grid, numbers(launch))
        if key not in known:
            known[key] = distinct(kernels, memory, launch)
        total += known[key][0]
        partial += known[key][1]
    return total, partial
