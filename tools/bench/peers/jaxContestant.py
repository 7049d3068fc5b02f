"""JAX on the CPU: a jitted step with donated buffers and resident data; of one or, for short steps, ten a call, the faster here."""

import os
import time

THREADS = int(os.environ["BENCH_THREADS"])
if THREADS == 1:
    os.environ["XLA_FLAGS"] = os.environ.get("XLA_FLAGS", "") + " --xla_cpu_multi_thread_eigen=false"
os.environ["JAX_PLATFORMS"] = "cpu"

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from contestant import cpu_seconds, memory, read_inputs, serve

PAD = 4
SEVERAL = 10
# Seconds a step from which the cost of a call is no longer worth a trial; convolutions in a loop are also much slower in XLA.
LONG_STEP = 0.02
TRIAL_SECONDS = 1.0


def forward(layers, values, x, statistics):
    for layer in layers:
        x = apply(layer, values, x, statistics)
    return x


def apply(layer, values, x, statistics):
    kind, name = layer["type"], layer.get("name", "")
    if kind == "dense":
        return x @ values[f"{name}/kernel"] + values[f"{name}/bias"]
    if kind == "convolution":
        stride = layer.get("stride", 1)
        y = lax.conv_general_dilated(x, values[f"{name}/kernel"], (stride, stride), "SAME", dimension_numbers=("NHWC", "HWIO", "NHWC"))
        return y + values[f"{name}/bias"] if f"{name}/bias" in values else y
    if kind == "batchNorm":
        return batch_norm(name, values, x, statistics)
    if kind == "activation":
        return jax.nn.relu(x)
    if kind == "maxPool":  # by reshape: the gradient of reduce_window is slow on the CPU
        size, (batch, height, width, channels) = layer["size"], x.shape
        return x.reshape(batch, height // size, size, width // size, size, channels).max((2, 4))
    if kind == "globalAveragePool":
        return x.mean((1, 2))
    if kind == "flatten":
        return x.reshape(x.shape[0], -1)
    if kind == "residual":
        return forward(layer["body"], values, x, statistics) + forward(layer.get("shortcut", []), values, x, statistics)
    raise ValueError(f"unknown layer type '{kind}'")


def batch_norm(name, values, x, statistics):
    mean = x.mean((0, 1, 2))
    variance = (x * x).mean((0, 1, 2)) - mean * mean
    count = x.size / x.shape[-1]
    for what, new in (("mean", mean), ("variance", variance * (count / (count - 1)))):
        statistics[f"{name}/{what}"] = 0.9 * values[f"{name}/{what}"] + 0.1 * lax.stop_gradient(new)
    scale = values[f"{name}/gamma"] * lax.rsqrt(variance + 1e-5)
    return x * scale + (values[f"{name}/beta"] - mean * scale)


def cropped(key, data, indices, shape):
    """Random windows of the padded images, half of them mirrored: one gather."""
    height, width, _ = shape
    count = indices.shape[0]
    keys = jax.random.split(key, 3)
    top = jax.random.randint(keys[0], (count, 1), 0, 2 * PAD + 1)
    left = jax.random.randint(keys[1], (count, 1), 0, 2 * PAD + 1)
    mirrored = jax.random.bernoulli(keys[2], 0.5, (count, 1))
    rows = top + jnp.arange(height)
    columns = left + jnp.where(mirrored, width - 1 - jnp.arange(width), jnp.arange(width))
    return data[indices[:, None, None], rows[:, :, None], columns[:, None, :]]


def make_step(spec, names):
    layers, shape, rate, decay = spec["architecture"]["layers"], spec["input"], spec["learningRate"], spec["weightDecay"]
    rule, crop = spec["optimizer"], spec["augmentation"] == "cropFlip"

    def step(state, data, labels, indices):
        values, slots, count = state
        trained = {name: values[name] for name in names}
        rest = {name: value for name, value in values.items() if name not in trained}
        x = cropped(jax.random.key(count), data, indices, shape) if crop else data[indices]
        y = labels[indices]

        def loss_of(trained):
            statistics = {}
            logits = forward(layers, {**rest, **trained}, x, statistics)
            chosen = jnp.take_along_axis(jax.nn.log_softmax(logits), y[:, None], 1)
            return -chosen.mean(), statistics

        (loss, statistics), gradients = jax.value_and_grad(loss_of, has_aux=True)(trained)
        if decay:
            gradients = {name: g + decay * trained[name] for name, g in gradients.items()}
        time_ = count + 1.0
        new, new_slots = {}, {}
        for name in names:
            if rule["name"] == "adam":
                m = 0.9 * slots["m"][name] + 0.1 * gradients[name]
                v = 0.999 * slots["v"][name] + 0.001 * gradients[name] ** 2
                corrected = rate * jnp.sqrt(1 - 0.999**time_) / (1 - 0.9**time_)
                new[name] = trained[name] - corrected * m / (jnp.sqrt(v) + 1e-8)
                new_slots.setdefault("m", {})[name] = m
                new_slots.setdefault("v", {})[name] = v
            elif rule.get("momentum", 0):
                velocity = rule["momentum"] * slots["velocity"][name] + gradients[name]
                new[name] = trained[name] - rate * velocity
                new_slots.setdefault("velocity", {})[name] = velocity
            else:
                new[name] = trained[name] - rate * gradients[name]
        return ({**rest, **new, **statistics}, new_slots, count + 1), loss

    return step


class Trainer:
    def __init__(self, spec, inputs, several):
        images, labels, weights = inputs
        self.spec, self.weights, self.several = spec, weights, several
        if spec["augmentation"] == "cropFlip":
            images = np.pad(images, ((0, 0), (PAD, PAD), (PAD, PAD), (0, 0)))
        self.data, self.labels = jnp.asarray(images), jnp.asarray(labels.astype(np.int32))
        self.names = [p["name"] for p in spec["parameters"] if p["trainable"]]
        step = make_step(spec, self.names)
        self.step = jax.jit(step, donate_argnums=0)
        self.steps = jax.jit(lambda state, data, labels, rows: lax.scan(lambda s, row: step(s, data, labels, row), state, rows), donate_argnums=0)
        self.order, self.at, self.random = np.empty(0, np.int32), 0, np.random.default_rng(0)
        self.reset()

    def reset(self):
        zeros = lambda: {name: jnp.zeros(self.weights[name].shape) for name in self.names}
        rule = self.spec["optimizer"]
        slots = {"m": zeros(), "v": zeros()} if rule["name"] == "adam" else {"velocity": zeros()} if rule.get("momentum", 0) else {}
        self.state = ({name: jnp.array(value) for name, value in self.weights.items()}, slots, jnp.int32(0))

    def indices(self):
        batch = self.spec["batchSize"]
        if self.at + batch > len(self.order):
            self.order, self.at = self.random.permutation(len(self.data)).astype(np.int32), 0
        self.at += batch
        return self.order[self.at - batch : self.at]

    def update(self, indices):
        self.state, loss = self.step(self.state, self.data, self.labels, indices)
        return loss

    def run(self, steps):
        done = 0
        while done < steps:
            if self.several > 1 and steps - done >= self.several:
                rows = np.stack([self.indices() for _ in range(self.several)])
                self.state, losses = self.steps(self.state, self.data, self.labels, rows)
                loss = losses[-1]
                done += self.several
            else:
                loss = self.update(self.indices())
                done += 1
        jax.block_until_ready(self.state)
        return float(loss)


trainer = None


def open_(request):
    global trainer
    spec = request["spec"]
    inputs = read_inputs(request["folder"], spec)
    tried = []
    for several in (1, SEVERAL):
        began = time.perf_counter()
        trainer = Trainer(spec, inputs, several)
        trainer.run(several)
        first = time.perf_counter() - began
        steps, began = 0, time.perf_counter()
        while steps < 2 * several or time.perf_counter() - began < TRIAL_SECONDS * request["trial"]:
            trainer.run(several)
            steps += several
        tried.append(((time.perf_counter() - began) / steps, several, first, trainer))
        if tried[-1][0] > LONG_STEP:
            break
    _, several, first, trainer = min(tried, key=lambda each: each[0])
    trainer.run(1)
    return {"firstCall": first, "variant": f"{several} {'step' if several == 1 else 'steps'} a call", "version": jax.__version__}


def check(request):
    trainer.reset()
    losses = [float(trainer.update(np.asarray(indices, np.int32))) for indices in request["indices"]]
    trainer.reset()
    return {"losses": losses}


def run(request):
    trainer.reset()
    jax.block_until_ready(trainer.state)
    cpu, began = cpu_seconds(), time.perf_counter()
    loss = trainer.run(request["steps"])
    seconds = time.perf_counter() - began
    return {"steps": request["steps"], "seconds": seconds, "cpu": cpu_seconds() - cpu, "loss": loss, **memory()}


serve({"open": open_, "check": check, "run": run})
