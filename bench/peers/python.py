"""PyTorch or JAX on the CPU, by child.mjs's protocol: `python python.py torch|jax THREADS`."""

import json
import os
import sys
import time

framework, threads = sys.argv[1], int(sys.argv[2])
os.environ["OMP_NUM_THREADS"] = str(threads)
if framework == "jax":
    # XLA's CPU client takes as many threads as the process may use processors.
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:threads])

import numpy as np

BATCHES, KERNEL = 8, 3


def uniform(count, seed, bound):
    """workloads.mjs's generator."""
    x = (np.arange(1, count + 1, dtype=np.uint32) * np.uint32(0x9E3779B9)) + np.uint32((seed + 1) * 0x85EBCA6B % 2**32)
    x = (x ^ (x >> 16)) * np.uint32(0x21F0AAAD)
    x = (x ^ (x >> 15)) * np.uint32(0x735A2D97)
    x = x ^ (x >> 15)
    return (((x >> 8) / 2**23 - 1) * bound).astype(np.float32)


def matrices(n):
    v = uniform(n, 1, 1).astype(np.float64)
    b = np.eye(n) - 2 * np.outer(v, v) / (v @ v)
    return uniform(n * n, 0, 1).reshape(n, n), b.astype(np.float32)


def parameters(workload):
    """(weight, bias) of each layer that has them, by the layer's index."""
    params = {}
    for index, layer in enumerate(workload["layers"]):
        if layer["type"] not in ("linear", "conv"):
            continue
        shape = (layer["out"], layer["in"]) + ((KERNEL, KERNEL) if layer["type"] == "conv" else ())
        fan_in = int(np.prod(shape[1:]))
        weight = uniform(fan_in * layer["out"], 100 + 2 * index, fan_in**-0.5).reshape(shape)
        params[index] = (weight, uniform(layer["out"], 101 + 2 * index, fan_in**-0.5))
    return params


def batches(workload):
    """(x, y): x (batch, ...input), y classes (batch) or numbers (batch, 1)."""
    batch, classes = workload["batch"], workload["layers"][-1]["out"]
    for j in range(BATCHES):
        x = uniform(batch * int(np.prod(workload["input"])), 1000 + j, 1).reshape(batch, *workload["input"])
        y = uniform(batch, 2000 + j, 1)
        mse = workload["loss"] == "mse"
        yield x, y[:, None] if mse else np.floor((y.astype(np.float64) + 1) / 2 * classes).astype(np.int64)


class Torch:
    def __init__(self, workload):
        import torch

        torch.set_num_threads(threads)
        self.torch, self.count = torch, 0
        self.about = f"PyTorch {torch.__version__}, {torch.get_num_threads()} thread(s)"
        if workload["kind"] == "matmul":
            self.value, b = map(torch.from_numpy, matrices(workload["n"]))
            self.step = lambda: setattr(self, "value", self.value @ b)
        else:
            self.training(workload)

    def training(self, workload):
        torch, nn = self.torch, self.torch.nn
        make = {
            "linear": lambda layer: nn.Linear(layer["in"], layer["out"]),
            "conv": lambda layer: nn.Conv2d(layer["in"], layer["out"], KERNEL, padding=1),
            "relu": lambda _: nn.ReLU(),
            "tanh": lambda _: nn.Tanh(),
            "pool": lambda _: nn.MaxPool2d(2),
            "flatten": lambda _: nn.Flatten(),
        }
        model = nn.Sequential(*(make[layer["type"]](layer) for layer in workload["layers"]))
        with torch.no_grad():
            for index, (weight, bias) in parameters(workload).items():
                model[index].weight.copy_(torch.from_numpy(weight))
                model[index].bias.copy_(torch.from_numpy(bias))
        optimizer = torch.optim.Adam(model.parameters(), lr=workload["lr"])
        criterion = nn.MSELoss() if workload["loss"] == "mse" else nn.CrossEntropyLoss()
        data = [tuple(map(torch.from_numpy, pair)) for pair in batches(workload)]

        def step():
            x, y = data[self.count % BATCHES]
            self.count += 1
            self.value = criterion(model(x), y)
            self.value.backward()
            optimizer.step()
            optimizer.zero_grad()

        self.step = step

    def read(self):
        return self.value.detach().flatten()[:4].tolist()


class Jax:
    def __init__(self, workload):
        import jax

        self.jax, self.count = jax, 0
        self.about = f"JAX {jax.__version__}, {threads} thread(s)"
        if workload["kind"] == "matmul":
            self.value, b = map(jax.numpy.asarray, matrices(workload["n"]))
            multiply = jax.jit(lambda x, y: jax.numpy.matmul(x, y, precision="float32"))
            self.step = lambda: setattr(self, "value", multiply(self.value, b))
        else:
            self.training(workload)

    def training(self, workload):
        jax, jnp, lax = self.jax, self.jax.numpy, self.jax.lax

        def forward(params, h):
            for index, layer in enumerate(workload["layers"]):
                kind = layer["type"]
                if kind == "linear":
                    h = h @ params[index][0].T + params[index][1]
                elif kind == "conv":
                    h = lax.conv(h, params[index][0], (1, 1), "SAME") + params[index][1][:, None, None]
                elif kind == "relu":
                    h = jax.nn.relu(h)
                elif kind == "tanh":
                    h = jnp.tanh(h)
                elif kind == "pool":
                    h = lax.reduce_window(h, -jnp.inf, lax.max, (1, 1, 2, 2), (1, 1, 2, 2), "VALID")
                else:
                    h = h.reshape(workload["batch"], -1)
            return h

        def loss_of(params, x, y):
            out = forward(params, x)
            if workload["loss"] == "mse":
                return jnp.mean((out - y) ** 2)
            return -jnp.mean(jnp.take_along_axis(jax.nn.log_softmax(out), y[:, None], 1))

        def train(params, m, v, t, x, y):
            loss, g = jax.value_and_grad(loss_of)(params, x, y)
            t = t + 1
            m = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, m, g)
            v = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, v, g)
            m_scale, v_scale = 1 / (1 - 0.9**t), 1 / (1 - 0.999**t)
            update = lambda p, m, v: p - workload["lr"] * m * m_scale / (jnp.sqrt(v * v_scale) + 1e-8)
            return jax.tree.map(update, params, m, v), m, v, t, loss

        train = jax.jit(train, donate_argnums=(0, 1, 2, 3))
        params = jax.tree.map(jnp.asarray, parameters(workload))
        zeros = lambda: jax.tree.map(jnp.zeros_like, params)
        self.state = (params, zeros(), zeros(), jnp.float32(0))
        data = [tuple(map(jnp.asarray, pair)) for pair in batches(workload)]

        def step():
            *self.state, self.value = train(*self.state, *data[self.count % BATCHES])
            self.count += 1

        self.step = step

    def read(self):
        return np.asarray(self.value).flatten()[:4].tolist()


job = None


def answer(op, workload=None, steps=0):
    global job
    if op == "prepare":
        job = {"torch": Torch, "jax": Jax}[framework](workload)
        return {"about": job.about}
    if op == "check":
        values = []
        for _ in range(steps):
            job.step()
            values += job.read()
        return {"values": values}
    start = time.perf_counter()
    for _ in range(steps):
        job.step()
    job.read()
    return {"ms": (time.perf_counter() - start) * 1000}


for line in sys.stdin:
    try:
        reply = answer(**json.loads(line))
    except Exception as error:
        reply = {"error": str(error)}
    print(json.dumps(reply), flush=True)
