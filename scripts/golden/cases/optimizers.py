"""Twenty steps of each optimizer in float64, on a loss that is not separable from its curvature."""

import itertools

import torch

F64 = torch.float64
STEPS = 20

SGD = [
    dict(lr=lr, momentum=momentum, dampening=dampening, weightDecay=decay, nesterov=nesterov, maximize=maximize)
    for lr, momentum, dampening, decay, nesterov, maximize in [
        (0.05, 0, 0, 0, False, False),
        (0.01, 0, 0, 0.1, False, False),
        (0.02, 0.9, 0, 0, False, False),
        (0.02, 0.9, 0.5, 0, False, False),
        (0.02, 0.9, 0, 0.05, False, False),
        (0.02, 0.9, 0, 0, True, False),
        (0.02, 0.8, 0, 0.1, True, False),
        (0.03, 0.5, 0.9, 0.2, False, False),
        (0.001, 0.99, 0, 0, False, False),
        (0.001, 0.9, 0, 0.1, False, True),
    ]
]
ADAM = [
    dict(lr=lr, betas=betas, eps=eps, weightDecay=decay, amsgrad=amsgrad)
    for (lr, betas, eps), decay, amsgrad in itertools.product(
        [
            (0.001, (0.9, 0.999), 1e-8),
            (0.1, (0.9, 0.999), 1e-8),
            (0.05, (0.5, 0.9), 1e-8),
            (0.05, (0.8, 0.95), 1e-3),
            (0.1, (0.0, 0.99), 1e-8),
        ],
        [0, 0.1],
        [False, True],
    )
]
SNAKE = {"weightDecay": "weight_decay"}


def loss(p, q, a, b):
    """Σ a·(p − b)² + ¼ Σ q⁴ + Σp·Σq, of p (2, 3), q (4,), a (2, 3), b (2, 3)."""
    return (a * (p - b) ** 2).sum() + 0.25 * (q**4).sum() + p.sum() * q.sum()


def trajectory(make, start, fixed):
    params = [x.clone().requires_grad_(True) for x in start]
    optimizer = make(params)
    seen = [[] for _ in params]
    for _ in range(STEPS):
        optimizer.zero_grad()
        loss(*params, *fixed).backward()
        optimizer.step()
        for kept, p in zip(seen, params):
            kept.append(p.detach().clone())
    return [torch.stack(kept) for kept in seen]


def record(r):
    for op, configurations, make in (
        ("SGD", SGD, torch.optim.SGD),
        ("Adam", ADAM, torch.optim.Adam),
        ("AdamW", ADAM, torch.optim.AdamW),
    ):
        for options in configurations:
            start = [r.normal(2, 3, dtype=F64), r.normal(4, dtype=F64)]
            fixed = [r.uniform(0.5, 2, 2, 3, dtype=F64), r.normal(2, 3, dtype=F64)]
            settings = {SNAKE.get(key, key): value for key, value in options.items()}
            seen = trajectory(lambda params: make(params, **settings), start, fixed)
            r.plain_case(op, [*start, *fixed], seen, options)
