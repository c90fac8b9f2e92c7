"""Fifty steps of each optimizer, and of the forms that PyTorch lacks as their papers write them."""

import itertools
import math

import torch
from trajectory import F64, Shared, path

optim = torch.optim
PAPER = "{}, in PyTorch's tensors"


def grid(**axes):
    return [dict(zip(axes, values)) for values in itertools.product(*axes.values())]


def chosen(configurations):
    """Without the options that say the default: those cases see that it is the default."""
    defaults = {"weightDecay": 0, "momentum": 0, "dampening": 0, "lrDecay": 0, "initialAccumulatorValue": 0}
    return [
        {key: value for key, value in options.items() if value is not False and defaults.get(key) != value}
        for options in configurations
    ]


def common(base, other, lr, climbing):
    """What every optimizer has: groups of their own options, parameters without gradients, climbing."""
    return [
        {**base, "sparse": True},
        {**other, "sparse": True},
        {**base, "groups": [{"lr": lr}, {"lr": lr / 3}]},
        {**base, "groups": [{"weightDecay": 0.1}, {"lr": lr / 2}]},
        {**other, "groups": [{"lr": lr, "weightDecay": 0.2}, {}], "sparse": True},
        {**base, "lr": climbing, "maximize": True},
        {**other, "lr": climbing, "maximize": True, "sparse": True},
    ]


