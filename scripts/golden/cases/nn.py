"""Convolutions, pooling, normalisation and losses."""

import torch
import torch.nn.functional as F

F32, F64, I32 = torch.float32, torch.float64, torch.int32
FLOATS = (F32, F64)
INF, NAN = float("inf"), float("nan")

# input, weight, options
CONV = {
    1: [
        ((2, 3, 8), (4, 3, 3), {}),
        ((1, 1, 5), (1, 1, 1), {}),
        ((2, 2, 9), (3, 2, 3), {"stride": 2}),
        ((2, 2, 9), (3, 2, 3), {"padding": 1}),
        ((2, 2, 9), (3, 2, 3), {"padding": 2, "stride": 2}),
        ((2, 2, 11), (3, 2, 3), {"dilation": 2}),
        ((1, 4, 8), (6, 2, 3), {"groups": 2, "padding": 1}),
        ((2, 3, 8), (3, 1, 3), {"groups": 3}),
        ((2, 2, 10), (2, 2, 4), {"stride": 3, "padding": 2, "dilation": 2}),
        ((1, 2, 7), (2, 2, 7), {}),
        ((2, 2, 8), (3, 2, 3), {"padding": "same"}),
        ((2, 2, 8), (3, 2, 2), {"padding": "valid"}),
        ((2, 8), (3, 2, 3), {}),
        ((2, 2, 10), (2, 2, 2), {"stride": 3}),
    ],
    2: [
        ((2, 3, 5, 6), (4, 3, 3, 3), {}),
        ((1, 1, 4, 4), (1, 1, 1, 1), {}),
        ((2, 2, 6, 6), (3, 2, 3, 3), {"padding": 1}),
        ((2, 2, 7, 6), (3, 2, 3, 3), {"stride": 2}),
        ((2, 2, 7, 7), (3, 2, 3, 3), {"stride": 2, "padding": 1}),
        ((1, 2, 7, 8), (2, 2, 3, 2), {"stride": [2, 1], "padding": [1, 0]}),
        ((1, 2, 9, 9), (2, 2, 3, 3), {"dilation": 2}),
        ((1, 2, 9, 8), (2, 2, 3, 3), {"dilation": [1, 3], "padding": [0, 2]}),
        ((1, 4, 5, 5), (6, 2, 3, 3), {"groups": 2}),
        ((2, 3, 5, 5), (6, 1, 3, 3), {"groups": 3, "padding": 1}),
        ((2, 4, 6, 6), (4, 1, 3, 3), {"groups": 4, "stride": 2, "padding": 1}),
        ((1, 1, 8, 8), (2, 1, 5, 5), {"padding": 2}),
        ((1, 2, 5, 5), (3, 2, 5, 5), {}),
        ((1, 2, 6, 5), (3, 2, 1, 3), {}),
        ((2, 3, 4, 4), (5, 3, 1, 1), {"stride": 2}),
        ((1, 2, 6, 6), (2, 2, 3, 3), {"padding": "same"}),
        ((1, 2, 6, 6), (2, 2, 3, 3), {"padding": "same", "dilation": 2}),
        ((1, 2, 6, 7), (2, 2, 2, 4), {"padding": "valid"}),
        ((2, 5, 6), (4, 2, 3, 3), {}),
        ((1, 1, 10, 10), (1, 1, 3, 3), {"stride": 3, "padding": 2, "dilation": 2}),
        ((1, 1, 8, 8), (1, 1, 2, 2), {"stride": 3}),
        ((4, 1, 12, 12), (3, 1, 5, 5), {}),
        ((1, 16, 6, 6), (8, 16, 3, 3), {"padding": 1}),
        ((2, 8, 7, 7), (16, 8, 1, 1), {}),
        ((1, 3, 17, 16), (8, 3, 7, 7), {"stride": 2, "padding": 3}),
    ],
    3: [
        ((1, 2, 4, 4, 5), (3, 2, 2, 2, 2), {}),
        ((1, 1, 3, 3, 3), (1, 1, 1, 1, 1), {}),
        ((2, 1, 4, 4, 4), (2, 1, 3, 3, 3), {"padding": 1}),
        ((1, 2, 5, 4, 5), (2, 2, 2, 3, 2), {"stride": 2, "padding": 1}),
        ((1, 2, 5, 5, 4), (2, 1, 2, 2, 2), {"groups": 2, "dilation": [2, 1, 1]}),
        ((1, 1, 5, 6, 4), (2, 1, 3, 1, 2), {"stride": [2, 1, 2], "padding": [1, 0, 1]}),
        ((1, 2, 3, 3, 3), (2, 2, 2, 2, 2), {"padding": "same"}),
    ],
}

