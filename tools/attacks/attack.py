"""torchattacks on a network that neoteny wrote: accuracy on clean and on attacked images, as JSON on standard output.

    python attack.py FOLDER

FOLDER holds `case.json` (architecture, parameters, mean, std, attacks), `pixels.bin` (bytes, [images, height, width, channels]),
`labels.bin` (bytes) and `weights.bin` (float32, all parameters in the order of the case).
"""

import json
import sys
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
import torchattacks

BATCH = 250


class Network(torch.nn.Module):
    """The architecture, written again for PyTorch: takes images [batch, channels, height, width] with pixels in [0, 1]."""

    def __init__(self, case, weights):
        super().__init__()
        self.layers = case["architecture"]["layers"]
        # Parameters, because torchattacks asks a network's parameters for their device.
        self.values = torch.nn.ParameterList(torch.nn.Parameter(torch.from_numpy(value), False) for value in weights.values())
        self.weights = dict(zip(weights, self.values))
        self.register_buffer("mean", torch.tensor(case["mean"]).reshape(1, -1, 1, 1))
        self.register_buffer("std", torch.tensor(case["std"]).reshape(1, -1, 1, 1))

    def forward(self, images):
        return self.run(self.layers, (images - self.mean) / self.std)

    def run(self, layers, x):
        for layer in layers:
            x = getattr(self, layer["type"])(layer, x)
        return x

    def of(self, layer, part):
        return self.weights.get(f"{layer['name']}/{part}")

    def dense(self, layer, x):
        return F.linear(x, self.of(layer, "kernel").T, self.of(layer, "bias"))

    def convolution(self, layer, x):
        kernel = self.of(layer, "kernel").permute(3, 2, 0, 1)
        size, stride = kernel.shape[-1], layer.get("stride", 1)
        if layer.get("padding", "same") == "same":
            # TensorFlow pads so that there are ceil(side / stride) places, and one more pixel behind than before.
            pads = []
            for side in (x.shape[3], x.shape[2]):
                whole = max(0, (-(-side // stride) - 1) * stride + size - side)
                pads += [whole // 2, whole - whole // 2]
            x = F.pad(x, pads)
        return F.conv2d(x, kernel, self.of(layer, "bias"), stride)

    def batchNorm(self, layer, x):
        parts = [self.of(layer, part) for part in ("mean", "variance", "gamma", "beta")]
        return F.batch_norm(x, *parts, training=False, eps=1e-5)

    def activation(self, layer, x):
        return {"relu": torch.relu, "tanh": torch.tanh, "sigmoid": torch.sigmoid}[layer["function"]](x)

    def maxPool(self, layer, x):
        return F.max_pool2d(x, layer["size"])

    def averagePool(self, layer, x):
        return F.avg_pool2d(x, layer["size"])

    def globalAveragePool(self, layer, x):
        return x.mean((2, 3))

    def flatten(self, layer, x):
        # Channels are last in neoteny's order.
        return (x.permute(0, 2, 3, 1) if x.dim() == 4 else x).flatten(1)

    def residual(self, layer, x):
        return self.run(layer["body"], x) + self.run(layer.get("shortcut", []), x)


def attack_of(network, attack):
    size = {"eps": attack["epsilon"], "alpha": attack["stepSize"], "steps": attack["steps"], "random_start": attack["randomStart"]}
    if attack["norm"] == "l2":
        return torchattacks.PGDL2(network, **size)
    if attack["steps"] == 1 and not attack["randomStart"] and attack["stepSize"] == attack["epsilon"]:
        return torchattacks.FGSM(network, eps=attack["epsilon"])
    return torchattacks.PGD(network, **size)


def right(network, images, labels):
    with torch.no_grad():
        return int((network(images).argmax(1) == labels).sum())


def main(folder):
    # Libraries may print: only the answer goes to the real standard output.
    out, sys.stdout = sys.stdout, sys.stderr
    torch.manual_seed(0)
    torch.set_num_threads(1)
    case = json.loads((folder / "case.json").read_text())
    pixels = np.fromfile(folder / "pixels.bin", np.uint8).reshape(case["images"], *case["input"])
    labels = torch.from_numpy(np.fromfile(folder / "labels.bin", np.uint8).astype(np.int64))
    images = torch.from_numpy(pixels.astype(np.float32) / 255).permute(0, 3, 1, 2).contiguous()
    flat, weights, start = np.fromfile(folder / "weights.bin", np.float32), {}, 0
    for parameter in case["parameters"]:
        size = int(np.prod(parameter["shape"]))
        weights[parameter["name"]] = flat[start : start + size].reshape(parameter["shape"]).copy()
        start += size
    network = Network(case, weights).eval()
    parts = list(zip(images.split(BATCH), labels.split(BATCH)))
    answer = {"clean": sum(right(network, *part) for part in parts) / len(labels), "robust": {}}
    for name, attack in case["attacks"].items():
        attacker = attack_of(network, attack)
        answer["robust"][name] = sum(right(network, attacker(x, y), y) for x, y in parts) / len(labels)
    print(json.dumps(answer), file=out)


main(Path(sys.argv[1]))
