#!/usr/bin/env python3
"""Measures how fast PyTorch trains a DenseNet, and how much memory its tensors take; for the nightly report.

Prints one JSON object. Steps run one after the other without a wait between them, which is the best for PyTorch; a step
is forward, backward and SGD with Nesterov momentum, on one batch that lies on the device. Exit code 3, and one sentence:
PyTorch, or the device, is not here.
"""
import argparse
import json
import statistics
import sys
import time

LACKING = 3
ROUNDS = 3
WARMUP = 5


def end(code, sentence):
    print(" ".join(sentence.split()), file=sys.stderr)
    sys.exit(code)


try:
    import torch
    from torch import nn
    from torch.nn import functional
except ImportError as error:
    end(LACKING, f"PyTorch is not here ({error}): install the package torch for {sys.executable or 'python3'}")


def options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name, default in (("growth-rate", 12), ("init-features", 24), ("bn-size", 4), ("in-channels", 3),
                          ("image-size", 32), ("classes", 10), ("batch-size", 64), ("steps", 20)):
        parser.add_argument("--" + name, type=int, default=default, metavar="N")
    parser.add_argument("--block-config", default="16,16,16", metavar="N,N,...")
    parser.add_argument("--compression", type=float, default=0.5)
    parser.add_argument("--dropout", type=float, default=0)
    parser.add_argument("--stem", choices=("cifar", "imagenet"), default="cifar")
    parser.add_argument("--device", choices=("cuda", "cpu"), default="cuda")
    parser.add_argument("--mode", choices=("eager", "graph", "compile"), default="eager")
    parser.add_argument("--layout", choices=("nchw", "channels-last"), default="nchw")
    parser.add_argument("--arithmetic", choices=("fp32", "tf32", "bf16"), default="fp32")
    return parser.parse_args()


def convolution(channels, features, size, dropout=0.0, **more):
    """Batch normalisation, ReLU, convolution and dropout."""
    parts = [nn.BatchNorm2d(channels), nn.ReLU(inplace=True),
             nn.Conv2d(channels, features, size, padding=size // 2, bias=False, **more)]
    return nn.Sequential(*parts, *([nn.Dropout(dropout, inplace=True)] if dropout else []))


class DenseNet(nn.Module):
    """As in Huang et al. 2017; every layer concatenates what it reads."""

    def __init__(self, given):
        super().__init__()
        channels = given.init_features
        self.stem = self.make_stem(given)
        self.blocks, self.transitions = nn.ModuleList(), nn.ModuleList()
        sizes = [int(size) for size in given.block_config.split(",")]
        for index, layers in enumerate(sizes):
            block = nn.ModuleList()
            for _ in range(layers):
                block.append(self.make_layer(channels, given))
                channels += given.growth_rate
            self.blocks.append(block)
            if index + 1 < len(sizes):
                features = int(channels * given.compression)
                transition = convolution(channels, features, 1, given.dropout)
                self.transitions.append(nn.Sequential(transition, nn.AvgPool2d(2)))
                channels = features
        self.norm = nn.BatchNorm2d(channels)
        self.classifier = nn.Linear(channels, given.classes)

    @staticmethod
    def make_stem(given):
        if given.stem == "cifar":
            return nn.Conv2d(given.in_channels, given.init_features, 3, padding=1, bias=False)
        return nn.Sequential(
            nn.Conv2d(given.in_channels, given.init_features, 7, stride=2, padding=3, bias=False),
            nn.BatchNorm2d(given.init_features), nn.ReLU(inplace=True), nn.MaxPool2d(3, stride=2, padding=1))

    @staticmethod
    def make_layer(channels, given):
        if given.bn_size == 0:
            return convolution(channels, given.growth_rate, 3, given.dropout)
        width = given.bn_size * given.growth_rate
        return nn.Sequential(convolution(channels, width, 1), convolution(width, given.growth_rate, 3, given.dropout))

    def forward(self, images):
        maps = self.stem(images)
        for index, block in enumerate(self.blocks):
            features = [maps]
            for layer in block:
                features.append(layer(torch.cat(features, 1)))
            maps = torch.cat(features, 1)
            if index < len(self.transitions):
                maps = self.transitions[index](maps)
        return self.classifier(functional.relu(self.norm(maps)).mean((2, 3)))


class Training:
    """Steps on one batch of random images."""

    def __init__(self, given):
        self.given = given
        torch.manual_seed(1)
        self.model = DenseNet(given).to(given.device)
        self.images = torch.randn(given.batch_size, given.in_channels, given.image_size, given.image_size,
                                  device=given.device)
        if given.layout == "channels-last":
            self.model = self.model.to(memory_format=torch.channels_last)
            self.images = self.images.contiguous(memory_format=torch.channels_last)
        self.labels = torch.randint(given.classes, (given.batch_size,), device=given.device)
        self.optimizer = torch.optim.SGD(self.model.parameters(), lr=1e-3, momentum=0.9, nesterov=True,
                                         weight_decay=1e-4)
        self.forward = self.model
        if given.mode == "compile":
            if not hasattr(torch, "compile"):
                end(1, f"PyTorch {torch.__version__} has no torch.compile")
            self.forward = torch.compile(self.model)

    def step(self):
        given = self.given
        self.optimizer.zero_grad(set_to_none=True)
        with torch.autocast(given.device, dtype=torch.bfloat16, enabled=given.arithmetic == "bf16",
                            cache_enabled=given.mode != "graph"):
            loss = functional.cross_entropy(self.forward(self.images), self.labels)
        loss.backward()
        self.optimizer.step()

    def ready(self):
        """Runs the first steps, forgets what trying algorithms took, and returns what runs one more step."""
        if self.given.mode == "graph":
            return self.captured()
        for _ in range(WARMUP):
            self.step()
        if self.given.device == "cuda":
            torch.cuda.reset_peak_memory_stats()
        return self.step

    def captured(self):
        side = torch.cuda.Stream()
        side.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(side):
            for _ in range(WARMUP):
                self.step()
        torch.cuda.current_stream().wait_stream(side)
        torch.cuda.reset_peak_memory_stats()
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            self.step()
        return graph.replay


def finish(device):
    if device == "cuda":
        torch.cuda.synchronize()


def seconds(step, given):
    """Of a step: the median of some rounds."""
    times = []
    for _ in range(ROUNDS):
        finish(given.device)
        start = time.perf_counter()
        for _ in range(given.steps):
            step()
        finish(given.device)
        times.append((time.perf_counter() - start) / given.steps)
    return statistics.median(times)


def measure(given):
    torch.backends.cudnn.benchmark = True
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = given.arithmetic == "tf32"
    step = Training(given).ready()
    one = seconds(step, given)
    label = {"tf32": "TF32"}.get(given.arithmetic, given.arithmetic)
    layout = {"nchw": "NCHW"}.get(given.layout, given.layout)
    return {
        "program": f"PyTorch {torch.__version__}, {given.mode}, {layout}",
        "arithmetic": label,
        "images_per_second": given.batch_size / one,
        "bytes": torch.cuda.max_memory_allocated() if given.device == "cuda" else None,
    }


def main():
    given = options()
    if given.device == "cuda" and not torch.cuda.is_available():
        end(LACKING, f"PyTorch {torch.__version__} finds no GPU that it can use: install its build for this CUDA driver")
    if given.device == "cpu" and given.mode == "graph":
        end(1, "--mode=graph needs --device=cuda")
    try:
        print(json.dumps(measure(given)))
    except RuntimeError as error:
        end(1, f"{type(error).__name__}: {error}"[:500])


if __name__ == "__main__":
    main()
