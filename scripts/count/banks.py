"""Wavefronts of shared memory that a tile inside of a map takes by the layouts in native/cuda, access by access: what
the count of the machine code must come to. A conflict that a layout does not mean to have is seen as a difference."""

from . import operations

WARP, BANKS = 32, 32
TOLERANCE = 0.02  # a tile at the edge of an image may have more than one inside


def waves(addresses, size):
    """Of a warp, by groups of lanes that go together; None is a lane that does not take part."""
    together = min(WARP, 128 // size)
    total = 0
    for first in range(0, WARP, together):
        banks = {}
        for a in addresses[first : first + together]:
            for word in range(a // 4, max(a // 4 + 1, (a + size) // 4)) if a is not None else ():
                banks.setdefault(word % BANKS, set()).add(word)
        total += max((len(words) for words in banks.values()), default=0)
    return total


def of_threads(count, size, address):
    return sum(waves([address(first + lane) for lane in range(WARP)], size) for first in range(0, count, WARP))


def lines(count, pitch, place):
    """Of 128 bytes, that loads of 16 bytes pass through L1, a warp at a time; place: of a thread, its row and piece."""
    total = 0
    for first in range(0, count, WARP):
        places = [place(first + lane) for lane in range(WARP)]
        total += len({(row * pitch + piece * 16) // 128 for row, piece in filter(None, places)})
    return total


def plane(rows):
    return (rows * 16 + 127) // 128 * 128 + 16


def fragment(pitch):
    return waves([t // 4 * pitch + t % 4 * 4 for t in range(WARP)], 4)


def ldmatrix(pitch, zeros=()):
    """16 rows of two planes; zeros: lanes that read zeros in the banks of what they would have read."""
    places = [t // 16 * pitch + t % 16 * 16 for t in range(WARP)]
    return waves([1 << 20 | a & 112 if t in zeros else a for t, a in enumerate(places)], 16)


def staged(rows, pieces, pitch, size=16):
    """A staged tile, `size` bytes a lane."""
    units = rows * pieces
    place = lambda u: u // pieces * pitch + u % pieces * size if u < units else None  # noqa: E731
    return sum(waves([place(u) for u in range(first, first + WARP)], size) for first in range(0, units, WARP))


def conv1x1_fprop(launch, warps, m, n):
    z, c = launch.words[7], launch.words[18]
    steps, pixels, pitch = -(-c // 32), warps * 16 * m, n * 16 + 16
    stage = plane(pixels) + 16
    return (
        steps * pixels * 4 // 32 * waves([t % 4 * stage + t // 4 * 16 for t in range(WARP)], 16)  # copies of x
        + steps * warps * 4 * waves([t % 4 * 16 for t in range(WARP)], 16)  # scale and shift
        + steps * warps * 2 * m * ldmatrix(stage)  # x
        + steps * warps * n * ldmatrix(n * 128)  # weights
        + warps * m * n * 2 * fragment(pitch)  # z is staged
        + warps * 16 * m * -(-n * 4 // 32)  # sums of columns
        + warps * m * staged(16, z // 8, pitch)
        + pixels * z * 2 // 128
    )  # stores of z


class StripsTile:
    """The tile of strips that is counted: which rows of its columns, with those beside it, are in the image."""

    def __init__(self, shape, height, width, rows, strips):
        self.height, self.width, self.rows, self.bands = height, width, rows, -(-height // rows)
        self.first, self.strips, self.count = -(-shape.tiles // 2) * strips, strips, shape.units

    def row(self, strip, j):
        """Whether it is there, of row j, 0 being the one above."""
        return strip < self.count and 0 <= strip // self.width % self.bands * self.rows + j - 1 < self.height

    def own(self):
        """Four strips at a time of which a row is there, of which eight lanes take two planes."""
        fours = range(self.first, self.first + self.strips, 4)
        return sum(any(self.row(s + i, j) for i in range(4)) for s in fours for j in range(self.rows + 2))

    def beside(self, right):
        """The strip beside, or None if it is not of the same band."""
        strip = self.first + (self.strips if right else -1)
        return None if strip >= self.count or (strip + 1 - right) % self.width == 0 else strip


def conv3x3_fprop_strips(launch, rows, groups, split, n, stage):
    z, k, align, height, width = launch.words[21], launch.words[7], launch.words[8], *launch.words[11:13]
    steps, strips, warps, owned = -(-z // (8 * stage)), 16 * groups, groups * split, n // split
    row, pieces = (strips + 2) * 16, min(8 * owned, k) // align
    pitch, plane = 16 * owned + 16 * (owned > 1), -(-(rows + 2) * row // 128) * 128 + 64
    tile, units = StripsTile(operations.shape(launch), height, width, rows, strips), 2 * (rows + 2) * stage

    def at_sides(u, normalized):
        right, j = u // 2 % 2, u // 4 % (rows + 2)
        strip = tile.beside(right) if u < units else None
        if strip is None or normalized and not tile.row(strip, j):
            return None
        return right * (strips + 1) * 16 + j * row + plane * (u % 2)

    def sides(normalized, of=waves):
        warps_of = range(0, units, WARP)
        return sum(of([at_sides(u + lane, normalized) for lane in range(WARP)], 16) for u in warps_of)

    def affine(places, _):
        """Four of 16 bytes, of each eight lanes that take part."""
        return 4 * sum(any(p is not None for p in places[q : q + 8]) for q in range(0, WARP, 8))

    exchanged = rows * n * 4 * 3 // 2 if split > 1 else 0
    return (
        steps * stage // 2 * (strips // 4 * (rows + 2) + 2 * tile.own())  # x is copied and normalised
        + steps * (sides(False) + 2 * sides(True))
        + steps * (stage * strips // 8 * 4 + sides(True, affine))  # scale and shift
        + steps * groups * stage // 2 * 3 * ((rows + 2) * 4 + 3 * n // 2 * 4)  # x and weights
        + warps * exchanged
        + warps * (2 + 4 * rows * owned * fragment(pitch))  # y is staged, and its sums
        + warps * -(-16 * rows * pieces // WARP) * 2
        + warps * staged(16 * rows, pieces, pitch, align * 2)
        + strips * rows * k * 2 / 128
    )  # stores of y


def conv1x1_bprop(launch, z, rows, m, n, by_z):
    z_planes, x_planes, warps, pixels, pitch = 2 * z, n * 8 // rows, 8, 64, plane(64)
    across = z_planes % 8 == 0
    place = [t % z_planes * pitch + t // z_planes * 16 for t in range(WARP)]
    copies = pixels * z_planes // 32 * (waves(place, 16) if across else 4)
    x = pixels * x_planes // 32 * waves([t % x_planes * pitch + t // x_planes * 16 for t in range(WARP)], 16)
    active = of_threads(256, 16, lambda t: t % z_planes * 112) if across else WARP * 8 // z_planes // 8 * z_planes
    steps, tiles = (rows * m, z // rows) if by_z else (m, z)
    each = 256 // z_planes if across else 256 // (8 * z_planes) * 8

    def loaded(t, first):
        piece, row = (t % z_planes, t // z_planes) if across else (t // 8 % z_planes, t // 8 // z_planes * 8 + t % 8)
        return (first + row, piece) if row < each and first + row < pixels else None

    loads = sum(lines(256, launch.words[9] * 2, lambda t, f=f: loaded(t, f)) for f in range(0, pixels, each))
    planes = x_planes * rows // warps
    across_s = 4 if planes % 4 == 0 else 2
    row = lambda t: t % 8 // across_s * across_s + t // 8 % across_s + t // 8 // across_s * 8  # noqa: E731
    stored = waves([t % across_s * pitch + row(t) * 16 for t in range(WARP)], 16)
    return (
        copies
        + 2 * loads
        + 2 * x
        + 6 * active  # gz and z are loaded, x and S copied; dz is made
        + warps * z * (m * 4 + (0 if m > 1 and not by_z else n // 2 * 4))
        + warps * n * 2 * waves([t % 4 * 32 for t in range(WARP)], 16)
        + warps * n * 2 * m * 4 * fragment(16)
        + warps * n // 2 * 7
        + warps * planes * m // 2 * stored
        + pixels * x_planes * 16 // 128
        + warps * steps * (n // 2 * 4 + tiles * 4)
    )


LAYOUTS = {
    "bnrelu_conv1x1_fprop_48_large": (conv1x1_fprop, 8, 2, 6),
    "bnrelu_conv1x1_fprop_48_small": (conv1x1_fprop, 4, 1, 6),
    "bnrelu_conv1x1_fprop_128_large": (conv1x1_fprop, 4, 2, 16),
    "bnrelu_conv3x3_fprop_16_8x64": (conv3x3_fprop_strips, 8, 4, 1, 2, 6),
    "bnrelu_conv3x3_fprop_16_4x32": (conv3x3_fprop_strips, 4, 2, 1, 2, 6),
    "bnrelu_conv3x3_fprop_32_7x32": (conv3x3_fprop_strips, 7, 2, 4, 4, 8),
    "bnrelu_conv3x3_fprop_32_7x16": (conv3x3_fprop_strips, 7, 1, 4, 4, 8),
    "bnrelu_conv3x3_fprop_32_4x32": (conv3x3_fprop_strips, 4, 2, 4, 4, 8),
    "bnrelu_conv1x1_bprop_48_by_64": (conv1x1_bprop, 3, 4, 1, 4, False),
    "bnrelu_conv1x1_bprop_48_by_128": (conv1x1_bprop, 3, 2, 2, 4, False),
    "bnrelu_conv1x1_bprop_48_by_192": (conv1x1_bprop, 3, 2, 2, 6, False),
    "bnrelu_conv1x1_bprop_128_by_128": (conv1x1_bprop, 8, 2, 2, 4, True),
    "bnrelu_conv1x1_bprop_128_by_192": (conv1x1_bprop, 8, 2, 2, 6, True),
}


def difference(launch, cost):
    """How far a tile's counted wavefronts are from the layout's, as a share; None without a layout, or of few tiles."""
    layout = LAYOUTS.get(launch.kernel.removeprefix("dn_"))
    if layout is None or operations.shape(launch).tiles < 3:
        return None
    model, *numbers = layout
    expected = model(launch, *numbers)
    return cost.more["shared"] / expected - 1
