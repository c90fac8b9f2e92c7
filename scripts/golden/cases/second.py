"""Second derivatives: Hessians times vectors, in float64."""

import torch
import torch.nn.functional as F

F64, I32 = torch.float64, torch.int32


def record(r):
    def normal(*shape):
        return r.normal(*shape, dtype=F64)

    def positive(*shape):
        return r.uniform(0.3, 2, *shape, dtype=F64)

    for shape in ((5,), (2, 3)):
        for op in ("exp", "expm1", "tanh", "sigmoid", "erf", "sin", "cos", "square", "relu", "abs", "neg"):
            r.second(op, getattr(torch, op), [normal(*shape)])
        for op in ("log", "log1p", "sqrt", "rsqrt", "reciprocal"):
            r.second(op, getattr(torch, op), [positive(*shape)])
        for exponent in (2, 3, -1, 0.5, 2.5):
            r.second("pow", lambda x: torch.pow(x, exponent), [positive(*shape)], {"exponent": exponent})
    for a, b in (((3, 4), (4,)), ((2, 1, 3), (2, 1)), ((4,), (4,))):
        for op in ("mul", "div", "pow", "maximum", "minimum"):
            r.second(op, getattr(torch, op), [positive(*a), positive(*b)])
    r.second("clamp", lambda x: torch.clamp(x, -0.5, 0.5), [normal(6)], {"min": -0.5, "max": 0.5}, squared=True)
    for shape, dim in (((3, 4), 1), ((3, 4), 0), ((2, 3, 4), 1)):
        for op, f in (
            ("softmax", torch.softmax),
            ("logSoftmax", torch.log_softmax),
            ("logsumexp", torch.logsumexp),
            ("cumprod", torch.cumprod),
        ):
            r.second(op, lambda x: f(x, dim), [positive(*shape)], {"dim": dim})
        for op, f in (
            ("prod", torch.prod),
            ("var", torch.var),
            ("std", torch.std),
            ("norm", lambda x, d: torch.linalg.vector_norm(x, 2, d)),
        ):
            r.second(op, lambda x: f(x, dim), [positive(*shape)], {"dim": dim})
    for a, b in (((2, 3), (3, 4)), ((3,), (3,)), ((2, 2, 3), (3, 2)), ((2, 2, 3), (2, 3, 2))):
        r.second("matmul", torch.matmul, [normal(*a), normal(*b)])
    for equation, a, b in (
        ("ij,jk->ik", (2, 3), (3, 2)),
        ("bij,bkj->bik", (2, 2, 3), (2, 2, 3)),
        ("i,j->ij", (3,), (2,)),
    ):
        r.second("einsum", lambda x, y: torch.einsum(equation, x, y), [normal(*a), normal(*b)], {"equation": equation})
    r.second("linear", F.linear, [normal(2, 3), normal(4, 3), normal(4)])
    for options in ({}, {"padding": 1}, {"stride": 2, "padding": 1}, {"dilation": 2}, {"groups": 2}):
        groups = options.get("groups", 1)
        r.second(
            "conv1d",
            lambda x, w, b: F.conv1d(x, w, b, **options),
            [normal(2, 2, 7), normal(2, 2 // groups, 3), normal(2)],
            options,
        )
        r.second(
            "conv2d",
            lambda x, w, b: F.conv2d(x, w, b, **options),
            [
                normal(1, 2, 5, 5),
                normal(2, 2 // groups, 3, 3) if options.get("dilation") is None else normal(2, 2, 2, 2),
                normal(2),
            ],
            options,
        )
    r.second("conv3d", F.conv3d, [normal(1, 1, 3, 3, 3), normal(2, 1, 2, 2, 2), normal(2)])
    r.second(
        "maxPool2d", lambda x: F.max_pool2d(x, 2), [r.distinct(1, 1, 4, 4, dtype=F64)], {"kernelSize": 2}, squared=True
    )
    r.second("avgPool2d", lambda x: F.avg_pool2d(x, 2), [normal(1, 1, 4, 4)], {"kernelSize": 2}, squared=True)
    for normalized, shape in (([4], (3, 4)), ([2, 3], (2, 2, 3))):
        r.second(
            "layerNorm",
            lambda x, w, b: F.layer_norm(x, normalized, w, b, 1e-5),
            [normal(*shape), normal(*normalized), normal(*normalized)],
            {"normalizedShape": normalized, "eps": 1e-5},
        )
    for shape in ((5, 2), (2, 2, 3)):

        def batch_norm(x, w, b):
            return F.batch_norm(x, None, None, w, b, True, 0.1, 1e-5)

        r.second(
            "batchNorm",
            batch_norm,
            [normal(*shape), normal(2), normal(2)],
            {"training": True, "eps": 1e-5},
        )
    for options in ({"reduction": "mean"}, {"reduction": "sum"}, {"reduction": "none"}):
        r.second(
            "crossEntropy",
            lambda x, t: F.cross_entropy(x, t.long(), **options),
            [normal(3, 4), r.integers(0, 4, 3)],
            options,
        )
        r.second("mseLoss", lambda x, y: F.mse_loss(x, y, **options), [normal(3, 4), normal(3, 4)], options)
    at = r.integers(0, 3, 3, 2)
    r.second("gather", lambda x, i: torch.gather(x, 1, i.long()), [normal(3, 4), at], {"dim": 1}, squared=True)
    r.second(
        "indexSelect",
        lambda x, i: torch.index_select(x, 0, i),
        [normal(3, 4), r.integers(0, 3, 5)],
        {"dim": 0},
        squared=True,
    )
    r.second("embedding", lambda i, w: F.embedding(i, w), [r.integers(0, 5, 2, 3), normal(5, 2)], squared=True)
    r.second(
        "sort",
        lambda x: torch.sort(x, dim=1)[0],
        [r.distinct(2, 5, dtype=F64)],
        {"dim": 1, "descending": False},
        squared=True,
    )
    for op, f, options in (
        ("transpose", lambda x: x.transpose(0, 1), {"dim0": 0, "dim1": 1}),
        ("reshape", lambda x: x.reshape(2, 6), {"shape": [2, 6]}),
        ("flip", lambda x: x.flip([0]), {"dims": [0]}),
        ("sum", lambda x: x.sum(1), {"dim": 1}),
        ("mean", lambda x: x.mean(0), {"dim": 0}),
        ("cumsum", lambda x: x.cumsum(1), {"dim": 1}),
        ("amax", lambda x: x.amax(1), {"dim": 1}),
        ("unfold", lambda x: x.unfold(1, 2, 1), {"dim": 1, "size": 2, "step": 1}),
    ):
        r.second(op, f, [r.distinct(3, 4, dtype=F64)], options, squared=True)
