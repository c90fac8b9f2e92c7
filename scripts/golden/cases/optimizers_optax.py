"""Paths of the optimizers that optax has and PyTorch lacks, along the gradients of one loss."""

import itertools

import torch
from trajectory import path

MADE_WITH = ["torch", "optax", "jax"]
TORCH = 2

LION = [
    dict(lr=lr, betas=betas, weightDecay=decay)
    for lr, betas, decay in itertools.product(
        [0.001, 0.01, 0.1], [(0.9, 0.99), (0.95, 0.98), (0.5, 0.9), (0.0, 0.5)], [0.0, 0.1, 1.0]
    )
] + [dict(lr=1e-4), dict(lr=0.02, betas=(0.9, 0.0))]
LAMB = [
    dict(lr=lr, betas=betas, eps=eps, weightDecay=decay)
    for (lr, eps), betas, decay in itertools.product(
        [(0.001, 1e-6), (0.05, 1e-6), (0.02, 1e-2)], [(0.9, 0.999), (0.8, 0.95), (0.0, 0.9)], [0.0, 0.1, 1.0]
    )
] + [dict(lr=0.01), dict(lr=0.2), dict(lr=0.05, eps=1.0)]


class Optax:
    """An optimizer of optax with the face of PyTorch's; the gradients are PyTorch's."""

    def __init__(self, make, groups, lr, betas=None, **others):
        import jax
        import optax

        jax.config.update("jax_enable_x64", True)
        moments = {} if betas is None else dict(b1=betas[0], b2=betas[1])
        self.optimizer, self.apply = getattr(optax, make)(lr, **moments, **others), optax.apply_updates
        self.params = groups[0]["params"]
        self.values = [p.detach().numpy().copy() for p in self.params]
        self.state = self.optimizer.init(self.values)

    def step(self, closure):
        value = closure()
        updates, self.state = self.optimizer.update([p.grad.numpy() for p in self.params], self.state, self.values)
        self.values = self.apply(self.values, updates)
        with torch.no_grad():
            for p, x in zip(self.params, self.values):
                p.copy_(torch.tensor(x.tolist(), dtype=p.dtype))
        return value


def record(r):
    for op, configurations, name in (("Lion", LION, "lion"), ("LAMB", LAMB, "lamb")):
        for options in configurations:
            path(r, op, options, lambda groups, **settings: Optax(name, groups, **settings))
