#!/usr/bin/env python3
"""Puts faults into copies of the GPU's kernels, each of which a test must notice: scripts/check-faults.

usage: kernel_faults.py NVCC TEST [NUMBER...]
"""

import pathlib
import shutil
import subprocess
import sys
import tempfile
from typing import NamedTuple

NATIVE = pathlib.Path(__file__).resolve().parents[2] / "native"
SECONDS = 600  # for a kernel that no longer ends: a fault that was noticed


class Fault(NamedTuple):
    """`old` stands once in a file of native/cuda and becomes `new`; a test of the operation must fail."""

    what: str
    operation: str
    file: str
    old: str
    new: str


def faults(operation, file, *found):
    return [Fault(what, operation, file, old, new) for what, old, new in found]


FAULTS = [
    *faults(
        "bnrelu_conv1x1_fprop",
        "bnrelu_conv1x1_fprop.cu",
        ("no barrier before a stage", "__syncthreads();  // this stage is there", "// this stage is there"),
        ("no wait for copies", "wait_copies<kStages - 2>();", ""),
        ("no __syncwarp after staging", "acc[m], lane);\n      __syncwarp();", "acc[m], lane);"),
        ("the last copy is whole", "steps_left > 1 ? 16 :", "steps_left > 0 ? 16 :"),
        ("rows of all tiles", "min(16, pixels - first - 16 * m)", "min(16, pixels - first)"),
        (
            "what rounding takes is left out",
            "of_rest[i] = normalized_rest(x[i], normal[i], of_register)",
            "of_rest[i] = 0",
        ),
    ),
    *faults(
        "bottleneck_infer",
        "bottleneck_infer.cu",
        ("no barrier before a stage", "__syncthreads();  // this stage is there", "// this stage is there"),
        ("z around a tile is not made", "halo = whole ? 0 : static_cast<int>(p.width) + 1", "halo = 0"),
        ("no zeros outside of the image", "there ? at_tap : zeros + (at_tap & 112)", "at_tap"),
        ("a part of the sums is left out", "i < Layout::kSplit; i++", "i < (Layout::kSplit + 1) / 2; i++"),
        ("no barrier before parts of sums", "  __syncthreads();\n\n  // Parts of sums", "  // Parts of sums"),
        ("rows of a whole tile", "min(at.step, pixels - first) - store_row", "pixels - first - store_row"),
    ),
    *faults(
        "bottleneck_infer_layers",
        "bottleneck_layers.cuh",
        ("no barrier before a slot", "    __syncthreads();\n    fetch();", "    fetch();"),
        ("no wait for copies", "    wait_copies<Layout::kSlots - 2>();\n", ""),
        ("what is exchanged is overwritten", "if (m > 0) __syncthreads();", ""),
        ("a part of the sums is left out", "i < kParts - 1; i++", "i < kParts - 2; i++"),
    ),
    *faults(
        "bottleneck_infer_layers",
        "bottleneck_infer_layers.cu",
        ("no zeros outside of the image", "inside_[m] >> tap & 1 ? at : zeros + (at & 112)", "at"),
        ("the affine form of the layer before", "if (more) affine.store(memory);", ""),
        ("the last y is not there", "  __syncthreads();  // the last y is there\n", ""),
        (
            "features that are not there are not cleared",
            "row < pixels_ ? valid_bytes<T>(first_, channel) : 0",
            "16",
        ),
    ),
    *faults(
        "bnrelu_conv3x3_fprop",
        "conv3x3_fprop_streamed.cuh",
        (
            "no barrier after normalising",
            "__syncthreads();  // this stage is normalised",
            "// this stage is normalised",
        ),
        (
            "no zeros outside of the image",
            "row = there ? at_tap : zeros + (at_tap & 112);",
            "row = at_tap;",
        ),
        (
            "halo of one pixel less",
            "pixel0 = tile * Layout::kPixels - width - 1 + my_row",
            "pixel0 = tile * Layout::kPixels - width + my_row",
        ),
    ),
    *faults(
        "bnrelu_conv3x3_fprop",
        "conv3x3_fprop_strips.cuh",
        (
            "no barrier after normalising",
            "__syncthreads();  // this stage is normalised",
            "// this stage is normalised",
        ),
        ("no barrier between halves", "__syncthreads();  // halves are there", "// halves are there"),
        ("rows beyond the image in sums", "o < low_rows ? owned[o][n][0] : 0", "owned[o][n][0]"),
    ),
    *faults(
        "bnrelu_conv3x3_fprop",
        "conv3x3_fprop_strips_stages.cuh",
        (
            "no strip at the right",
            "if (beside.column == (right ? 0 : map_.width - 1)) continue;",
            "if (right) continue;",
        ),
        ("rows beside that are not zeros", "inside ? valid_bytes<bf16>(channels_, channel) : 0);", "16);"),
    ),
    *faults(
        "bnrelu_conv3x3_bprop",
        "conv3x3_bprop_narrow.cuh",
        (
            "no barrier before the gradient of z",
            "__syncthreads();  // dy and z of tile i are there",
            "// dy and z of tile i are there",
        ),
        (  # no result shows it, but the run that looks for races
            "no barrier between zeros and copies",
            "__syncthreads();  // zeros are there, before what is copied over them",
            "// zeros are there, before what is copied over them",
        ),
        ("one buffer of masks", "memory + Layout::kInside) + i % 2 * kPixels;", "memory + Layout::kInside);"),
        ("weights' gradient in fours of any width", "if (z_channels % 4 == 0) {", "if (true) {"),
        ("one row of zeros of eight", "if (tid < 8)", "if (tid < 1)"),
    ),
    *faults(
        "bnrelu_conv3x3_bprop",
        "conv3x3_bprop_strips.cuh",
        (
            "weights of the first chunk",
            "plane = block.chunk / kVector<bf16> + i / kY % kZTiles",
            "plane = i / kY % kZTiles",
        ),
        ("sums of z not cleared", "all_sums[j] = FragmentSums();", "all_sums[j] = all_sums[j];"),
    ),
    *faults(
        "bnrelu_conv3x3_bprop",
        "conv3x3_bprop_strips_block.cuh",
        ("no wait for copies", "    wait_copies<0>();\n", ""),
        (
            "neighbours of the next band",
            "return tap_column == 0 ? strip.column + 1 < width :",
            "return tap_column == 0 ? true :",
        ),
    ),
    *faults(
        "bnrelu_conv3x3_bprop",
        "conv3x3_bprop_strips_data.cuh",
        ("all rows of gz", "o < strip.rows; o++", "o < Layout::kRows; o++"),
        ("rows beyond the image in sums", "there ? fmaf(z0, l.x, l.y) : 0", "fmaf(z0, l.x, l.y)"),
    ),
    *faults(
        "bnrelu_conv1x1_bprop",
        "conv1x1_bprop.cuh",
        ("no barrier after dz", "__syncthreads();  // dz of tile i is there", "// dz of tile i is there"),
        ("no __syncwarp before dw, where lanes have just met at a shuffle", "      __syncwarp();\n", ""),
        ("dz beyond the last pixel", "first + row >= pixels ? make_uint4(0, 0, 0, 0) : v", "v"),
        ("S is always added to", "accumulate ? *s : Pair<T>()", "*s"),
    ),
    *faults(
        "bnrelu_conv1x1_bprop",
        "correction.cuh",
        (
            "the mean is forgotten",
            "multiply_add(-inverse, offset, -of_x * mean)",
            "multiply_add(-inverse, offset, -of_x)",
        ),
        (
            "an offset that is not there is added to",
            "shares.offset + (h.accumulate ? h.offset[c] : 0)",
            "shares.offset + h.offset[c]",
        ),
    ),
    *faults(
        "bnrelu_conv1x1_bprop",
        "exact_sum.cuh",
        ("no fine half", "atomicAdd(&sum->fine,", "if (false) atomicAdd(&sum->fine,"),
    ),
    *faults(
        "bnrelu_conv1x1_bprop",
        "tiles.cuh",
        (
            "tiles are never taken from the last one back",
            "const int block = blockIdx.x,",
            "reversed = 0;\n    const int block = blockIdx.x,",
        ),
        ("the first tile is left out on the way back", "reversed ? all - 1 - i : i", "reversed ? all - i : i"),
        ("a block goes on behind its first tile", "reversed ? -blocks : blocks", "blocks"),
        ("parts of sums in the order of blocks", "tile_at(blockIdx.x, gridDim.x, reversed)", "blockIdx.x"),
    ),
    *faults(
        "bnrelu_conv1x1_fprop",
        "norm.cuh",
        ("a thread's second new channel", "} else if (j > 0 && c > newest) {", "} else if (false) {"),
        ("a variance that is biased", "static_cast<double>(n.pixels - 1);", "static_cast<double>(n.pixels);"),
    ),
    *faults(
        "transition",
        "pointwise_dgrad.cuh",
        ("no barrier before the ReLU", "__syncthreads();  // da of the tile is there", "// da of the tile is there"),
        ("pixels of no window keep what they have", "if (kWindow > 1 && x_bytes > 0) {", "if (false) {"),
    ),
    *faults(
        "bnrelu_maxpool",
        "bnrelu_maxpool_dgrad.cu",
        ("the last of the largest", "if (before > value) value", "if (before >= value) value"),
    ),
    *faults(
        "stem_conv",
        "stem_conv_fprop.cu",
        (
            "no barrier before a band",
            "__syncthreads();  // nobody reads weights or what is staged any more",
            "// nobody reads weights or what is staged any more",
        ),
        ("no barrier before staging", "__syncthreads();  // nobody reads the band any more", "// nobody reads the band"),
    ),
    *faults(
        "stem_conv",
        "stem_conv_wgrad.cu",
        ("sums of one warp of several", "other < shares_; other++", "other < 1; other++"),
    ),
    *faults(
        "stem_conv",
        "stem_conv.cuh",
        ("pixels above the image", "first_row + row >= 0 && first_row", "first_row"),
    ),
    *faults(
        "head",
        "head_dgrad.cu",
        (
            "an odd last channel writes two",
            "if (both) {\n        *reinterpret_cast",
            "if (true) {\n        *reinterpret_cast",
        ),
    ),
    *faults(
        "dropout_correction",
        "dropout_correction.cu",
        ("a mask by rows of the buffer", "uint64_t>(at.row()) * channels +", "uint64_t>(at.row()) * p.s_pitch +"),
        ("one channel's correction for all", "affine[at.column()]", "affine[0]"),
    ),
]

