"""A thread block that executes machine code: all of its lanes in step, for as long as they go the same way.

A register is a row of uint32, one of each lane. R0 to RZ are rows 0 to 255, uniform ones 256 to 319, so an opcode and
its uniform twin are one function.
"""

import collections

import numpy as np

from . import opcodes

np.seterr(all="ignore")  # kernels compute with what memory holds

WARP = 32
U32, U64 = np.uint32, np.uint64
LOW = U64(0xFFFFFFFF)
RZ, URZ, PT, UPT = 255, 319, 7, 15
SHARED_BYTES = 232448
SHARED_BASE = 1024
CONSTANT_BYTES = 8192


class Block:
    """counts: by index of an instruction, how many warps executed it, their wavefronts and sectors (costs.py)."""

    def __init__(self, kernel, memory, parameters=b"", index=(0, 0), grid=(1, 1), threads=None):
        self.kernel, self.memory, self.index, self.grid = kernel, memory, index, grid
        self.threads = n = threads or kernel.threads
        self.shared_base = SHARED_BASE
        self.shared, self.shared_used = np.zeros(SHARED_BYTES, np.uint8), 0
        self.bank = self._constants(parameters)
        self.lanes, self.warps = np.arange(n), n // WARP
        self.r, self.p, self.b = np.zeros((320, n), U32), np.zeros((16, n), bool), np.zeros((17, n), U32)
        self.p[[PT, UPT]] = True
        self.pc, self.live = np.zeros(n, np.int64), np.ones(n, bool)
        self.waiting = np.full(n, -1)  # for the lanes of a convergence barrier
        self.stopped = np.zeros(n, bool)  # at the barrier of the block
        self.counts = collections.defaultdict(lambda: np.zeros(4))
        self.loaded = []  # sectors, by loads that L1 serves
        self.sectors = {"read": [], "written": [], "reduced": []}
        self.full = self.at = None

    def _constants(self, parameters):
        at, size = self.kernel.parameters
        if size != len(parameters):
            raise ValueError(f"{self.kernel.name} takes {size} bytes of parameters, and was given {len(parameters)}")
        bank = np.zeros(CONSTANT_BYTES, np.uint8)
        bank[:24].view(U32)[:] = [self.threads, 1, 1, *self.grid, 1]
        bank[at : at + size] = np.frombuffer(parameters, np.uint8)
        return bank.view(U32)

    # ---- results of instructions, of the lanes that are on

    def set(self, d, v, on):
        if d in (RZ, URZ):
            return
        if d > RZ:
            self.r[d] = self.of_first(v, on, self.r[d])
        elif self.full:
            self.r[d] = v
        else:
            np.copyto(self.r[d], v, where=on)

    def set64(self, d, v, on):
        v = v.view(U64)
        self.set(d, (v & LOW).astype(U32), on)
        self.set(d if d in (RZ, URZ) else d + 1, (v >> U64(32)).astype(U32), on)

    def set_predicate(self, d, v, on):
        if d in (PT, UPT):
            return
        if d > PT:
            self.p[d] = self.of_first(v, on, self.p[d])
        else:
            np.copyto(self.p[d], v, where=on)

    def of_first(self, v, on, before):
        """For all lanes of a warp what its first one has, or had if none is on."""
        by_warp = on.reshape(-1, WARP)
        chosen = np.broadcast_to(v, on.shape).reshape(-1, WARP)[np.arange(self.warps), by_warp.argmax(1)]
        return np.where(np.repeat(by_warp.any(1), WARP), np.repeat(chosen, WARP), before)

    # ---- flow

    def run(self):
        """To the end. Of lanes that went different ways, those at the least address go on."""
        while self.live.any():
            ready = self.live & (self.waiting < 0) & ~self.stopped
            if ready.any():
                self._step(ready)
            elif (self.stopped == self.live).all():
                self.pc[self.stopped] += 16
                self.stopped[:] = False
            else:
                raise RuntimeError(f"{self.kernel.name}: lanes wait for each other")
        return self

    def _step(self, ready):
        pc = int(self.pc[ready].min())
        self.at = at = ready & (self.pc == pc)
        alone = bool((at == self.live).all())  # then it can go on without looking at others
        code = self.kernel.code
        while True:
            i = code[pc >> 4]
            if i.run is None:
                opcodes.compile_instruction(i)
            on = at
            if i.guard:
                on = at & (~self.p[i.guard_at] if i.guard[1] else self.p[i.guard_at])
            self.full = bool(on.all())
            self._count(i, at)
            if i.flow:
                i.run(self, on)
                return
            if on.any():
                i.run(self, on)
            if i.op == "BAR":
                self._stop(at)
                return
            pc += 16
            if not alone:
                self.pc[at] = pc
                return
            self.pc[at] = pc

    def _count(self, i, at):
        self.counts[i.index][0] += self.warps_of(at)

    def cost(self, i, wavefronts=0, sectors=0, ideal=0):
        self.counts[i.index][1:] += (wavefronts, sectors, ideal)

    @staticmethod
    def warps_of(on):
        return int(on.reshape(-1, WARP).any(1).sum())

    def _stop(self, at):
        of_warp = np.repeat(at.reshape(-1, WARP).any(1), WARP)
        if (at != (self.live & of_warp)).any():
            raise RuntimeError(f"{self.kernel.name}: a warp is at a barrier with some of its lanes only")
        self.stopped |= at

    def release(self):
        """Lanes that wait for those of their mask that still live."""
        for lane in np.nonzero(self.waiting >= 0)[0]:
            barrier = self.waiting[lane]
            if barrier < 0:
                continue
            warp = lane // WARP * WARP
            group = np.zeros(self.threads, bool)
            group[warp : warp + WARP] = int(self.b[barrier][lane]) >> np.arange(WARP) & 1
            arrived = (self.waiting == barrier) & (self.pc == self.pc[lane])
            if (arrived | ~self.live)[group].all():
                free = arrived & (group | (self.lanes == lane))
                self.waiting[free] = -1
                self.pc[free] += 16
