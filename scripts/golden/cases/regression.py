"""Losses of numbers and of predicted distributions."""

import math

import torch
import torch.nn.functional as F

F32, F64 = torch.float32, torch.float64
FLOATS = (F32, F64)
INF, NAN = float("inf"), float("nan")
REDUCTIONS = ("mean", "sum", "none")
SHAPES = [(5,), (3, 4), (2, 3, 2), (), (1,), (0, 3)]
SNAKE = {"logInput": "log_input", "logTarget": "log_target"}


def snake(options):
    return {SNAKE.get(key, key): value for key, value in options.items()}


def reduced(losses, reduction):
    return {"mean": losses.mean, "sum": losses.sum, "none": lambda: losses}[reduction]()


def log_cosh(x, t, reduction):
    # log((eᵉ + e⁻ᵉ) / 2), by PyTorch's logaddexp, which subtracts the larger exponent
    e = x - t
    return reduced(torch.logaddexp(e, -e) - math.log(2), reduction)


def pinball(x, t, reduction, quantile=0.5):
    # Koenker and Bassett (1978): τ·|u| above and (1 − τ)·|u| below, in u = t − x
    u = t - x
    return reduced(u.abs() * torch.where(u > 0, quantile, 1 - quantile), reduction)


def mape(x, t, reduction, eps=2**-52):
    return reduced((x - t).abs() / torch.maximum(t.abs(), torch.tensor(eps, dtype=t.dtype)), reduction)


def extremes(dtype):
    """Errors that are large, infinite, tiny, nothing and no number."""
    x = torch.tensor([1e30, -1e30, INF, -INF, 1e-4, 0.0, NAN, 3.0], dtype=dtype)
    t = torch.tensor([0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, NAN], dtype=dtype)
    return x, t


def errors(r):
    losses = {
        "mseLoss": (F.mse_loss, [{}], None),
        "l1Loss": (F.l1_loss, [{}], None),
        "smoothL1Loss": (F.smooth_l1_loss, [{}, {"beta": 0.25}, {"beta": 0}, {"beta": 3}], None),
        "huberLoss": (F.huber_loss, [{}, {"delta": 0.25}, {"delta": 3}], None),
        "logCoshLoss": (log_cosh, [{}], "log cosh by PyTorch's logaddexp"),
        "quantileLoss": (
            pinball, [{}, {"quantile": 0.1}, {"quantile": 0.9}], "Koenker and Bassett 1978, in PyTorch's tensors"
        ),
        "mapeLoss": (mape, [{}, {"eps": 0.5}], "scikit-learn's formula, in PyTorch's tensors"),
    }
    for op, (f, variants, reference) in losses.items():
        r.reference = reference
        for dtype in FLOATS:
            for options in variants:
                for shape in [(3, 4), ()] if options else SHAPES:
                    for reduction in REDUCTIONS:
                        chosen = {"reduction": reduction, **options}
                        x, t = r.normal(*shape, dtype=dtype, scale=2), r.normal(*shape, dtype=dtype)
                        r.case(op, lambda a, b: f(a, b, **chosen), [x, t], chosen)
                if op in ("mseLoss", "mapeLoss"):
                    continue
                chosen = {"reduction": "none", **options}
                r.case(op, lambda a, b: f(a, b, **chosen), extremes(dtype), chosen, note="extremes", grad=False)
                if op == "logCoshLoss" or options.get("beta") == 0:
                    continue  # logaddexp's gradient of infinities is NaN, and that of beta = 0 is not l1_loss's at 0
                numbers = [x[:6] for x in extremes(dtype)]
                r.case(op, lambda a, b: f(a, b, **chosen), numbers, chosen, note="extremes, gradient", grad=[0])
        for options in variants:
            for shape in ((4,), (2, 3)):
                chosen = {"reduction": "mean", **options}
                r.second(
                    op,
                    lambda a, b: f(a, b, **chosen),
                    [r.normal(*shape, dtype=F64, scale=2), r.normal(*shape, dtype=F64)],
                    chosen,
                    squared=op in ("l1Loss", "quantileLoss") or options.get("beta") == 0,
                )
    r.reference = None
    for dtype in FLOATS:
        x, t = extremes(dtype)
        keep = torch.tensor([2, 3, 4, 5, 6, 7]) if dtype == F32 else torch.arange(8)  # 1e60 is beyond float32
        r.case(
            "mseLoss",
            lambda a, b: F.mse_loss(a, b, reduction="none"),
            [x[keep], t[keep]],
            {"reduction": "none"},
            note="extremes",
            grad=[0],
        )


