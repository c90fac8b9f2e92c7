"""Fifty steps of an optimizer in float64, on a loss that is not separable from its curvature."""

import torch

F64 = torch.float64
STEPS = 50
# A path is compared where it begins and at every fifth step: an error would only grow.
KEPT = [*range(4), *range(4, STEPS, 5)]
SNAKE = {
    "weightDecay": "weight_decay",
    "lrDecay": "lr_decay",
    "initialAccumulatorValue": "initial_accumulator_value",
    "momentumDecay": "momentum_decay",
    "stepSizes": "step_sizes",
    "beta2Decay": "beta2_decay",
    "nsSteps": "ns_steps",
    "nsCoefficients": "ns_coefficients",
    "adjustLrFn": "adjust_lr_fn",
    "maxIter": "max_iter",
    "maxEval": "max_eval",
    "toleranceGrad": "tolerance_grad",
    "toleranceChange": "tolerance_change",
    "historySize": "history_size",
    "lineSearchFn": "line_search_fn",
}


def snake(options):
    """Options by their names in PyTorch."""
    return {SNAKE.get(key, key): value for key, value in options.items()}


def loss(p, q, a, b):
    """Σ a·(p − b)² + ¼ Σ q⁴ + Σp·Σq, of p and q, with a and b of p's shape."""
    return (a * (p - b) ** 2).sum() + 0.25 * (q**4).sum() + p.sum() * q.sum()


class Shared:
    """
    What PyTorch's optimizers lack, around one of them: `l1`, the proximal step; `maximize`, by the sign of the gradient;
    weight decay, into the gradient or decoupled.
    """

    def __init__(self, make, l1=0, maximize=False, coupled=0, decoupled=0):
        self.make = make
        self.l1, self.maximize, self.coupled, self.decoupled = l1, maximize, coupled, decoupled

    def __call__(self, groups):
        self.optimizer = self.make(groups)
        self.param_groups = self.optimizer.param_groups
        return self

    def step(self, closure):
        value = closure()
        with torch.no_grad():
            for group in self.param_groups:
                for p in group["params"]:
                    if p.grad is None:
                        continue
                    if self.maximize:
                        p.grad.neg_()
                    p.grad.add_(p, alpha=self.coupled)
                    p.mul_(1 - group["lr"] * self.decoupled)
        self.optimizer.step()
        with torch.no_grad():
            for group in self.param_groups:
                for p in group["params"]:
                    if self.l1 and p.grad is not None:
                        p.copy_(torch.nn.functional.softshrink(p, group["lr"] * self.l1))
        return value


def trajectory(make, start, fixed, groups=None, sparse=False):
    """
    Both parameters at the kept steps. `make` is given the groups, one with both parameters unless `groups` holds the
    options of one for each. `sparse` keeps q without a gradient in steps 1, 4, 7, … and p in step 2.
    """
    p, q = params = [x.clone().requires_grad_(True) for x in start]
    optimizer = make([{"params": [x], **own} for x, own in zip(params, groups)] if groups else [{"params": params}])
    seen = [[] for _ in params]
    for i in range(STEPS):
        known = (p.detach() if sparse and i == 2 else p, q.detach() if sparse and i % 3 == 1 else q)

        def closure():
            for x in params:
                x.grad = None
            value = loss(*known, *fixed)
            value.backward()
            return value

        optimizer.step(closure)
        if i in KEPT:
            for kept, x in zip(seen, params):
                kept.append(x.detach().clone())
    return [torch.stack(kept) for kept in seen]


def path(r, op, options, make, note="", shapes=((2, 3), (4,))):
    """
    Records one path. Of the options, `groups` and `sparse` are the trajectory's, and `make(groups, **others)` is given the
    others, by PyTorch's names.
    """
    own = snake({key: value for key, value in options.items() if key not in ("groups", "sparse")})
    groups = options.get("groups") and [snake(group) for group in options["groups"]]

    def run(start, fixed):
        torch.set_default_dtype(F64)  # in which PyTorch keeps some scalars of its states
        seen = trajectory(lambda given: make(given, **own), start, fixed, groups, options.get("sparse", False))
        torch.set_default_dtype(torch.float32)
        return seen

    for _ in range(10):
        start = [r.normal(*shape, dtype=F64) for shape in shapes]
        fixed = [r.uniform(0.5, 2, *shapes[0], dtype=F64), r.normal(*shapes[0], dtype=F64)]
        seen = run(start, fixed)
        # Along some paths one bit grows beyond any tolerance: they say nothing.
        nearby = run([x * (1 + 1e-15) for x in start], fixed)
        if all(float((x - y).abs().max()) < 1e-9 for x, y in zip(seen, nearby)):
            return r.plain_case(op, [*start, *fixed], seen, options, note)
    raise AssertionError(f"{op} {options}: no path that rounding leaves alone")
