"""Paths of the optimizers that PyTorch 1.13 lacks or has in an older form, of one loss."""

import itertools

import torch

from trajectory import path

TORCH = 2

ADAFACTOR = [
    dict(lr=lr, beta2Decay=decay, d=d, weightDecay=weight_decay)
    for lr, decay, d, weight_decay in itertools.product([0.01, 0.1], [-0.8, -0.5, 0.0], [1.0, 2.0], [0.0, 0.1])
] + [
    dict(),
    dict(lr=1.0),
    dict(lr=0.1, d=1.5),
    dict(lr=0.05, eps=[1e-3, 1e-3]),
    dict(lr=0.05, eps=[0.5, 1e-3]),
    dict(lr=0.05, eps=[1e-8, 2.0]),
    dict(lr=0.05, eps=[1e-8, 0.0]),
    dict(lr=0.01, maximize=True),
    dict(lr=0.02, maximize=True, weightDecay=0.2),
    dict(lr=0.02, sparse=True),
    dict(lr=0.02, beta2Decay=-0.5, weightDecay=0.1, sparse=True),
    dict(groups=[dict(lr=0.02, beta2Decay=-0.5), dict(lr=0.1, d=2.0, weightDecay=0.1)]),
    dict(lr=0.05, groups=[dict(eps=[1e-3, 0.1]), dict(lr=0.02)]),
]
MUON = [
    dict(lr=lr, momentum=momentum, nesterov=nesterov, weightDecay=decay)
    for lr, momentum, nesterov, decay in itertools.product([0.02, 0.1], [0.95, 0.5], [True, False], [0.1, 0.0])
] + [
    dict(),
    *(
        dict(lr=lr, adjustLrFn=how, weightDecay=decay)
        for how, lr, decay in itertools.product(["original", "matchRmsAdamw"], [0.05, 0.01], [0.1, 0.5])
    ),
    dict(lr=0.05, nsSteps=1),
    dict(lr=0.05, nsSteps=0),
    dict(lr=0.05, nsSteps=10, nsCoefficients=[2.0, -1.5, 0.5]),
    dict(lr=0.05, nsSteps=3, nsCoefficients=[1.875, -1.25, 0.375]),
    dict(lr=0.05, eps=100.0),
    dict(lr=0.05, momentum=0.0),
    dict(lr=0.05, momentum=0.0, nesterov=False),
]
LBFGS = [
    dict(lr=lr, maxIter=most, historySize=size, **search)
    for lr, most, size, search in itertools.product(
        [1.0, 0.25], [1, 2, 5, 20], [100, 3], [{}, {"lineSearchFn": "strongWolfe"}]
    )
] + [
    dict(),
    dict(lineSearchFn="strongWolfe"),
    dict(lr=0.1, maxIter=3, historySize=1),
    dict(maxIter=2, historySize=1, lineSearchFn="strongWolfe"),
    dict(maxIter=10, maxEval=4, lineSearchFn="strongWolfe"),
    dict(maxIter=10, maxEval=3),
    dict(toleranceGrad=1e-2),
    dict(toleranceChange=1e-3, lineSearchFn="strongWolfe"),
    # First trials that are far too long or too short: the line search has to work.
    *(
        dict(lr=lr, maxIter=most, historySize=size, lineSearchFn="strongWolfe")
        for lr, most, size in itertools.product([0.01, 7.0, 50.0, 1000.0], [1, 2], [2, 100])
    ),
]
SHAPES = [(2, 3), (3, 2), (2, 3), (4, 4), (2, 3), (1, 3), (3, 1)]
WORDS = {"strongWolfe": "strong_wolfe", "matchRmsAdamw": "match_rms_adamw"}


def worded(make):
    """Words among the settings as PyTorch has them."""
    word = lambda value: WORDS.get(value, value) if isinstance(value, str) else value
    return lambda groups, **settings: make(groups, **{key: word(value) for key, value in settings.items()})


class Muon64:
    """Muon as Jordan et al. 2024 have it, in the parameter's dtype, with the two sizes of steps of arXiv 2502.16982."""

    def __init__(
        self,
        matrix,
        rest=None,
        lr=1e-3,
        weight_decay=0.1,
        momentum=0.95,
        nesterov=True,
        ns_coefficients=(3.4445, -4.775, 2.0315),
        eps=1e-7,
        ns_steps=5,
        adjust_lr_fn="original",
    ):
        self.matrix, self.lr, self.weight_decay = matrix, lr, weight_decay
        self.momentum, self.nesterov = momentum, nesterov
        self.coefficients, self.eps, self.steps, self.adjust = ns_coefficients, eps, ns_steps, adjust_lr_fn
        self.average = torch.zeros_like(matrix)
        self.rest = rest

    def step(self, closure):
        closure()
        g, mu = self.matrix.grad, self.momentum
        self.average = mu * self.average + (1 - mu) * g
        x = (1 - mu) * g + mu * self.average if self.nesterov else self.average
        # An odd polynomial of a matrix acts on its singular values; the SVD says so without multiplying any matrices.
        u, s, vh = torch.linalg.svd(x, full_matrices=False)
        s = s / max(float((s**2).sum().sqrt()), self.eps)
        a, b, c = self.coefficients
        for _ in range(self.steps):
            s = a * s + b * s**3 + c * s**5
        rows, columns = x.shape
        size = max(1, rows / columns) ** 0.5 if self.adjust == "original" else 0.2 * max(rows, columns) ** 0.5
        with torch.no_grad():
            self.matrix -= self.lr * (self.weight_decay * self.matrix + size * (u * s) @ vh)
        if self.rest:
            self.rest.step()


def muon(groups, **settings):
    """Muon for the matrix, AdamW for the vector."""
    [matrix, vector] = groups[0]["params"]
    check_first_step(matrix.detach(), settings)
    return Muon64(matrix, torch.optim.AdamW([vector], lr=0.05), **settings)


def check_first_step(matrix, settings):
    """PyTorch rounds to bfloat16: its first step must be ours to a few hundredths of its length."""
    ours, theirs = (matrix.clone().requires_grad_(True) for _ in range(2))
    for p, optimizer in ((ours, Muon64(ours, **settings)), (theirs, torch.optim.Muon([theirs], **settings))):

        def closure(p=p):
            value = (p**2).sum() + p.sum() ** 2
            value.backward()
            return value

        optimizer.step(closure)
    assert (ours - theirs).norm() <= 0.05 * (ours - matrix).norm(), (settings, ours, theirs)


def record(r):
    for i, options in enumerate(ADAFACTOR):
        matrix, vector = [(2, 3), (2, 2, 3), (2, 3), (3, 1)][i % 4], () if i % 5 == 4 else (4,)
        path(r, "Adafactor", options, torch.optim.Adafactor, shapes=(matrix, vector))
    for i, options in enumerate(LBFGS):
        path(r, "LBFGS", options, worded(torch.optim.LBFGS), shapes=((2, 3), (4,)) if i < 40 else ((5, 4), (6,)))
    # PyTorch's own rounds to bfloat16: it is only near. The vector of each case is AdamW's.
    r.reference = "Jordan et al. 2024, in PyTorch's float64"
    for i, options in enumerate(MUON):
        path(r, "Muon", options, worded(muon), shapes=(SHAPES[i % len(SHAPES)], (4,)))
    r.reference = None