MAX_POOL = {
    1: [
        ((2, 3, 8), {"kernelSize": 2}),
        ((2, 2, 9), {"kernelSize": 3, "stride": 2}),
        ((1, 2, 9), {"kernelSize": 3, "stride": 2, "padding": 1}),
        ((1, 2, 9), {"kernelSize": 2, "dilation": 2}),
        ((1, 2, 8), {"kernelSize": 3, "stride": 1, "padding": 1}),
        ((1, 2, 8), {"kernelSize": 3, "stride": 2, "ceilMode": True}),
    ],
    2: [
        ((2, 2, 6, 6), {"kernelSize": 2}),
        ((1, 2, 7, 5), {"kernelSize": 2}),
        ((1, 2, 7, 7), {"kernelSize": 3, "stride": 2, "padding": 1}),
        ((1, 2, 6, 6), {"kernelSize": 3, "stride": 1}),
        ((1, 2, 7, 8), {"kernelSize": [2, 3], "stride": [1, 2]}),
        ((1, 1, 8, 8), {"kernelSize": 2, "stride": 2, "dilation": 2}),
        ((1, 1, 8, 8), {"kernelSize": 3, "padding": 1, "dilation": 2}),
        ((2, 6, 6), {"kernelSize": 2}),
        ((1, 1, 7, 7), {"kernelSize": 2, "ceilMode": True}),
        ((1, 1, 6, 6), {"kernelSize": 3, "stride": 2, "padding": 1, "ceilMode": True}),
        ((1, 2, 6, 6), {"kernelSize": [3, 1], "padding": [1, 0]}),
    ],
    3: [
        ((1, 2, 4, 4, 4), {"kernelSize": 2}),
        ((1, 1, 5, 5, 4), {"kernelSize": 3, "stride": 2, "padding": 1}),
        ((1, 1, 4, 5, 6), {"kernelSize": [1, 2, 3], "stride": [1, 2, 1]}),
    ],
}

AVG_POOL = {
    1: [
        ((2, 3, 8), {"kernelSize": 2}),
        ((1, 2, 9), {"kernelSize": 3, "stride": 2, "padding": 1}),
        ((1, 2, 9), {"kernelSize": 3, "stride": 2, "padding": 1, "countIncludePad": False}),
        ((1, 2, 7), {"kernelSize": 3, "stride": 1}),
        ((1, 1, 8), {"kernelSize": 3, "stride": 2, "ceilMode": True}),
    ],
    2: [
        ((2, 2, 6, 6), {"kernelSize": 2}),
        ((1, 2, 7, 5), {"kernelSize": 2}),
        ((1, 2, 7, 7), {"kernelSize": 3, "stride": 2, "padding": 1}),
        ((1, 2, 7, 7), {"kernelSize": 3, "stride": 2, "padding": 1, "countIncludePad": False}),
        ((1, 2, 6, 6), {"kernelSize": 3, "stride": 1}),
        ((1, 2, 7, 8), {"kernelSize": [2, 3], "stride": [1, 2]}),
        ((2, 6, 6), {"kernelSize": 2}),
        ((1, 1, 7, 7), {"kernelSize": 2, "ceilMode": True}),
    ],
    3: [
        ((1, 2, 4, 4, 4), {"kernelSize": 2}),
        ((1, 1, 5, 5, 4), {"kernelSize": 3, "stride": 2, "padding": 1}),
        ((1, 1, 5, 5, 4), {"kernelSize": 3, "stride": 2, "padding": 1, "countIncludePad": False}),
    ],
}

SNAKE = {
    "kernelSize": "kernel_size",
    "ceilMode": "ceil_mode",
    "countIncludePad": "count_include_pad",
    "ignoreIndex": "ignore_index",
    "labelSmoothing": "label_smoothing",
}


def snake(options):
    return {SNAKE.get(key, key): value for key, value in options.items()}


def convolutions(r):
    for d, cases in CONV.items():
        f = getattr(F, f"conv{d}d")
        for x, w, options in cases:
            for dtype in FLOATS:
                for bias in (True, False) if dtype == F32 or d == 1 else (True,):
                    inputs = [r.normal(*x, dtype=dtype), r.normal(*w, dtype=dtype)]
                    inputs += [r.normal(w[0], dtype=dtype)] if bias else []
                    r.case(f"conv{d}d", lambda *t: f(*t, **options), inputs, options)


