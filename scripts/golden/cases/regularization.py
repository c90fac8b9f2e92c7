"""What of dropout is not random (nothing or everything dropped, evaluation), and penalties."""

import torch
import torch.nn.functional as F
from torchvision.ops import stochastic_depth

MADE_WITH = ["torch", "torchvision"]

F32, F64 = torch.float32, torch.float64
FLOATS = (F32, F64)
INF, NAN = float("inf"), float("nan")


def dropouts(r):
    shapes = {
        "dropout": [(4,), (2, 3), (0, 3)],
        "dropout1d": [(2, 3, 4), (3, 4)],
        "dropout2d": [(2, 3, 2, 2), (0, 3, 2, 2)],
        "dropout3d": [(2, 3, 2, 1, 2), (2, 2, 1, 2)],
        "alphaDropout": [(5,), (2, 3)],
        "featureAlphaDropout": [(2, 3), (2, 3, 4)],
    }
    names = {"alphaDropout": "alpha_dropout", "featureAlphaDropout": "feature_alpha_dropout"}
    for op, all_shapes in shapes.items():
        f = getattr(F, names.get(op, op))
        for dtype in FLOATS:
            for shape in all_shapes:
                for p, training in ((0.0, True), (1.0, True), (0.3, False), (1.0, False)):
                    x = r.normal(*shape, dtype=dtype)
                    r.case(op, lambda x: f(x, p, training), [x], {"p": p, "training": training})
    for dtype in FLOATS:
        for mode in ("row", "batch"):
            for p, training in ((0.0, True), (1.0, True), (0.3, False)):
                x = r.normal(3, 2, 2, dtype=dtype)
                options = {"p": p, "mode": mode, "training": training}
                r.case("stochasticDepth", lambda x: stochastic_depth(x, **options), [x], options)


def penalties(r):
    l1 = lambda *xs: sum(F.l1_loss(x, torch.zeros_like(x), reduction="sum") for x in xs)
    l2 = lambda *xs: sum(F.mse_loss(x, torch.zeros_like(x), reduction="sum") for x in xs) / 2
    for dtype in FLOATS:
        for shapes in [[(3,)], [(2, 3), (4,)], [(2, 2, 2), (), (1, 3)], [(0,), (2,)]]:
            xs = [r.normal(*shape, dtype=dtype) for shape in shapes]
            r.case("l1Penalty", l1, xs)
            r.case("l2Penalty", l2, xs)
            r.reference = "Zou and Hastie 2005, in PyTorch's tensors"
            for ratio in (0.0, 0.3, 1.0):
                net = lambda *xs: ratio * l1(*xs) + (1 - ratio) * l2(*xs)
                r.case("elasticNetPenalty", net, xs, {"l1Ratio": ratio})
            r.reference = None
        edges = torch.tensor([0.0, -0.0, 1e15, -1e15, 3], dtype=dtype)
        r.case("l1Penalty", l1, [edges], note="zeros and large")
        r.case("l2Penalty", l2, [edges], note="zeros and large")
        wild = torch.tensor([NAN, INF, -INF, 1], dtype=dtype)
        r.case("l1Penalty", l1, [wild[1:]], note="infinities")
        r.case("l2Penalty", l2, [wild], note="NaN, infinities")
        r.reference = "Glorot, Bordes and Bengio 2011, in PyTorch's tensors"
        for shape in [(3,), (2, 4), (3, 2, 2)]:
            y = r.normal(*shape, dtype=dtype)
            y.view(-1)[1] = 0
            mean = lambda y: l1(y) / y.shape[0]
            r.case("activityPenalty", mean, [y])
            for ratio in (0.0, 0.5):
                net = lambda y: (ratio * l1(y) + (1 - ratio) * l2(y)) / y.shape[0]
                r.case("activityPenalty", net, [y], {"l1Ratio": ratio})
        r.reference = None
    for shape in [(3,), (2, 2)]:
        r.second("l1Penalty", l1, [r.normal(*shape, dtype=F64)], squared=True)
        r.second("l2Penalty", l2, [r.normal(*shape, dtype=F64)], squared=True)
        r.reference = "Zou and Hastie 2005, in PyTorch's tensors"
        r.second("elasticNetPenalty", lambda x: (l1(x) + l2(x)) / 2, [r.normal(*shape, dtype=F64)], squared=True)
        r.reference = "Glorot, Bordes and Bengio 2011, in PyTorch's tensors"
        r.second("activityPenalty", lambda y: l1(y) / shape[0], [r.normal(*shape, dtype=F64)], squared=True)
        r.reference = None


def record(r):
    dropouts(r)
    penalties(r)
