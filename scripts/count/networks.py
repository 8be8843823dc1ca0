"""The steps that are counted: those that have a table, some with a limit, and those that run the kernels that these do
not."""

from typing import NamedTuple


class Network(NamedTuple):
    """options of `densenet4j bench`; title: of the table, if there is one; most, goal: milliseconds that the bounds of a
    step may, and should, add up to; gigabytes: that the tensors of a step have, each counted once a kernel; shared: bytes
    that a block of the GPU can have, as many as sm_90's where it is 0."""

    name: str
    options: str
    title: str = ""
    most: float = 0
    goal: float = 0
    gigabytes: float = 0
    shared: int = 0


def step(model, precision="bf16", **limits):
    return Network(
        model if precision == "bf16" else f"{model}-{precision}",
        f"--model {model} --batch-size 64 --precision {precision}",
        f"A step of {model} in {precision}, batch of 64",
        **limits,
    )


def inference(model, batch):
    return Network(
        f"{model}-infer-{batch}",
        f"--model {model} --batch-size {batch} --precision bf16 --mode infer",
        f"An inference of {model} in bf16, batch of {batch}",
    )


STEPS = [
    step("bc-100-12", most=1.4, goal=1.4, gigabytes=2.55),
    step("densenet121", most=4.2, goal=4.2, gigabytes=9.97),
    step("bc-100-12", "fp32"),
    step("densenet121", "fp32"),
    inference("bc-100-12", 1),
    inference("bc-100-12", 64),
    inference("densenet121", 1),
    inference("densenet121", 64),
]

OTHERS = [
    Network("densenet161", "--model densenet161 --batch-size 16 --precision bf16"),
    Network("densenet161-fp32", "--model densenet161 --batch-size 16 --precision fp32"),
    Network("dropout", "--growth-rate 12 --block-config 3,3 --dropout 0.2 --batch-size 64 --precision bf16"),
    Network("dropout-fp32", "--growth-rate 12 --block-config 3,3 --dropout 0.2 --batch-size 64 --precision fp32"),
    Network("inference-fp32", "--model bc-100-12 --batch-size 1 --precision fp32 --mode infer"),
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
    Network("small-gpu", "--model densenet121 --batch-size 16 --precision bf16", shared=101376),
]