def pooling(r):
    for table, op in ((MAX_POOL, "max"), (AVG_POOL, "avg")):
        for d, cases in table.items():
            f = getattr(F, f"{op}_pool{d}d")
            for shape, options in cases:
                for dtype in FLOATS:
                    x = r.distinct(*shape, dtype=dtype) if op == "max" else r.normal(*shape, dtype=dtype)
                    r.case(f"{op}Pool{d}d", lambda t: f(t, **snake(options)), [x], options)
    for dtype in FLOATS:
        for options in (
            {"kernelSize": 2},
            {"kernelSize": 3, "stride": 1},
            {"kernelSize": 3, "stride": 2, "padding": 1},
        ):
            ties = r.integers(0, 2, 1, 2, 6, 6).to(dtype)
            r.case(
                "maxPool2d", lambda t: F.max_pool2d(t, **snake(options)), [ties], options, note="ties: the first wins"
            )
            r.case(
                "maxPool2d",
                lambda t: F.max_pool2d(t, **snake(options)),
                [torch.zeros(1, 1, 5, 5, dtype=dtype)],
                options,
                note="all equal",
            )
        wild = r.distinct(1, 1, 4, 4, dtype=dtype)
        wild[0, 0, 1, 2], wild[0, 0, 3, 0], wild[0, 0, 2, 2] = NAN, -INF, INF
        r.case("maxPool2d", lambda t: F.max_pool2d(t, 2), [wild], {"kernelSize": 2}, note="NaN propagates")
        r.case(
            "maxPool2d",
            lambda t: F.max_pool2d(t, 2),
            [-r.uniform(1, 2, 1, 1, 4, 4, dtype=dtype)],
            {"kernelSize": 2},
            note="all negative",
        )
        r.case(
            "maxPool1d",
            lambda t: F.max_pool1d(t, 3, 2, 1),
            [-r.uniform(1, 2, 1, 1, 7, dtype=dtype)],
            {"kernelSize": 3, "stride": 2, "padding": 1},
            note="all negative: padding never wins",
        )


def normalisation(r):
    for dtype in FLOATS:
        for shape in [(6, 3), (4, 3, 5), (2, 3, 4, 4), (2, 2, 2, 3, 2), (2, 4)]:
            c = shape[1]
            for affine in (True, False):
                for training in (True, False):
                    for momentum, eps in ((0.1, 1e-5), (0.3, 1e-3)):
                        inputs = [
                            r.normal(*shape, dtype=dtype) * 2 + 1,
                            r.normal(c, dtype=dtype),
                            r.uniform(0.5, 2, c, dtype=dtype),
                        ]
                        inputs += [r.normal(c, dtype=dtype), r.normal(c, dtype=dtype)] if affine else []

                        def f(x, mean, var, w=None, b=None):
                            mean, var = mean.clone(), var.clone()
                            return F.batch_norm(x, mean, var, w, b, training, momentum, eps), mean, var

                        options = {"training": training, "momentum": momentum, "eps": eps}
                        r.case("batchNorm", f, inputs, options, grad=[0, 3, 4][: 3 if affine else 1])
        for shape, normalized in [
            ((4, 6), [6]),
            ((2, 3, 5), [5]),
            ((2, 3, 5), [3, 5]),
            ((2, 2, 3, 4), [2, 3, 4]),
            ((7,), [7]),
            ((3, 40), [40]),
        ]:
            for affine in (True, False):
                for eps in (1e-5, 1e-2):
                    inputs = [r.normal(*shape, dtype=dtype) * 2 - 1] + (
                        [r.normal(*normalized, dtype=dtype), r.normal(*normalized, dtype=dtype)] if affine else []
                    )
                    r.case(
                        "layerNorm",
                        lambda x, w=None, b=None: F.layer_norm(x, normalized, w, b, eps),
                        inputs,
                        {"normalizedShape": normalized, "eps": eps},
                    )


