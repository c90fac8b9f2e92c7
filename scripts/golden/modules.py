"""Whole modules: outputs, gradients, and what ten steps of training make of their weights."""

import hashlib
import math

import torch
from recorder import as_tuple, plain, settle

STEPS = 10
LR = 0.01
MOMENTUM = 0.9


def scattered(count, seed):
    """`count` numbers in [−½, ½) that a formula gives: test/golden/modules.ts has it too, so that no weights are stored."""
    h = torch.arange(count, dtype=torch.int64) + seed * 1_000_003
    h = (h * 2654435761) & 0xFFFFFFFF
    h = ((h ^ (h >> 15)) * 2246822519) & 0xFFFFFFFF
    return (h ^ (h >> 13)).double() / 2**32 - 0.5


def initial(name, shape, position):
    """The value at the beginning of entry `position` of a state dict."""
    values = scattered(math.prod(shape), position).reshape(shape)
    if name.endswith("num_batches_tracked"):
        return torch.zeros(shape)
    if name.endswith("running_var"):
        return 1 + values
    if len(shape) > 1:
        return values * math.sqrt(24 / math.prod(shape[1:]))  # the variance is 2 / fan-in
    return 1 + values if name.endswith("weight") else values


def digest(values, position):
    """⟨values, scattered numbers⟩: one number that stands for many."""
    return (values.double().flatten() * scattered(values.numel(), position)).sum()


def trained(module, inputs, cotangents, steps, lr):
    """Outputs and gradients of the first step, by name, and the state after the last."""
    if steps == 0:
        return [[x.detach() for x in as_tuple(module.eval()(*inputs))], [], [], []]
    leaves = [x.clone().requires_grad_(x.is_floating_point()) for x in inputs]
    optimizer = torch.optim.SGD(module.parameters(), lr=lr, momentum=MOMENTUM)
    first = None
    for _ in range(steps):
        outs = as_tuple(module(*leaves))
        for x in [*leaves, *module.parameters()]:
            x.grad = None
        sum((out * c.to(out.dtype)).sum() for out, c in zip(outs, cotangents)).backward()
        if first is None:
            grads = [*(x.grad for x in leaves if x.requires_grad), *(p.grad for p in module.parameters())]
            first = [[x.detach().clone() for x in outs], [g.clone() for g in grads]]
        optimizer.step()
    after = list(module.state_dict().values()) if steps > 1 else []
    evaluated = as_tuple(module.eval()(*inputs)) if steps > 1 else []
    return [*first, after, [x.detach() for x in evaluated]]


def filled(make, dtype, rounded):
    """A module of this dtype, with the formula's values rounded to another."""
    module = make().to(dtype)
    state = module.state_dict()
    values = {name: initial(name, x.shape, i).to(rounded) for i, (name, x) in enumerate(state.items())}
    module.load_state_dict(values)
    return module.train()


def state_of(module, whole):
    """Names and shapes of a state dict; of a whole network, what they hash to."""
    names = [[name, list(x.shape)] for name, x in module.state_dict().items()]
    lines = "".join(f"{name} {','.join(map(str, shape))}\n" for name, shape in names)
    return hashlib.sha256(lines.encode()).hexdigest() if whole else names


def module_case(r, op, make, inputs, options=None, note="", whole=False, forward=False, lr=LR, dtype=None):
    """
    Records outputs and gradients of one step in the dtype of the first input, or in `dtype` of inputs that are integers; in float64 also the state after ten steps of
    SGD with momentum on Σ ⟨output, cotangent⟩, and the outputs in evaluation after them. Of a `whole` network, gradients
    and states are stored as one number each. `forward` records outputs in evaluation only. A smaller `lr` keeps deep
    networks, whose loss has no bounds, near to where they begin.
    """
    dtype = dtype or inputs[0].dtype
    steps = 0 if forward else STEPS if dtype == torch.float64 else 1
    probe = filled(make, torch.float64, dtype)
    double = [x.double() if x.is_floating_point() else x for x in inputs]
    cotangents = [] if forward else [r.cotangent(out) for out in as_tuple(probe(*double))]
    precise = trained(filled(make, torch.float64, dtype), double, cotangents, steps, lr)
    found = precise
    if dtype == torch.float32:
        single = trained(filled(make, dtype, dtype), inputs, cotangents, steps, lr)
        found = [[settle(a, b) for a, b in zip(*pair)] for pair in zip(single, precise)]
    outs, grads, after, evaluated = found
    if whole and not forward:
        grads, after = [torch.stack([digest(x, i) for i, x in enumerate(part)]) for part in (grads, after)]
        grads, after = [grads], [after]
    entry = r.entry(op, inputs, options or {}, note)
    entry["inputs"] += [r.put(c.to(dtype)) for c in cotangents]
    recorded = {"taken": len(inputs), "steps": steps, "state": state_of(probe, whole), **({"lr": lr} if lr != LR else {})}
    entry["options"] = plain({**(options or {}), **recorded})
    entry["outputs"] = [r.put(x) for x in [*outs, *grads, *after, *evaluated]]
    r.cases.append(entry)


def state_case(r, op, make, options=None, note=""):
    """Records what the names and shapes of a network's state dict hash to."""
    entry = r.entry(op, [], options or {}, note or "state dict")
    entry["options"] = plain({**(options or {}), "taken": 0, "steps": 0, "state": state_of(make(), True)})
    entry["outputs"] = []
    r.cases.append(entry)
