"""The steps that are counted: those that have a limit, and those that run the kernels that these do not."""

from typing import NamedTuple


class Network(NamedTuple):
    """options of `densenet4j bench`; most, goal: milliseconds that the bounds of a step may, and should, add up to;
    gigabytes: that the tensors of a step have, each counted once a kernel."""

    name: str
    options: str
    most: float = 0
    goal: float = 0
    gigabytes: float = 0


STEPS = [
    Network("bc-100-12", "--model bc-100-12 --batch-size 64 --precision bf16", 1.4, 1.4, 2.55),
    Network("densenet121", "--model densenet121 --batch-size 64 --precision bf16", 4.2, 4.2, 9.97),
    Network("bc-100-12-fp32", "--model bc-100-12 --batch-size 64 --precision fp32"),
    Network("densenet121-fp32", "--model densenet121 --batch-size 64 --precision fp32"),
]

OTHERS = [
    Network("densenet161", "--model densenet161 --batch-size 16 --precision bf16"),
    Network("densenet161-fp32", "--model densenet161 --batch-size 16 --precision fp32"),
    Network("dropout", "--growth-rate 12 --block-config 3,3 --dropout 0.2 --batch-size 64 --precision bf16"),
    Network("dropout-fp32", "--growth-rate 12 --block-config 3,3 --dropout 0.2 --batch-size 64 --precision fp32"),
    Network("inference", "--model densenet121 --batch-size 1 --precision bf16 --mode infer"),
    Network("inference-narrow", "--model bc-100-12 --batch-size 1 --precision bf16 --mode infer"),
    Network(
        "narrow-long-prefix", "--growth-rate 12 --block-config 2 --init-features 2600 --batch-size 64 --precision bf16"
    ),
    Network(
        "wide-image",
        "--growth-rate 32 --block-config 2,2 --init-features 64 --image-size 64 --batch-size 64 --precision bf16",
    ),
    Network(
        "wide-growth",
        "--growth-rate 32 --block-config 2,2 --init-features 64 --batch-size 64 --precision bf16",
    ),
    Network(
        "no-bottleneck",
        "--growth-rate 12 --block-config 3 --init-features 900 --bn-size 0 --batch-size 64 --precision bf16",
    ),
    Network(
        "no-bottleneck-24",
        "--growth-rate 24 --block-config 3 --init-features 900 --bn-size 0 --batch-size 64 --precision bf16",
    ),
]