def poisson(r):
    for dtype in FLOATS:
        for log_input in (True, False):
            for full in (False, True):
                for shape in [(5,), (3, 4), (), (0, 3)]:
                    for reduction in REDUCTIONS:
                        options = {"logInput": log_input, "full": full, "reduction": reduction}
                        x = r.normal(*shape, dtype=dtype) if log_input else r.uniform(0.1, 4, *shape, dtype=dtype)
                        t = r.integers(0, 6, *shape).to(dtype)
                        r.case(
                            "poissonNllLoss",
                            lambda a, b: F.poisson_nll_loss(a, b, **snake(options)),
                            [x, t],
                            options,
                            grad=[0],
                        )
        options = {"logInput": False, "eps": 0.01, "reduction": "none"}
        x, t = torch.tensor([0.0, 0.0, 1e30], dtype=dtype), torch.tensor([0.0, 2.0, 1.0], dtype=dtype)
        r.case(
            "poissonNllLoss",
            lambda a, b: F.poisson_nll_loss(a, b, **snake(options)),
            [x, t],
            options,
            note="a rate of 0",
        )
        options = {"reduction": "none"}
        x, t = torch.tensor([-1e30, 1e30, -200.0, NAN], dtype=dtype), torch.tensor([3.0, 0.0, 0.0, 1.0], dtype=dtype)
        r.case(
            "poissonNllLoss",
            lambda a, b: F.poisson_nll_loss(a, b, **options),
            [x, t],
            options,
            note="extremes",
            grad=[0],
        )
    for options in ({}, {"full": True}, {"logInput": False}):
        r.second(
            "poissonNllLoss",
            lambda a, b: F.poisson_nll_loss(a, b, **snake(options)),
            [r.uniform(0.2, 2, 2, 3, dtype=F64), r.uniform(1.5, 4, 2, 3, dtype=F64)],
            options,
        )


def gaussian(r):
    def f(options):
        return lambda x, t, v: F.gaussian_nll_loss(x, t, v, **options)

    for dtype in FLOATS:
        for full in (False, True):
            for shape, var_shape in [
                ((5,), (5,)), ((3, 4), (3, 4)), ((3, 4), (3, 1)), ((3, 4), (3,)), ((2, 3, 2), (2, 3)), ((0, 3), (0, 3))
            ]:
                for reduction in REDUCTIONS:
                    options = {"full": full, "reduction": reduction}
                    inputs = [
                        r.normal(*shape, dtype=dtype),
                        r.normal(*shape, dtype=dtype),
                        r.uniform(0.2, 3, *var_shape, dtype=dtype),
                    ]
                    r.case("gaussianNllLoss", f(options), inputs, options)
        options = {"eps": 0.5, "reduction": "none"}
        inputs = [r.normal(4, dtype=dtype), r.normal(4, dtype=dtype), torch.tensor([0.0, 0.1, 0.5, 2.0], dtype=dtype)]
        r.case("gaussianNllLoss", f(options), inputs, options, note="variances below eps")
        inputs = [
            torch.tensor([1e15, INF, NAN, 0.0], dtype=dtype),
            torch.zeros(4, dtype=dtype),
            torch.tensor([1e30, 1.0, 1.0, 1e30], dtype=dtype),
        ]
        r.case("gaussianNllLoss", f({"reduction": "none"}), inputs, {"reduction": "none"}, note="extremes")
    for options in ({}, {"full": True}):
        r.second(
            "gaussianNllLoss",
            f(options),
            [r.normal(2, 3, dtype=F64), r.normal(2, 3, dtype=F64), r.uniform(0.3, 2, 2, 3, dtype=F64)],
            options,
        )


def divergence(r):
    def f(options):
        return lambda x, t: F.kl_div(x, t, **snake(options))

    for dtype in FLOATS:
        for log_target in (False, True):
            for shape in [(5,), (3, 4), (2, 3, 2), (1, 3), (0, 3)]:
                for reduction in (*REDUCTIONS, "batchmean"):
                    options = {"logTarget": log_target, "reduction": reduction}
                    x = torch.log_softmax(r.normal(*shape, dtype=dtype), -1)
                    t = torch.softmax(r.normal(*shape, dtype=dtype), -1)
                    r.case("klDiv", f(options), [x, t.log() if log_target else t], options)
        x = torch.tensor([[-1.0, -0.5], [-INF, 0.0], [-1e30, NAN]], dtype=dtype)
        t = torch.tensor([[0.0, 1.0], [1.0, 0.0], [0.5, 0.5]], dtype=dtype)
        options = {"reduction": "none"}
        r.case("klDiv", f(options), [x, t], options, note="a target of 0, impossible inputs", grad=[0])
        options = {"reduction": "none", "logTarget": True}
        x, t = torch.tensor([-1.0, -INF, -1e30], dtype=dtype), torch.tensor([-200.0, -1.0, -0.5], dtype=dtype)
        r.case("klDiv", f(options), [x, t], options, note="extremes", grad=[0])
        r.reference = "scipy.special.rel_entr's limits"
        options = {"reduction": "none"}
        r.plain_case(
            "klDiv",
            [torch.tensor([-INF, -2.0], dtype=dtype), torch.zeros(2, dtype=dtype)],
            [torch.zeros(2, dtype=dtype)],
            options,
            note="0·log 0",
        )
        options = {"reduction": "none", "logTarget": True}
        r.plain_case(
            "klDiv",
            [torch.tensor([-INF, -2.0], dtype=dtype), torch.full((2,), -INF, dtype=dtype)],
            [torch.zeros(2, dtype=dtype)],
            options,
            note="0·log 0",
        )
        r.reference = None
    for options in ({}, {"logTarget": True}, {"reduction": "batchmean"}):
        r.second("klDiv", f(options), [r.normal(2, 3, dtype=F64), r.uniform(0.2, 0.9, 2, 3, dtype=F64)], options)


def record(r):
    errors(r)
    poisson(r)
    gaussian(r)
    divergence(r)