SGD = chosen(
    [
        dict(lr=lr, momentum=momentum, dampening=dampening, weightDecay=decay, nesterov=nesterov)
        for lr, momentum, dampening, decay, nesterov in [
            (0.05, 0, 0, 0, False),
            (0.01, 0, 0, 0.1, False),
            (0.001, 0, 0, 1, False),
            (0.02, 0.9, 0, 0, False),
            (0.02, 0.9, 0.5, 0, False),
            (0.02, 0.9, 0, 0.05, False),
            (0.01, 0.5, 0, 0, False),
            (0.03, 0.5, 0.9, 0.2, False),
            (0.001, 0.99, 0, 0, False),
            (0.001, 0.99, 0.99, 0.1, False),
            (0.02, 0.9, 0, 0, True),
            (0.02, 0.8, 0, 0.1, True),
            (0.005, 0.99, 0, 0, True),
            (0.05, 0.3, 0, 0.01, True),
        ]
    ]
) + common(dict(lr=0.02, momentum=0.9), dict(lr=0.01, momentum=0.8, dampening=0.3), 0.02, 0.001)
ADAM = grid(
    lr_betas_eps=[
        (0.001, (0.9, 0.999), 1e-8),
        (0.1, (0.9, 0.999), 1e-8),
        (0.05, (0.5, 0.9), 1e-8),
        (0.05, (0.8, 0.95), 1e-3),
        (0.1, (0.0, 0.99), 1e-8),
    ],
    weightDecay=[0, 0.1],
    amsgrad=[False, True],
)
ADAM = [{**dict(zip(("lr", "betas", "eps"), case.pop("lr_betas_eps"))), **case} for case in ADAM]
# AdamW's weight decay is 0.01 unless 0 is said.
ADAM += [{}, dict(lr=0.05), dict(lr=0.03, amsgrad=True)]
ADAM += common(dict(lr=0.05), dict(lr=0.1, amsgrad=True, weightDecay=0.1), 0.1, 0.01)
ADAGRAD = (
    [{}]
    + chosen(grid(lr=[0.01, 0.5], lrDecay=[0, 0.1], initialAccumulatorValue=[0, 0.1], weightDecay=[0, 0.2]))
    + chosen(grid(lr=[0.2], lrDecay=[0, 0.01], eps=[1e-3, 0.5], weightDecay=[0, 0.1]))
    + common(dict(lr=0.5), dict(lr=0.2, lrDecay=0.05, initialAccumulatorValue=1), 0.3, 0.1)
)
ADADELTA = (
    [{}]
    + chosen(grid(lr=[1, 10], rho=[0.9, 0.5], weightDecay=[0, 0.1], eps=[1e-6, 1e-3]))
    + chosen(grid(rho=[0, 0.95, 0.99], eps=[1e-2, 1e-8]))
    + common(dict(lr=5), dict(rho=0.8, eps=1e-4), 3, 1)
)
RMSPROP = (
    [{}]
    + chosen(grid(lr=[0.01], alpha=[0.99, 0.9], momentum=[0, 0.9], centered=[False, True], weightDecay=[0, 0.1]))
    + chosen(grid(lr=[0.02], alpha=[0.5], eps=[1e-8, 1e-2], momentum=[0, 0.5], centered=[False, True]))
    + common(dict(lr=0.02), dict(lr=0.01, momentum=0.9, centered=True), 0.03, 0.005)
)
RPROP = (
    [{}]
    + grid(lr=[0.01, 0.1], etas=[(0.5, 1.2), (0.3, 1.1), (0.8, 2)], stepSizes=[(1e-6, 50), (1e-3, 0.1)])
    + grid(lr=[0.001, 1], etas=[(0.5, 1.2), (0.7, 1.5)])
    + grid(lr=[0.05], stepSizes=[(1e-2, 0.05), (1e-6, 0.2), (0.1, 0.1)])
    + [
        dict(lr=0.1, sparse=True),
        dict(etas=(0.6, 1.3), sparse=True),
        dict(groups=[dict(lr=0.1), dict(etas=(0.4, 1.1))]),
        dict(lr=0.03, groups=[dict(stepSizes=(1e-3, 0.1)), dict(lr=0.3)], sparse=True),
        dict(lr=0.001, stepSizes=(1e-6, 0.1), maximize=True),
        dict(lr=0.01, stepSizes=(1e-6, 0.05), maximize=True, sparse=True),
    ]
)
ADAMAX = (
    [{}]
    + chosen(grid(lr=[0.002, 0.1], betas=[(0.9, 0.999), (0.5, 0.9), (0.0, 0.99)], weightDecay=[0, 0.1]))
    + chosen(grid(lr=[0.05], betas=[(0.95, 0.9), (0.8, 0.5)], eps=[1e-3, 1], weightDecay=[0, 0.5]))
    + [dict(lr=0.03), dict(lr=0.2, eps=1e-4)]
    + common(dict(lr=0.05), dict(lr=0.1, betas=(0.8, 0.9)), 0.1, 0.01)
)
NADAM = (
    [{}]
    + chosen(grid(lr=[0.002, 0.1], betas=[(0.9, 0.999), (0.5, 0.9)], weightDecay=[0, 0.1], momentumDecay=[4e-3, 0.1]))
    + chosen(grid(lr=[0.05], eps=[1e-3, 0.1], momentumDecay=[0, 1], weightDecay=[0, 0.5]))
    + common(dict(lr=0.05), dict(lr=0.1, betas=(0.8, 0.9)), 0.1, 0.01)[:5]
)
# β₂ = 0.5 and 0.6 are never rectified, 0.8 soon, 0.999 from step 6 on.
RADAM = (
    [{}]
    + chosen(grid(lr=[0.001, 0.05], betas=[(0.9, 0.999), (0.8, 0.9), (0.0, 0.99)], weightDecay=[0, 0.1]))
    + chosen(grid(lr=[0.01], betas=[(0.9, 0.5), (0.9, 0.6), (0.9, 0.8)], eps=[1e-8, 1e-2], weightDecay=[0, 0.2]))
    + common(dict(lr=0.05), dict(lr=0.02, betas=(0.8, 0.9)), 0.03, 0.01)[:5]
)


# A learning rate for each.
SHARED = {
    **dict(SGD=0.02, Adam=0.05, AdamW=0.05, Adagrad=0.3, Adadelta=5),
    **dict(RMSprop=0.02, Rprop=0.05, Adamax=0.05, NAdam=0.05, RAdam=0.05),
}


class Written:
    """A formula as it is written: `rule(p, g, state, t, group)` gives the next p. `ahead` says where the gradient is taken."""

    def __init__(self, rule, groups, ahead=None, **defaults):
        self.rule, self.ahead = rule, ahead
        self.param_groups = [{"weight_decay": 0, **defaults, **group} for group in groups]
        self.states = {p: {} for group in self.param_groups for p in group["params"]}

    def each(self):
        return [(p, self.states[p], group) for group in self.param_groups for p in group["params"]]

    def step(self, closure=lambda: None):
        value = None
        with torch.no_grad():
            origins = {p: p.clone() for p in self.states}
            if self.ahead:
                for p, state, group in self.each():
                    p.copy_(self.ahead(p, state, group))
        value = closure()
        with torch.no_grad():
            for p, state, group in self.each():
                g = None if p.grad is None else p.grad + group["weight_decay"] * p
                p.copy_(origins[p])
                if g is not None:
                    state["t"] = state.get("t", 0) + 1
                    p.copy_(self.rule(p.clone(), g, state, state["t"], group))
        return value


