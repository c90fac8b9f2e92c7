"""Losses of overlap, from their papers' formulas: no library that is here has them."""

import torch

F32, F64 = torch.float32, torch.float64
FLOATS = (F32, F64)
REDUCTIONS = ("mean", "sum", "none")


def dice(tp, p, t, s, **_):
    return 1 - (2 * tp + s) / (p + t + s)


def jaccard(tp, p, t, s, **_):
    return 1 - (tp + s) / (p + t - tp + s)


def tversky(tp, p, t, s, alpha=0.5, beta=0.5):
    return 1 - (tp + s) / (tp + alpha * (p - tp) + beta * (t - tp) + s)


def precision(tp, p, t, s, **_):
    return 1 - (tp + s) / (p + s)


def recall(tp, p, t, s, **_):
    return 1 - (tp + s) / (t + s)


def f_beta(tp, p, t, s, beta=1):
    b = beta**2
    return 1 - ((1 + b) * tp + s) / ((1 + b) * tp + b * (t - tp) + (p - tp) + s)


LOSSES = {
    "diceLoss": (dice, [{}], "Milletari et al. 2016"),
    "jaccardLoss": (jaccard, [{}], "Rahman and Wang 2016"),
    "tverskyLoss": (tversky, [{}, {"alpha": 0.3, "beta": 0.7}], "Salehi et al. 2017"),
    "precisionLoss": (precision, [{}], "Eban et al. 2017"),
    "recallLoss": (recall, [{}], "Eban et al. 2017"),
    "fBetaLoss": (f_beta, [{}, {"beta": 2}, {"beta": 0.5}], "van Rijsbergen 1979"),
}


def overlap(f, perClass=False, smooth=1, reduction="mean", mask=None, **options):
    def loss(p, t, m=None):
        if m is not None:
            p, t = p * m, t * m
        if perClass:
            dims = [i for i in range(p.dim()) if i != 1]
            losses = f((p * t).sum(dims), p.sum(dims), t.sum(dims), smooth, **options)
        else:
            losses = f((p * t).sum(), p.sum(), t.sum(), smooth, **options)
        return {"mean": losses.mean, "sum": losses.sum, "none": lambda: losses}[reduction]()

    return loss


def record(r):
    for op, (f, variants, paper) in LOSSES.items():
        r.reference = f"{paper}, in PyTorch's tensors"

        def case(inputs, options, note="", grad=True):
            r.case(op, overlap(f, **options), inputs, options, note, grad)

        def probabilities(*shape, dtype):
            return r.uniform(0.01, 0.99, *shape, dtype=dtype)

        for dtype in FLOATS:
            for more in variants:
                for shape in [(6,), (2, 3, 2, 2), ()]:
                    p, t = probabilities(*shape, dtype=dtype), r.integers(0, 2, *shape).to(dtype)
                    case([p, t], {"smooth": 0.01, **more})
                    case([p, probabilities(*shape, dtype=dtype)], more, "soft targets")
                for shape in [(3, 4), (2, 3, 2, 2), (4, 1, 3)]:
                    for reduction in REDUCTIONS:
                        p, t = probabilities(*shape, dtype=dtype), r.integers(0, 2, *shape).to(dtype)
                        mask = r.integers(0, 2, shape[0], *[1] * (len(shape) - 1)).bool()
                        case([p, t], {"perClass": True, "reduction": reduction, **more})
                    case([p, t, mask], {"perClass": True, "mask": "@2", **more}, "masked", grad=[0])
                certain = torch.tensor([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]], dtype=dtype)
                wanted = torch.tensor([[1.0, 0.0, 0.0], [1.0, 0.0, 0.0]], dtype=dtype)
                options = {"perClass": True, "reduction": "none", **more}
                case([certain, wanted], options, "a class that is absent, one that is never predicted")
                case([certain, certain], options, "all right")
                case([certain, 1 - certain], options, "all wrong")
                case([torch.zeros(0, 3, dtype=dtype)] * 2, options, "an empty batch", grad=False)
                case([torch.zeros(0, dtype=dtype)] * 2, more, "nothing", grad=False)
                case([torch.full((2,), float("nan"), dtype=dtype), torch.ones(2, dtype=dtype)], more, "NaN", grad=False)
        for more in variants:
            for options in ({}, {"perClass": True}):
                r.second(
                    op,
                    overlap(f, **options, **more),
                    [probabilities(2, 3, dtype=F64), probabilities(2, 3, dtype=F64)],
                    {**options, **more},
                )
    r.reference = None
