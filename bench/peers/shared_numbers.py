"""workloads.mjs's numbers, with numpy."""

import numpy as np

BATCHES, ROW = 8, 1024


def uniform(count, seed, bound):
    x = np.arange(1, count + 1, dtype=np.uint32) * np.uint32(0x9E3779B9) + np.uint32((seed + 1) * 0x85EBCA6B % 2**32)
    x = (x ^ (x >> 16)) * np.uint32(0x21F0AAAD)
    x = (x ^ (x >> 15)) * np.uint32(0x735A2D97)
    x = x ^ (x >> 15)
    return (((x >> 8) / 2**23 - 1) * bound).astype(np.float32)


def seed_of(name):
    seed = 0x811C9DC5
    for character in name:
        seed = (seed ^ ord(character)) * 0x01000193 % 2**32
    return seed


def initial(name, shape):
    count = int(np.prod(shape))
    if len(shape) > 1:
        return uniform(count, seed_of(name), (shape[0] / count) ** 0.5).reshape(shape)
    return np.ones(shape, np.float32) if name.endswith("weight") else uniform(count, seed_of(name), 0.05)


def stack_parameters(config):
    """{"0.weight": …} of the layers of a stack."""
    parameters = {}
    for index, layer in enumerate(config["layers"]):
        if layer["type"] in ("linear", "conv"):
            shape = (layer["out"], layer["in"]) + ((3, 3) if layer["type"] == "conv" else ())
            for name, size in ((f"{index}.weight", shape), (f"{index}.bias", shape[:1])):
                parameters[name] = initial(name, size)
    return parameters


def sample(spec, seed):
    numbers = uniform(int(np.prod(spec["shape"])), seed, 1).reshape(spec["shape"])
    if "classes" not in spec:
        return numbers
    return np.floor((numbers.astype(np.float64) + 1) / 2 * spec["classes"]).astype(np.int64)


def batches(workload):
    return [(sample(workload["x"], 1000 + j), sample(workload["y"], 2000 + j)) for j in range(BATCHES)]


def matrices(n):
    v = uniform(n, 1, 1).astype(np.float64)
    b = np.eye(n) - 2 * np.outer(v, v) / (v @ v)
    return uniform(n * n, 0, 1).reshape(n, n), b.astype(np.float32)


def array(seed, floats):
    """An array of "memory": rows of 1,024."""
    return np.tile(uniform(2**20, seed, 1), floats // 2**20).reshape(-1, ROW)