def averaged(p, g, s, t, o):
    s["v"] = o["momentum"] * s.get("v", 0) + (1 - o["momentum"]) * g
    return p - o["lr"] * s["v"]


def velocity(p, g, s, t, o):
    s["d"] = o["momentum"] * s.get("d", 0) - o["lr"] * g
    return p + s["d"]


def look_ahead(p, s, o):
    return p - o["lr"] * o["momentum"] * s.get("v", torch.zeros_like(p))


def epsilon_hat(p, g, s, t, o):
    b1, b2 = o["betas"]
    s["m"] = b1 * s.get("m", 0) + (1 - b1) * g
    s["v"] = b2 * s.get("v", 0) + (1 - b2) * g**2
    alpha = o["lr"] * math.sqrt(1 - b2**t) / (1 - b1**t)
    return p - alpha * s["m"] / (torch.sqrt(s["v"]) + o["eps"])


def adagrad_inside(p, g, s, t, o):
    s["G"] = s.get("G", o["initial_accumulator_value"]) + g**2
    return p - o["lr"] / (1 + (t - 1) * o["lr_decay"]) * g / torch.sqrt(s["G"] + o["eps"])


def rmsprop_inside(p, g, s, t, o):
    a = o["alpha"]
    s["n"] = a * s.get("n", 0) + (1 - a) * g**2
    s["g"] = a * s.get("g", 0) + (1 - a) * g
    spread = s["n"] - s["g"] ** 2 if o["centered"] else s["n"]
    s["d"] = o["momentum"] * s.get("d", 0) + g / torch.sqrt(spread + o["eps"])
    return p - o["lr"] * s["d"]


def backtracking(p, g, s, t, o):
    """Weight by weight, as in the paper's listing."""
    (less, more), (low, high) = o["etas"], o["step_sizes"]
    n = p.numel()
    size = s.setdefault("size", [o["lr"]] * n)
    before = s.setdefault("g", [0.0] * n)
    last = s.setdefault("move", [0.0] * n)
    out = p.flatten().tolist()
    for i, gradient in enumerate(g.flatten().tolist()):
        if before[i] * gradient < 0:
            size[i] = max(size[i] * less, low)
            last[i] = -last[i]
            before[i] = 0.0
        else:
            if before[i] * gradient > 0:
                size[i] = min(size[i] * more, high)
            last[i] = -math.copysign(size[i], gradient) if gradient != 0 else 0.0
            before[i] = gradient
        out[i] += last[i]
    return torch.tensor(out, dtype=F64).reshape(p.shape)


def written(rule, ahead=None, **defaults):
    return lambda groups, **options: Written(rule, groups, ahead, **{**defaults, **options})


