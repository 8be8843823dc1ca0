"""Records the launches of a training step: the software device writes them down and runs none."""

import os
import pathlib
import shutil
import struct
import subprocess
from typing import NamedTuple

from .memory import recorded

PACKING = "dn_weights_pack"  # what a session begins with, and what ends a step
SUM = "dn_weights_gradient"


class Launch(NamedTuple):
    """beside: on a branch of the graph, which others do not wait for."""

    kernel: str
    grid: tuple
    threads: int
    shared: int
    parameters: bytes
    beside: bool = False

    @property
    def words(self):
        """The parameters of the fused engine's kernels: 8 bytes each."""
        return struct.unpack(f"<{len(self.parameters) // 8}Q", self.parameters[: len(self.parameters) // 8 * 8])


def read(folder):
    launches = []
    for line in (folder / "launches").read_text().splitlines():
        kernel, *numbers, parameters = line.split(" ")
        x, y, z, threads, *_, shared = map(int, numbers)
        if z != 1:
            raise ValueError(f"{kernel} has a grid of three dimensions")
        launches.append(Launch(kernel, (x, y), threads, shared, bytes.fromhex(parameters)))
    return launches


def last_step(launches):
    """Those after the last session's first packing of weights, with the one that ends the step; of an inference, which
    ends with its logits, all of them."""
    packed = [i for i, launch in enumerate(launches) if launch.kernel.startswith(PACKING)]
    if packed[-1] + 1 < len(launches):
        return launches[packed[-1] + 1 :]
    return launches[packed[-2] + 1 : packed[-1] + 1]


def branched(launches):
    """The same, with those beside others marked: gradients of weights apart from those of data, and their sums, but for
    the sum that ends the backward pass."""
    sums = [i for i, launch in enumerate(launches) if launch.kernel == SUM]
    apart = [i for i, launch in enumerate(launches) if launch.kernel.removesuffix("_fp32").endswith("_weights")]
    beside = {*sums[:-1], *apart}
    return [launch._replace(beside=i in beside) for i, launch in enumerate(launches)]


def step(root, folder, options, shared=0):
    """Launches and memory of a step of `densenet4j bench`, which goes through all else as on a GPU; shared: bytes that a
    block of it can have, if not as many as the software device's."""
    folder = pathlib.Path(folder)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    command = [
        f"{root}/scripts/densenet4j",
        "bench",
        "--device",
        "cuda-software",
        "--strategy",
        "fused",
        "--steps",
        "1",
        "--warmup",
        "0",
        *options,
    ]
    environment = dict(os.environ, DENSENET4J_SOFTWARE_CUDA_RECORD=str(folder.absolute()))
    if shared:
        environment["DENSENET4J_SOFTWARE_CUDA_BLOCK_SHARED"] = str(shared)
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stderr}")
    return branched(last_step(read(folder))), recorded(folder / "memory")
