"""The memory of a device, as launches that have been recorded found it."""

import mmap
import struct

import numpy as np

MAP_NORESERVE = 0x4000  # of Linux; not every Python has it
BYTES = 24 << 30  # of addresses: what is never touched takes nothing


class DeviceMemory:
    """Zeros, where nothing was written. Addresses begin at `base`."""

    def __init__(self, base, size=BYTES):
        self.base = base
        self._map = mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | MAP_NORESERVE)
        self.bytes = np.frombuffer(self._map, np.uint8)

    def write(self, address, content):
        at = address - self.base
        self.bytes[at : at + len(content)] = np.frombuffer(content, np.uint8)


def recorded(path):
    """The pages in a file: address, bytes and content of each (native/software-cuda/driver/recording.h)."""
    with open(path, "rb") as file:
        data = file.read()
    pages, at = [], 0
    while at < len(data):
        address, size = struct.unpack_from("<QQ", data, at)
        pages.append((address, data[at + 16 : at + 16 + size]))
        at += 16 + size
    memory = DeviceMemory(min(address for address, _ in pages) & ~0xFFFF)
    for address, content in pages:
        memory.write(address, content)
    return memory
