"""The two sides of an adversarial game. PyTorch has none of them: the papers' formulas, in its tensors."""

import torch
import torch.nn.functional as F

F32, F64 = torch.float32, torch.float64
FLOATS = (F32, F64)
REDUCTIONS = ("mean", "sum", "none")
INF, NAN = float("inf"), float("nan")

# kind: the paper, what the generator loses, and the discriminator by real and by made samples
GAMES = {
    "minimax": (
        "Goodfellow et al. 2014, formula 1",
        lambda f: F.logsigmoid(-f),
        lambda x: -F.logsigmoid(x),
        lambda f: -F.logsigmoid(-f),
    ),
    "non-saturating": (
        "Goodfellow et al. 2014, section 3",
        lambda f: -F.logsigmoid(f),
        lambda x: -F.logsigmoid(x),
        lambda f: -F.logsigmoid(-f),
    ),
    "least-squares": (
        "Mao et al. 2017, formula 9",
        lambda f: (f - 1) ** 2 / 2,
        lambda x: (x - 1) ** 2 / 2,
        lambda f: f**2 / 2,
    ),
    "wasserstein": ("Arjovsky et al. 2017, formula 2", lambda f: -f, lambda x: -x, lambda f: f),
    "hinge": (
        "Lim and Ye 2017, section 3",
        lambda f: -f,
        lambda x: F.relu(1 - x),
        lambda f: F.relu(1 + f),
    ),
}


def reduce(losses, reduction):
    return losses if reduction == "none" else losses.sum() if reduction == "sum" else losses.mean()


def games(r):
    for kind, (paper, generator, real, fake) in GAMES.items():
        r.reference = f"{paper}, in PyTorch's tensors"
        for dtype in FLOATS:
            for reduction in REDUCTIONS:
                options = {"kind": kind, "reduction": reduction}

                def lose(x, f):
                    return reduce(real(x), reduction) + reduce(fake(f), reduction)

                for shape in ((5,), (2, 1, 3), (0, 1), ()):
                    x, f = r.normal(*shape, dtype=dtype, scale=2), r.normal(*shape, dtype=dtype, scale=2)
                    r.case("generatorLoss", lambda f: reduce(generator(f), reduction), [f], options)
                    r.case("discriminatorLoss", lose, [x, f], options)
                if reduction != "none":
                    inputs = [r.normal(4, 1, dtype=dtype), r.normal(3, dtype=dtype)]
                    r.case("discriminatorLoss", lose, inputs, options, note="batches of two sizes")
            options = {"kind": kind, "reduction": "none"}
            edge = torch.tensor([0.0, 1.0, -1.0, 200.0, -200.0, 1e18, -1e18], dtype=dtype)
            r.case("generatorLoss", generator, [edge], options, note="kinks and far out")
            r.case(
                "discriminatorLoss", lambda x, f: real(x) + fake(f), [edge, edge.clone()], options, note="kinks, far out"
            )
            if kind != "least-squares":
                far = torch.tensor([1e30, -1e30], dtype=dtype)
                r.case("generatorLoss", generator, [far], options, note="1e30")
                r.case("discriminatorLoss", lambda x, f: real(x) + fake(f), [far, -far], options, note="1e30")
            odd = torch.tensor([NAN, INF, -INF], dtype=dtype)
            r.case("generatorLoss", generator, [odd], options, note="NaN and inf", grad=False)
        for shape in ((4,), (2, 3)):
            x, f = r.normal(*shape, dtype=F64), r.normal(*shape, dtype=F64)
            options = {"kind": kind, "reduction": "mean"}
            r.second("generatorLoss", lambda f: generator(f).mean(), [f], options, squared=True)
            r.second("discriminatorLoss", lambda x, f: (real(x) + fake(f)).mean(), [x, f], options, squared=True)
    r.reference = None


def critic_of(name):
    """What a critic makes of samples, from weights w and v."""
    return {
        "linear": lambda x, w, v: x.flatten(1) @ w @ v,
        "tanh": lambda x, w, v: torch.tanh(x.flatten(1) @ w) @ v,
        "square": lambda x, w, v: (x.flatten(1) @ w).pow(2) @ v,
        "softplus": lambda x, w, v: F.softplus(x.flatten(1) @ w) @ v,
    }[name]


def penalties(r):
    """Made samples that equal the real ones leave nothing to chance; under a linear critic others do not either."""
    r.reference = "Gulrajani et al. 2017, formula 3, by PyTorch's derivative of a derivative"
    for dtype in FLOATS:
        for name in ("linear", "tanh", "square", "softplus"):
            for shape, hidden in (((4, 3), 2), ((2, 2, 3), 4), ((1, 5), 1), ((3, 1, 2, 2), 3)):
                for weight in (10.0, 0.5):
                    size = torch.Size(shape[1:]).numel()
                    x = r.normal(*shape, dtype=dtype)
                    made = r.normal(*shape, dtype=dtype) if name == "linear" else x.clone()
                    w, v = r.normal(size, hidden, dtype=dtype, scale=0.5), r.normal(hidden, 1, dtype=dtype)

                    def penalty(x, made, w, v):
                        mixed = x.detach().requires_grad_(True)
                        out = critic_of(name)(mixed, w, v).sum()
                        (slope,) = torch.autograd.grad(out, mixed, create_graph=True)
                        return weight * (torch.linalg.vector_norm(slope.flatten(1), dim=1) - 1).pow(2).mean()

                    options = {"weight": weight, "critic": name}
                    r.case("gradientPenalty", penalty, [x, made, w, v], options, grad=[2, 3])
    r.reference = None


def cycles(r):
    r.reference = "Zhu et al. 2017, formula 2 and section 5.2, in PyTorch's tensors"
    for dtype in FLOATS:
        for op, weight in (("cycleConsistencyLoss", 10.0), ("identityLoss", 5.0)):
            for reduction in REDUCTIONS:
                for given in (None, 0.5):
                    for shape in ((4,), (2, 3), (1, 2, 2)):
                        options = {"reduction": reduction, **({} if given is None else {"weight": given})}
                        scale = weight if given is None else given

                        def both(x, a, y, b):
                            return scale * (reduce((a - x).abs(), reduction) + reduce((b - y).abs(), reduction))

                        r.case(op, both, [r.normal(*shape, dtype=dtype) for _ in range(4)], options)
                if reduction != "none":
                    x, y = r.normal(3, dtype=dtype), r.normal(2, 2, dtype=dtype)
                    note = "two shapes, some equal"
                    r.case(op, both, [x, x.clone(), y, y + 1], {"reduction": reduction, "weight": 0.5}, note=note)
                    empty = [torch.zeros(0, 3, dtype=dtype) for _ in range(4)]
                    r.case(op, both, empty, {"reduction": reduction, "weight": 0.5}, note="empty batch")
    for op, weight in (("cycleConsistencyLoss", 10.0), ("identityLoss", 5.0)):
        for shape in ((4,), (2, 3)):
            r.second(
                op,
                lambda x, a, y, b: weight * ((a - x).abs().mean() + (b - y).abs().mean()),
                [r.normal(*shape, dtype=F64) for _ in range(4)],
                {"reduction": "mean"},
                squared=True,
            )
    r.reference = None


def record(r):
    games(r)
    penalties(r)
    cycles(r)