def losses(r):
    reductions = ("mean", "sum", "none")
    for dtype in FLOATS:
        for shape, classes in [((5, 4), 4), ((3,), 3), ((2, 3, 4), 3), ((2, 3, 2, 2), 3), ((16, 10), 10)]:
            target_shape = () if len(shape) == 1 else (shape[0], *shape[2:])
            target = r.integers(0, classes, *target_shape)
            target[(0,) * len(target_shape)] = 1  # an entry that ignoreIndex finds, and one it does not
            if target.numel() > 1:
                target[(-1,) * len(target_shape)] = 2
            weight = r.uniform(0.5, 2, classes, dtype=dtype)
            for reduction in reductions:
                for options in (
                    {},
                    {"ignoreIndex": 1},
                    {"labelSmoothing": 0.1},
                    {"ignoreIndex": 1, "labelSmoothing": 0.25},
                ):
                    if not target_shape and "ignoreIndex" in options:
                        continue
                    chosen = {"reduction": reduction, **options}
                    logits = r.normal(*shape, dtype=dtype, scale=2)
                    r.case(
                        "crossEntropy",
                        lambda x, t: F.cross_entropy(x, t.long(), **snake(chosen)),
                        [logits, target],
                        chosen,
                    )
                    r.case(
                        "crossEntropy",
                        lambda x, t, w: F.cross_entropy(x, t.long(), w, **snake(chosen)),
                        [logits, target, weight],
                        chosen,
                        note="weighted",
                        grad=[0],
                    )
                for options in ({}, {"labelSmoothing": 0.1}):
                    chosen = {"reduction": reduction, **options}
                    logits = r.normal(*shape, dtype=dtype, scale=2)
                    probabilities = torch.softmax(r.normal(*shape, dtype=dtype), 1 if len(shape) > 1 else 0)
                    r.case(
                        "crossEntropy",
                        lambda x, t: F.cross_entropy(x, t, **snake(chosen)),
                        [logits, probabilities],
                        chosen,
                        note="probabilities",
                    )
                    r.case(
                        "crossEntropy",
                        lambda x, t, w: F.cross_entropy(x, t, w, **snake(chosen)),
                        [logits, probabilities, weight],
                        chosen,
                        note="probabilities, weighted",
                        grad=[0],
                    )
                if len(shape) == 1:
                    continue
                for options in ({}, {"ignoreIndex": 1}):
                    chosen = {"reduction": reduction, **options}
                    logs = torch.log_softmax(r.normal(*shape, dtype=dtype), 1)
                    r.case("nllLoss", lambda x, t: F.nll_loss(x, t.long(), **snake(chosen)), [logs, target], chosen)
                    r.case(
                        "nllLoss",
                        lambda x, t, w: F.nll_loss(x, t.long(), w, **snake(chosen)),
                        [logs, target, weight],
                        chosen,
                        note="weighted",
                        grad=[0],
                    )
        large = torch.tensor([[1000.0, 0.0, -1000.0], [500.0, 500.0, -500.0]], dtype=dtype)
        r.case(
            "crossEntropy",
            lambda x, t: F.cross_entropy(x, t.long()),
            [large, torch.tensor([1, 0], dtype=I32)],
            {"reduction": "mean"},
            note="large logits",
        )
        r.case(
            "crossEntropy",
            lambda x, t: F.cross_entropy(x, t.long(), ignore_index=1),
            [r.normal(2, 3, dtype=dtype), torch.tensor([1, 1], dtype=I32)],
            {"reduction": "mean", "ignoreIndex": 1},
            note="all ignored gives NaN",
            grad=False,
        )
        r.case(
            "crossEntropy",
            lambda x, t: F.cross_entropy(x, t.long()),
            [r.normal(3, 3, dtype=dtype), torch.tensor([1, -100, 2], dtype=I32)],
            {"reduction": "mean"},
            note="-100 is ignored",
        )
        for shape in [(5,), (3, 4), (2, 3, 2), ()]:
            for reduction in reductions:
                x, y = r.normal(*shape, dtype=dtype), r.normal(*shape, dtype=dtype)
                for op, f in (
                    ("mseLoss", F.mse_loss),
                    ("l1Loss", F.l1_loss),
                    ("smoothL1Loss", F.smooth_l1_loss),
                    ("huberLoss", F.huber_loss),
                ):
                    r.case(op, lambda a, b: f(a, b, reduction=reduction), [x, y], {"reduction": reduction})
                p, q = r.uniform(0.05, 0.95, *shape, dtype=dtype), r.uniform(0, 1, *shape, dtype=dtype)
                r.case(
                    "binaryCrossEntropy",
                    lambda a, b: F.binary_cross_entropy(a, b, reduction=reduction),
                    [p, q],
                    {"reduction": reduction},
                    grad=[0],
                )
                r.case(
                    "binaryCrossEntropyWithLogits",
                    lambda a, b: F.binary_cross_entropy_with_logits(a, b, reduction=reduction),
                    [x, q],
                    {"reduction": reduction},
                    grad=[0],
                )


def record(r):
    convolutions(r)
    pooling(r)
    normalisation(r)
    losses(r)