SOURCES = {
    "stem_conv": ("stem_conv_fprop", "stem_conv_wgrad"),
    "transition": ("transition_fprop", "transition_bprop"),
    "head": ("head_fprop", "head_dgrad"),
    "bnrelu_maxpool": ("bnrelu_maxpool_fprop", "bnrelu_maxpool_dgrad"),
}


def compiled(nvcc, folder, operation):
    """PTX of the operation's kernels."""
    cuda = folder / "cuda"
    unity = folder / "kernels.cu"
    unity.write_text("".join(f'#include "cuda/{name}.cu"\n' for name in SOURCES.get(operation, (operation,))))
    ptx = folder / "kernels.ptx"
    subprocess.run(
        [nvcc, "-ptx", "-arch=compute_80", "-std=c++17", f"-I{cuda}", f"-I{NATIVE}/include", "-o", ptx, unity],
        check=True,
    )
    return ptx


def noticed(nvcc, test, fault):
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        shutil.copytree(NATIVE / "cuda", folder / "cuda")
        file = folder / "cuda" / fault.file
        text = file.read_text()
        if text.count(fault.old) != 1:
            raise SystemExit(
                f"{fault.file} has {text.count(fault.old)} times what '{fault.what}' replaces: {fault.old}"
            )
        file.write_text(text.replace(fault.old, fault.new))
        ptx = compiled(nvcc, folder, fault.operation)
        try:
            done = subprocess.run(
                [test, ptx, "fused", fault.operation], capture_output=True, text=True, timeout=SECONDS
            )
        except subprocess.TimeoutExpired:
            return "the kernel does not end"
        return done.stderr.strip().split("\n")[-1] if done.returncode else ""


def main():
    nvcc, test, *numbers = sys.argv[1:]
    missed = 0
    for number in map(int, numbers) if numbers else range(len(FAULTS)):
        fault = FAULTS[number]
        found = noticed(nvcc, test, fault)
        missed += not found
        print(f"{number:2d} {fault.file}: {fault.what}: {found or 'MISSED'}", flush=True)
    if missed:
        raise SystemExit(f"{missed} faults were not noticed")


if __name__ == "__main__":
    main()
