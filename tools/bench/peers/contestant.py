"""The contestant's side of a conversation: a JSON line in, a JSON line out, until standard input ends."""

import json
import os
import resource
import sys

import numpy as np

UNIT = 1 if sys.platform == "darwin" else 1024


def serve(handlers) -> None:
    # Libraries may print: only answers go to the real standard output.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    for line in sys.stdin:
        request = json.loads(line)
        try:
            answer = handlers[request["do"]](request) or {}
        except Exception as error:  # answered, so that the other contestants go on
            answer = {"error": f"{type(error).__name__}: {str(error)[-500:]}"}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


def memory():
    """Resident memory now and at its highest, in MB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * UNIT / 1e6
    try:
        with open("/proc/self/statm") as file:
            now = int(file.read().split()[1]) * resource.getpagesize() / 1e6
    except OSError:
        now = peak
    return {"rss": now, "peak": peak}


def cpu_seconds() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def read_inputs(folder, spec):
    """Normalised images [images, height, width, channels], labels, and the starting weights by name."""
    shape = [spec["images"], *spec["input"]]
    pixels = np.fromfile(f"{folder}/pixels.bin", np.uint8).reshape(shape)
    labels = np.fromfile(f"{folder}/labels.bin", np.uint8)
    images = (pixels.astype(np.float32) / 255 - np.float32(spec["mean"])) / np.float32(spec["std"])
    flat = np.fromfile(f"{folder}/weights.bin", np.float32)
    weights, start = {}, 0
    for parameter in spec["parameters"]:
        size = int(np.prod(parameter["shape"]))
        weights[parameter["name"]] = flat[start : start + size].reshape(parameter["shape"])
        start += size
    return images, labels, weights
