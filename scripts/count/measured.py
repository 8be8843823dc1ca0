"""What the launches of a step cost: blocks of them are executed, and the others follow, since cost is linear in tiles.

The work of a tile grows with the prefix in forward kernels: three prefixes of a block are executed, and what is between
them is interpolated. A block of the weight kernels always has a full chunk.
"""

import collections
from typing import NamedTuple

from . import banks, costs, operations
from .block import Block

MULTIPROCESSORS, CLOCK = 132, 1.83e9
HBM, L2 = 4.3e12, 5.5e12  # bytes a second: a copy as measured on such a GPU, and what is reported of its L2
NARROWEST = 64  # bytes a cycle that a multiprocessor gets at most
LAUNCH = 2.5e-6
SAMPLES = 3
SPREAD = HBM / MULTIPROCESSORS / CLOCK  # bytes a cycle and multiprocessor


class Cost(NamedTuple):
    """Of a block of one tile, and of one more: cycles by part (costs.cycles), and instructions by pipe."""

    first: dict
    more: dict
    counted: dict
    shared: int
    executed: bool = True

    def of(self, tiles):
        return {part: self.first[part] + self.more[part] * (tiles - 1) for part in self.first}


class Bound(NamedTuple):
    """Of a launch, seconds: by part on the multiprocessor with most blocks; by memory."""

    parts: dict
    floor: float
    bytes: float

    @property
    def seconds(self):
        return max(self.parts.values())


def executed(kernel, memory, launch, index, grid):
    _, size = kernel.parameters
    return Block(kernel, memory, operations.from_first(launch).parameters[:size], index, grid, launch.threads).run()


def difference(a, b):
    return collections.Counter({k: b[k] - a[k] for k in set(a) | set(b)})


class Kernels:
    """Costs of launches by their kernel and shape, each found once."""

    def __init__(self, kernels, memory):
        self.kernels, self.memory, self.known = kernels, memory, {}

    def cost(self, launch):
        shape = operations.shape(launch)
        key = (launch.kernel, launch.grid[1] > 1, self.numbers(launch) if shape else launch.parameters)
        if key not in self.known:
            self.known[key] = self.tiles(launch, shape) if shape else self.whole(launch)
        return self.known[key]

    def numbers(self, launch):
        """Parameters, whatever addresses they have, and whatever the order of tiles."""
        words = operations.from_first(launch).words
        return tuple("address" if 0 <= w - self.memory.base < len(self.memory.bytes) else w for w in words)

    def tiles(self, launch, shape):
        kernel, chunks = self.kernels[launch.kernel], launch.grid[1]
        one = executed(kernel, self.memory, launch, (0, 0), (shape.tiles, chunks))
        first = costs.counted(one)
        if shape.tiles == 1:
            return Cost(costs.cycles(first), costs.cycles(collections.Counter()), first, one.shared_used)
        two = executed(kernel, self.memory, launch, (0, 0), (-(-shape.tiles // 2), chunks))
        more = difference(first, costs.counted(two))
        counted = more if any(more.values()) else first  # blocks of one tile take no more
        return Cost(costs.cycles(first), costs.cycles(more), counted, max(one.shared_used, two.shared_used))

    def whole(self, launch):
        block = executed(self.kernels[launch.kernel], self.memory, launch, (0, 0), launch.grid)
        first = costs.counted(block)
        return Cost(costs.cycles(first), costs.cycles(collections.Counter()), first, block.shared_used)

    def interpolated(self, launches):
        """[(launch, cost)] of launches of one kernel on maps of one size."""
        by_channels = {operations.shape(launch).channels: launch for launch in launches}
        channels = sorted(by_channels)
        chosen = sorted({channels[i * (len(channels) - 1) // (SAMPLES - 1)] for i in range(SAMPLES)})
        costs_of = [self.cost(by_channels[c]) for c in chosen]
        found = []
        for launch in launches:
            at = operations.shape(launch).channels
            found.append((launch, between(chosen, costs_of, at)))
        return found


def between(places, costs_of, at):
    if at in places:
        return costs_of[places.index(at)]
    i = next(i for i in range(len(places) - 1) if at < places[i + 1])
    share = (at - places[i]) / (places[i + 1] - places[i])
    low, high = costs_of[i], costs_of[i + 1]

    def mixed(a, b):
        return collections.Counter({k: a[k] + (b[k] - a[k]) * share for k in set(a) | set(b)})

    return Cost(
        mixed(low.first, high.first), mixed(low.more, high.more), mixed(low.counted, high.counted), high.shared, False
    )


def of_step(kernels, memory, launches):
    """[(launch, cost)] of all launches."""
    known = Kernels(kernels, memory)
    groups, found = collections.defaultdict(list), []
    for launch in launches:
        shape = operations.shape(launch)
        if shape is None or shape.channels == 0:
            found.append((launch, known.cost(launch)))
        else:
            groups[launch.kernel, shape.units, launch.grid[1] > 1].append(launch)
    for group in groups.values():
        found += known.interpolated(group)
    return found


def layouts(found):
    """Kernels of which a layout is known, and how far counted wavefronts are from it, each shape once."""
    seen = set()
    for launch, cost in found:
        difference = banks.difference(launch, cost) if cost.executed else None
        if difference is not None and (launch.kernel, difference) not in seen:
            seen.add((launch.kernel, difference))
            yield launch.kernel, difference


def bound(launch, cost):
    """Nothing is taken to be in L2 when a kernel begins: what it moves comes from HBM once, and all else from L2."""
    shape, blocks = operations.shape(launch), launch.grid[0] * launch.grid[1]
    each = cost.of(-(-shape.tiles // launch.grid[0])) if shape else cost.of(1)
    tiles = shape.tiles / launch.grid[0] if shape else 1
    all_bytes = cost.of(tiles)["bytes"] * blocks
    most = -(-blocks // MULTIPROCESSORS)
    parts = {part: n * most / CLOCK for part, n in each.items() if part != "bytes"}
    tensors = shape.read + shape.written if shape else all_bytes
    parts["memory"] = max(tensors / HBM, all_bytes / L2, each["bytes"] * most / NARROWEST / CLOCK)
    return Bound(parts, tensors / HBM, all_bytes)


def blocks_on(kernel, threads, shared):
    """Blocks that a multiprocessor holds at a time."""
    warps = threads // 32
    by_registers = 16384 // (-(-kernel.registers * 32 // 256) * 256) * 4 // warps
    return max(1, min(by_registers, 233472 // (shared + 1024), 2048 // threads))
