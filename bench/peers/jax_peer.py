"""JAX on the CPU: every step one jitted function, what it replaces given to it."""

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from shared_numbers import BATCHES, ROW, array, batches, initial, matrices, stack_parameters


def adam(state, g, t):
    """(parameters, first moments, second moments) after step t."""
    p, m, v = state
    m = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, m, g)
    v = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, v, g)
    m_scale, v_scale = 1 / (1 - 0.9**t), 1 / (1 - 0.999**t)
    update = lambda p, m, v: p - 1e-3 * m * m_scale / (jnp.sqrt(v * v_scale) + 1e-8)
    return jax.tree.map(update, p, m, v), m, v


def start_of(parameters):
    zeros = lambda: jax.tree.map(jnp.zeros_like, parameters)
    return parameters, zeros(), zeros()


class Job:
    def __init__(self, workload, threads):
        self.about = f"JAX {jax.__version__}, {threads} thread(s)"
        getattr(self, workload["kind"])(workload)

    def train(self, workload):
        config = workload["config"]

        def forward(p, h):
            for index, layer in enumerate(config["layers"]):
                kind = layer["type"]
                if kind == "linear":
                    h = h @ p[f"{index}.weight"].T + p[f"{index}.bias"]
                elif kind == "conv":
                    h = lax.conv(h, p[f"{index}.weight"], (1, 1), "SAME") + p[f"{index}.bias"][:, None, None]
                elif kind == "relu":
                    h = jax.nn.relu(h)
                elif kind == "tanh":
                    h = jnp.tanh(h)
                elif kind == "pool":
                    h = lax.reduce_window(h, -jnp.inf, lax.max, (1, 1, 2, 2), (1, 1, 2, 2), "VALID")
                else:
                    h = h.reshape(len(h), -1)
            return h

        def loss_of(p, x, y):
            out = forward(p, x)
            if config["loss"] == "mse":
                return jnp.mean((out - y) ** 2)
            return -jnp.mean(jnp.take_along_axis(jax.nn.log_softmax(out), y[:, None], 1))

        def update(state, t, x, y):
            loss, g = jax.value_and_grad(loss_of)(state[0], x, y)
            return adam(state, g, t + 1), t + 1, loss

        update = jax.jit(update, donate_argnums=(0, 1))
        parameters = jax.tree.map(jnp.asarray, stack_parameters(config))
        self.parameters = sum(p.size for p in parameters.values())
        state, t = start_of(parameters), jnp.float32(0)
        data = [tuple(map(jnp.asarray, pair)) for pair in batches(workload)]

        def step(i):
            nonlocal state, t
            state, t, self.value = update(state, t, *data[i % BATCHES])

        self.step = step
        self.read = lambda: [float(self.value)]

    def matmul(self, workload):
        a, b = map(jnp.asarray, matrices(workload["n"]))

        @jax.jit
        def multiply(a, b):
            for _ in range(workload["repeats"]):
                a = jnp.matmul(a, b, precision="float32")
            return a

        def step(_):
            self.value = multiply(a, b)

        self.step = step
        self.read = self.start

    def finish(self):
        jax.block_until_ready(self.value)

    def start(self):
        return np.asarray(self.value[0, :4]).tolist()

    def memory(self, workload):
        self.read = self.start
        self.value = jnp.asarray(array(1, workload["floats"]))
        if workload["op"] == "adam":
            return self.adam(workload)
        bias = jnp.asarray(initial("bias", (ROW,)))

        def layernorm(x):
            mean = x.mean(1, keepdims=True)
            return (x - mean) * lax.rsqrt(x.var(1, keepdims=True) + 1e-5) * (bias + 1) + bias

        operations = {
            "chain": lambda x: jnp.square(jax.nn.relu(x * 0.5 + 0.25)),
            "softmax": lambda x: jax.nn.softmax(x, 1),
            "layernorm": layernorm,
        }
        change = jax.jit(operations[workload["op"]], donate_argnums=0)

        def step(_):
            self.value = change(self.value)

        self.step = step

    def adam(self, workload):
        gradient = jnp.asarray(array(2, workload["floats"]))
        update = jax.jit(lambda state, t, g: (adam(state, g, t + 1), t + 1), donate_argnums=(0, 1))
        state, t = start_of(self.value), jnp.float32(0)

        def step(_):
            nonlocal state, t
            state, t = update(state, t, gradient)
            self.value = state[0]

        self.step = step
