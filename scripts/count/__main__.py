"""Counts the machine code of the GPU's kernels: scripts/count-kernels says what for."""

import argparse
import glob
import os
import shutil
import sys

from . import banks, l2, measured, networks, reasons, recording, report, sass, tables, traffic

MOST_OF_TENSORS = 1.15


def nvdisasm():
    found = shutil.which("nvdisasm") or next(
        (f for p in sys.path for f in glob.glob(os.path.join(p, "nvidia/*/bin/nvdisasm"))), None
    )
    if not found:
        raise SystemExit("nvdisasm is not here: install the package nvidia-cuda-nvdisasm")
    return found


def kernels(root):
    images = sass.machine_code(f"{root}/build/native/lib/densenet4j.fatbin")
    if 90 not in images:
        raise SystemExit("the build has no machine code for sm_90: run scripts/build --cuda")
    return sass.load(images[90], nvdisasm())


class Count:
    """Of some networks: tables, and what is wrong."""

    def __init__(self, root):
        self.root, self.kernels = root, kernels(root)
        self.rows, self.steps, self.faults = {}, [], []

    def add(self, network):
        print(f"Counting {network.name}", file=sys.stderr)
        launches, memory = recording.step(
            self.root, f"{self.root}/build/recorded/{network.name}", network.options.split(), network.shared
        )
        if network not in networks.STEPS:
            launches = [launch for launch in launches if launch.kernel not in self.rows]
        found = measured.of_step(self.kernels, memory, launches)
        for name, row in tables.rows_of(found).items():
            self.rows.setdefault(name, row)
        self.require_layouts(found)
        if network in networks.STEPS:
            moved, reaching = self.moved(network, memory, launches), self.reaching(network, launches)
            self.steps.append((network, found, moved, reaching))
            self.require_limit(network, found)

    def moved(self, network, memory, launches):
        """Bytes that kernels touch, each once a launch; and of partial gradients."""
        if not network.gigabytes:
            return None
        total, partial = traffic.of_step(self.kernels, memory, launches)
        if total > MOST_OF_TENSORS * network.gigabytes * 1e9:
            self.faults.append(
                f"a step of {network.name} moves {total / 1e9:.2f} GB, its tensors have {network.gigabytes:.2f}"
            )
        return total, partial

    def reaching(self, network, launches):
        """Bytes that reach HBM, of tiles in one order, and of every other kernel's in the other."""
        return [l2.through(launches, turns) for turns in (False, True)] if network.gigabytes else None

    def require_limit(self, network, found):
        milliseconds = 1e3 * tables.step_seconds(found)
        if network.most and milliseconds > network.most:
            self.faults.append(
                f"the bounds of a step of {network.name} add up to {milliseconds:.2f} ms, more than {network.most}"
            )

    def require_layouts(self, found):
        for kernel, difference in measured.layouts(found):
            if difference > banks.TOLERANCE:  # less: of a chunk that is not full
                self.faults.append(f"{kernel} takes {difference:.1%} more wavefronts than its layout: bank conflicts")

    def finish(self, complete):
        self.faults += [
            f"{name} is bound by more than {tables.MOST_TIMES_FLOOR} times its memory: say why in reasons.py"
            for name in tables.without_reason(self.rows, reasons.of)
        ]
        if complete:
            self.faults += [
                f"no network runs {name}: add one to networks.py"
                for name in sorted(set(self.kernels) - set(self.rows) - report.beside_steps(self.kernels))
            ]


def main():
    parser = argparse.ArgumentParser(prog="scripts/count-kernels", description=__doc__)
    parser.add_argument("--check", action="store_true", help="change no file")
    parser.add_argument("network", nargs="*", help="those of networks.py, all of them if none is named")
    given = parser.parse_args()
    root = os.getcwd()
    count = Count(root)
    for network in networks.STEPS + networks.OTHERS:
        if not given.network or network.name in given.network:
            count.add(network)
    count.finish(not given.network)
    text = report.text(count)
    if given.check or given.network:
        print(text)
    else:
        report.write(f"{root}/docs/cuda-kernels.md", text)
    if count.faults:
        raise SystemExit("\n".join(count.faults))


if __name__ == "__main__":
    main()
