"""PyTorch on the CPU: resident tensors, minibatches by index, fused optimizer; of several ways to lay out, update and share work, the fastest here.

    python torchContestant.py eager|compile
"""

import os
import sys
import time

import torch
import torch.nn.functional as F

from contestant import cpu_seconds, memory, read_inputs, serve

MODE = sys.argv[1]
THREADS = int(os.environ["BENCH_THREADS"])
PAD = 4
TRIAL_SECONDS = 1.0

torch.set_num_threads(THREADS)
torch.set_flush_denormal(True)


class Network:
    """The architecture as a function of named tensors; exact_padding pads strided convolutions on the side that TensorFlow pads."""

    def __init__(self, spec, weights, channels_last):
        self.layers = spec["architecture"]["layers"]
        self.layout = torch.channels_last if channels_last else torch.contiguous_format
        self.exact_padding = False
        self.strided = False
        self.training = True
        self.start = {name: torch.from_numpy(value) for name, value in weights.items()}
        self.shape = tuple(spec["input"])
        self.convert(self.layers, self.shape)
        self.trained = [p["name"] for p in spec["parameters"] if p["trainable"]]
        self.values = {name: value.clone(memory_format=torch.preserve_format) for name, value in self.start.items()}
        for name in self.trained:
            self.values[name].requires_grad_(True)

    def convert(self, layers, shape):
        """Kernels from [inputs, units] and [height, width, inputs, filters] to PyTorch's order."""
        for layer in layers:
            kind, name = layer["type"], layer.get("name", "") + "/kernel"
            if kind == "convolution":
                self.start[name] = self.start[name].permute(3, 2, 0, 1).contiguous(memory_format=self.layout)
                stride = layer.get("stride", 1)
                self.strided |= stride > 1
                shape = (-(-shape[0] // stride), -(-shape[1] // stride), layer["filters"])
            elif kind in ("maxPool", "averagePool"):
                shape = (shape[0] // layer["size"], shape[1] // layer["size"], shape[2])
            elif kind == "globalAveragePool":
                shape = (shape[2],)
            elif kind == "dense":
                kernel = self.start[name]
                if len(shape) == 3:  # a flattened image: channels first here, last there
                    kernel = kernel.reshape(*shape, -1).permute(2, 0, 1, 3).reshape(kernel.shape)
                self.start[name] = kernel.t().contiguous()
                shape = (layer["units"],)
            elif kind == "residual":
                self.convert(layer.get("shortcut", []), shape)
                shape = self.convert(layer["body"], shape)
        return shape

    def reset(self):
        with torch.no_grad():
            for name, value in self.values.items():
                value.copy_(self.start[name])

    def parameters(self):
        return [self.values[name] for name in self.trained]

    def __call__(self, x):
        return self.run(self.layers, x)

    def run(self, layers, x):
        for layer in layers:
            x = self.step(layer, x)
        return x

    def step(self, layer, x):
        kind, name = layer["type"], layer.get("name", "")
        value = self.values.get
        if kind == "dense":
            return F.linear(x, value(f"{name}/kernel"), value(f"{name}/bias"))
        if kind == "convolution":
            size, stride = layer["size"], layer.get("stride", 1)
            padding = size // 2
            if self.exact_padding and stride > 1 and size > 1:
                x, padding = F.pad(x, (0, 1, 0, 1)), 0
            return F.conv2d(x, value(f"{name}/kernel"), value(f"{name}/bias"), stride, padding)
        if kind == "batchNorm":
            return F.batch_norm(x, value(f"{name}/mean"), value(f"{name}/variance"), value(f"{name}/gamma"), value(f"{name}/beta"), self.training, 0.1, 1e-5)
        if kind == "activation":
            return F.relu(x)
        if kind == "maxPool":
            return F.max_pool2d(x, layer["size"])
        if kind == "globalAveragePool":
            return x.mean((2, 3))
        if kind == "flatten":
            return x.flatten(1)
        if kind == "residual":
            return self.run(layer["body"], x) + self.run(layer.get("shortcut", []), x)
        raise ValueError(f"unknown layer type '{kind}'")


class Trainer:
    def __init__(self, spec, inputs, channels_last, fused):
        images, labels, weights = inputs
        self.spec = spec
        self.fused = fused
        self.network = Network(spec, weights, channels_last)
        self.last = channels_last
        self.crop = spec["augmentation"] == "cropFlip"
        data = torch.from_numpy(images)
        if self.crop:
            data = F.pad(data, (0, 0, PAD, PAD, PAD, PAD))
        # Channels last are rows of [height, width, channels] seen in another order, so both layouts gather whole rows.
        self.data = data if channels_last else data.permute(0, 3, 1, 2).contiguous()
        self.labels = torch.from_numpy(labels).long()
        self.order = torch.empty(0, dtype=torch.long)
        self.at = 0
        self.loss = self.forward_loss
        if MODE == "compile":
            self.loss = torch.compile(self.forward_loss)
        self.reset()

    def forward_loss(self, x, labels):
        return F.cross_entropy(self.network(x), labels)

    def reset(self):
        self.network.reset()
        self.optimizer = self.make_optimizer()

    def make_optimizer(self):
        how = {"fused": True} if self.fused else {"foreach": True}
        options = self.spec["optimizer"]
        rate, decay = self.spec["learningRate"], self.spec["weightDecay"]
        if options["name"] == "adam":
            return torch.optim.Adam(self.network.parameters(), rate, weight_decay=decay, **how)
        return torch.optim.SGD(self.network.parameters(), rate, options.get("momentum", 0), weight_decay=decay, **how)

    def indices(self):
        batch = self.spec["batchSize"]
        if self.at + batch > len(self.order):
            self.order, self.at = torch.randperm(len(self.data)), 0
        self.at += batch
        return self.order[self.at - batch : self.at]

    def images(self, indices):
        x = self.cropped(indices) if self.crop else self.data.index_select(0, indices)
        return x.permute(0, 3, 1, 2) if self.last else x

    def cropped(self, indices):
        """Random windows of the padded images, half of them mirrored: one gather."""
        count, (height, width, channels) = len(indices), self.spec["input"]
        top, left = torch.randint(2 * PAD + 1, (2, count, 1))
        rows = top + torch.arange(height)
        columns = torch.arange(width)
        columns = left + torch.where(torch.rand(count, 1) < 0.5, width - 1 - columns, columns)
        if self.last:
            return self.data[indices[:, None, None], rows[:, :, None], columns[:, None, :]]
        image, channel = indices[:, None, None, None], torch.arange(channels)[None, :, None, None]
        return self.data[image, channel, rows[:, None, :, None], columns[:, None, None, :]]

    def update(self, indices):
        loss = self.loss(self.images(indices), self.labels.index_select(0, indices))
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        self.optimizer.step()
        return loss.detach()

    def run(self, steps):
        for _ in range(steps):
            loss = self.update(self.indices())
        return float(loss)


trainer = None


def open_(request):
    global trainer
    spec = request["spec"]
    inputs = read_inputs(request["folder"], spec)
    convolves = len(inputs[2]) and any(value.ndim == 4 for value in inputs[2].values())
    # With convolutions the layout decides, without them the optimizer, and whether sharing so little work among threads pays.
    variants = [(False, True, THREADS), (True, True, THREADS)] if convolves else [(False, True, THREADS), (False, False, THREADS)]
    if not convolves and THREADS > 1:
        variants.append((False, True, 1))
    tried = []
    for last, fused, threads in variants:
        torch.set_num_threads(threads)
        torch.compiler.reset()
        torch.manual_seed(0)
        began = time.perf_counter()
        trainer = Trainer(spec, inputs, last, fused)
        trainer.run(1)
        first = time.perf_counter() - began
        trainer.run(1)
        steps, began = 0, time.perf_counter()
        while steps < 2 or time.perf_counter() - began < TRIAL_SECONDS * request["trial"]:
            trainer.run(1)
            steps += 1
        tried.append(((time.perf_counter() - began) / steps, first, last, fused, threads))
        trainer = None
    _, first, last, fused, threads = min(tried)
    torch.set_num_threads(threads)
    torch.compiler.reset()
    trainer = Trainer(spec, inputs, last, fused)
    trainer.run(1)
    layout = ("channels last, " if last else "channels first, ") if convolves else ""
    return {"firstCall": first, "variant": f"{layout}{'fused' if fused else 'foreach'} optimizer{', 1 thread' if threads < THREADS else ''}", "version": torch.__version__}


def check(request):
    trainer.reset()
    loss, network = trainer.loss, trainer.network
    if network.strided:  # padded as TensorFlow pads, to compare losses; not compiled a second time for that
        network.exact_padding, trainer.loss = True, trainer.forward_loss
    losses = [float(trainer.update(torch.tensor(indices))) for indices in request["indices"]]
    network.exact_padding, trainer.loss = False, loss
    trainer.reset()
    return {"losses": losses}


def run(request):
    trainer.reset()
    trainer.run(1)  # the optimizer makes its arrays
    cpu, began = cpu_seconds(), time.perf_counter()
    loss = trainer.run(request["steps"])
    seconds = time.perf_counter() - began
    return {"steps": request["steps"], "seconds": seconds, "cpu": cpu_seconds() - cpu, "loss": loss, **memory()}


def infer(request):
    """Images through the network without gradients, in batches as large as the other engines take them."""
    network, batch = trainer.network, request["batch"]
    network.training = False
    cpu, began = cpu_seconds(), time.perf_counter()
    with torch.inference_mode():
        for at in range(0, request["images"], batch):
            indices = torch.arange(at, min(at + batch, request["images"])) % len(trainer.data)
            last = network(trainer.images(indices)).argmax(1)
    seconds = time.perf_counter() - began
    network.training = True
    return {"images": request["images"], "seconds": seconds, "cpu": cpu_seconds() - cpu, "first": int(last[0])}


def peak(request):
    size, repeats = request["size"], request["repeats"]
    a, b = torch.rand(size, size), torch.rand(size, size)
    torch.mm(a, b)
    began = time.perf_counter()
    for _ in range(repeats):
        torch.mm(a, b)
    return {"multiplyAdds": repeats * size**3 / (time.perf_counter() - began)}


serve({"open": open_, "check": check, "run": run, "infer": infer, "peak": peak})