FORMS = [
    (
        "SGD",
        "Ng 2017",
        written(averaged),
        [
            dict(form="averaged", lr=0.1, momentum=0.9),
            dict(form="averaged", lr=0.05, momentum=0.5, weightDecay=0.1),
            dict(form="averaged", lr=0.2, momentum=0.99),
            dict(form="averaged", lr=0.1, momentum=0.9, sparse=True),
            dict(form="averaged", lr=0.1, momentum=0.9, groups=[dict(momentum=0.8), dict(lr=0.05)]),
        ],
    ),
    (
        "SGD",
        "Rumelhart et al. 1986",
        written(velocity),
        [
            dict(form="velocity", lr=0.01, momentum=0.9),
            dict(form="velocity", lr=0.02, momentum=0.5, weightDecay=0.1),
            dict(form="velocity", lr=0.001, momentum=0.99),
            dict(form="velocity", lr=0.01, momentum=0.9, sparse=True),
            dict(form="velocity", lr=0.01, momentum=0.9, groups=[dict(momentum=0.8), dict(lr=0.005)]),
        ],
    ),
    (
        "Nesterov",
        "Nesterov 1983",
        written(averaged, look_ahead, momentum=0.9),
        [dict(lr=0.1)]
        + chosen(grid(lr=[0.01, 0.05, 0.08], momentum=[0.3, 0.5, 0.9, 0.99], weightDecay=[0, 0.1]))
        + common(dict(lr=0.1), dict(lr=0.05, momentum=0.5), 0.1, 0.01)[:5],
    ),
    (
        "Adam",
        "Kingma and Ba 2015, section 2",
        written(epsilon_hat, betas=(0.9, 0.999), eps=1e-8, lr=1e-3),
        [dict(form="epsilonHat")]
        + [{**options, "form": "epsilonHat"} for options in chosen(grid(lr=[0.1], eps=[1e-8, 1e-3], weightDecay=[0, 0.1]))]
        + [dict(form="epsilonHat", lr=0.05, betas=(0.5, 0.9), sparse=True)],
    ),
    (
        "Adagrad",
        "Duchi et al. 2011",
        written(adagrad_inside, initial_accumulator_value=0, lr_decay=0, eps=1e-10, lr=0.01),
        [
            {**options, "epsInsideRoot": True}
            for options in [{}, dict(lr=0.3, eps=1e-2), dict(lr=0.3, lrDecay=0.1, initialAccumulatorValue=0.1, eps=0.1)]
        ],
    ),
    (
        "RMSprop",
        "Graves 2013",
        written(rmsprop_inside, alpha=0.99, eps=1e-8, momentum=0, centered=False, lr=0.01),
        [
            {**options, "epsInsideRoot": True}
            for options in [{}]
            + chosen(grid(lr=[0.01], alpha=[0.9], eps=[1e-2], momentum=[0, 0.9], centered=[False, True]))
            + [dict(lr=0.02, weightDecay=0.1, eps=1e-4)]
        ],
    ),
    (
        "Rprop",
        "Riedmiller and Braun 1993",
        written(backtracking, lr=0.01, etas=(0.5, 1.2), step_sizes=(1e-6, 50)),
        [
            {**options, "weightBacktracking": True}
            for options in [{}, dict(lr=0.1), dict(lr=1), dict(lr=0.1, etas=(0.3, 1.5)), dict(lr=0.05, sparse=True)]
            + [dict(lr=0.1, stepSizes=(1e-3, 0.2)), dict(lr=0.02, weightDecay=0.5)]
        ],
    ),
]


def record(r):
    for op, configurations in (
        ("SGD", SGD),
        ("Adam", ADAM),
        ("AdamW", ADAM),
        ("Adagrad", ADAGRAD),
        ("Adadelta", ADADELTA),
        ("RMSprop", RMSPROP),
        ("Rprop", RPROP),
        ("Adamax", ADAMAX),
        ("NAdam", NADAM),
        ("RAdam", RADAM),
    ):
        for options in configurations:
            path(r, op, options, pytorch(op))
    for op, source, make, configurations in FORMS:
        r.reference = PAPER.format(source)
        for options in configurations:
            path(r, op, options, make)
    for op, lr in SHARED.items():
        for l1, sparse in ((0.5, False), (0.05, True)):
            around(r, op, "the proximal step of L1 after PyTorch's step", dict(lr=lr, l1=l1, sparse=sparse), l1=l1)
    for op in ("NAdam", "RAdam"):
        for sparse in (False, True):
            options = dict(lr=0.01, maximize=True, sparse=sparse)
            around(r, op, "PyTorch's step with the other sign", options, maximize=True)
        for decay in (0.1, 0.5):
            options = dict(lr=0.05, weightDecay=decay, decoupledWeightDecay=True)
            around(r, op, "PyTorch's step after Loshchilov and Hutter's weight decay", options, decoupled=decay)
    for decay in (0.1, 0.5):
        around(r, "Rprop", "PyTorch's step with λ·p in the gradient", dict(lr=0.05, weightDecay=decay), coupled=decay)
    r.reference = None


def pytorch(op):
    if op != "NAdam":
        return getattr(optim, op)

    def make(groups, **options):
        # Only with `foreach` is the next μ counted once.
        return optim.NAdam(groups, foreach=True, **options)

    return make


def around(r, op, source, options, **shared):
    r.reference = source
    path(r, op, options, lambda groups, lr, **_: Shared(lambda given: pytorch(op)(given, lr=lr), **shared)(groups))
