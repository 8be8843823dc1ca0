"""Machine code of a kernel (SASS), as nvdisasm writes it."""

import re
import struct
import subprocess
import tempfile

CUDA_MACHINE = 190


class Unknown(Exception):
    """An instruction that cannot be executed here."""


class Instruction:
    """`op.mods ops`, executed if `guard` (a predicate, whether it is negated) says so. labels: addresses by name."""

    def __init__(self, text, index=0, labels=None):
        self.text, self.index, self.labels = text, index, labels
        m = re.match(r"(?:@(!?)(U?P[0-9T]) +)?(\S+) *(.*)$", text.replace(".reuse", ""))
        self.guard = (m[2], bool(m[1])) if m[2] else None
        self.op, *self.mods = m[3].split(".")
        self.ops = [o.strip() for o in re.split(r",(?![^\[(]*[\])])", m[4])] if m[4] else []
        self.wide = "WIDE" in self.mods or "HI" in self.mods
        self.run = None


class Kernel:
    """parameters: where they lie in the constant bank, and their bytes."""

    def __init__(self, name, threads=0, arch=90):
        self.name, self.threads, self.arch = name, threads, arch
        self.code, self.labels, self.registers, self.parameters = [], {}, 0, (0, 0)

    def append(self, text):
        self.code.append(Instruction(text, len(self.code), self.labels))


def machine_code(fatbin):
    """The ELF images in a fatbin that is not compressed, by architecture."""
    with open(fatbin, "rb") as file:
        data = file.read()
    images = {}
    for m in re.finditer(rb"\x7fELF\x02", data):
        elf = data[m.start() :]
        (machine,) = struct.unpack_from("<H", elf, 18)
        sections, programs = struct.unpack_from("<Q", elf, 40)[0], struct.unpack_from("<Q", elf, 32)[0]
        _, program_size, program_count, section_size, section_count = struct.unpack_from("<5H", elf, 52)
        end = max(sections + section_size * section_count, programs + program_size * program_count)
        if machine == CUDA_MACHINE:
            images[architecture(elf[:end])] = elf[:end]
    return images


def architecture(elf):
    (flags,) = struct.unpack_from("<I", elf, 48)
    return flags >> 8 & 0xFF if elf[8] >= 8 else flags & 0xFF


def load(elf, nvdisasm):
    """Kernels by name."""
    with tempfile.NamedTemporaryFile(suffix=".cubin") as file:
        file.write(elf)
        file.flush()
        text = subprocess.run([nvdisasm, "-hex", file.name], capture_output=True, text=True, check=True).stdout
    return parse(text)


def parse(text):
    kernels, kernel = {}, None
    for line in text.split("\n"):
        if m := re.match(r"\.text\.(\S+):", line):
            kernel = kernels[m[1]] = Kernel(m[1])
        elif kernel is None or line.startswith("//---"):
            kernel = None
        elif m := re.match(r"(\.L_x_\d+|\$\S+):", line):
            kernel.labels[m[1]] = 16 * len(kernel.code)
        elif m := re.match(r"\s+/\*[0-9a-f]+\*/\s+(.*?) *;\s+/\* 0x", line):
            kernel.append(m[1])
    arch = int(re.search(r"\.target\s+sm_(\d+)", text)[1])
    registers = dict(re.findall(r"EIATTR_REGCOUNT.*?index@\((\S+)\).*?\.word\s+(0x[0-9a-f]+)", text, re.S))
    for name, k in kernels.items():
        info = text[text.index(f".section\t.nv.info.{name},") :]
        bank = re.search(r"EIATTR_PARAM_CBANK.*?index@.*?\.short\s+(\S+).*?\.short\s+(\S+)", info, re.S)
        k.arch, k.registers, k.parameters = arch, int(registers[name], 16), (int(bank[1], 16), int(bank[2], 16))
    return kernels
