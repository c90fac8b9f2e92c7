"""Pooling with indices, adaptive, by p-norms, and its reverse."""

import torch
import torch.nn.functional as F

F32, F64 = torch.float32, torch.float64
FLOATS = (F32, F64)
INF, NAN = float("inf"), float("nan")

MAX_POOL = {
    1: [
        ((2, 3, 8), {"kernelSize": 2}),
        ((1, 2, 9), {"kernelSize": 3, "stride": 2, "padding": 1}),
        ((2, 9), {"kernelSize": 2, "dilation": 3, "stride": 1}),
        ((1, 2, 8), {"kernelSize": 3, "stride": 2, "ceilMode": True}),
    ],
    2: [
        ((2, 2, 6, 6), {"kernelSize": 2}),
        ((1, 2, 7, 8), {"kernelSize": [2, 3], "stride": [1, 2], "padding": [1, 0]}),
        ((1, 1, 8, 7), {"kernelSize": 3, "padding": 1, "dilation": 2}),
        ((2, 5, 7), {"kernelSize": 2, "ceilMode": True}),
    ],
    3: [
        ((1, 2, 4, 4, 5), {"kernelSize": 2}),
        ((1, 1, 5, 5, 4), {"kernelSize": 3, "stride": 2, "padding": 1}),
    ],
}

# input, sizes
ADAPTIVE = {
    1: [((2, 3, 8), 4), ((1, 2, 7), 3), ((2, 5), 1), ((1, 1, 3), 5), ((1, 2, 6), 6)],
    2: [
        ((2, 3, 6, 8), [3, 2]),
        ((1, 2, 7, 5), [3, 2]),
        ((2, 2, 4, 6), 1),
        ((2, 5, 6), [None, 4]),
        ((1, 1, 3, 3), [5, 2]),
        ((1, 2, 6, 5), [2, 3]),
    ],
    3: [((1, 2, 4, 6, 2), [2, 3, 1]), ((1, 2, 5, 4, 3), [2, 3, 2]), ((2, 3, 4, 3), [1, None, 2]), ((1, 2, 2, 3, 2), 1)],
}

LP_POOL = {
    1: [((2, 3, 8), 2, {"kernelSize": 2}), ((1, 2, 9), 3, {"kernelSize": 3, "stride": 2}), ((3, 7), 1, {"kernelSize": 2})],
    2: [
        ((2, 2, 6, 6), 2, {"kernelSize": 2}),
        ((1, 2, 7, 5), 1.5, {"kernelSize": [3, 2], "stride": [2, 1]}),
        ((2, 5, 5), 2, {"kernelSize": 2, "ceilMode": True}),
    ],
    3: [((1, 2, 4, 4, 3), 2, {"kernelSize": 2}), ((1, 1, 4, 5, 4), 3, {"kernelSize": [2, 3, 2], "stride": 1})],
}

UNPOOL = {
    1: [((2, 3, 8), {"kernelSize": 2}, None), ((1, 2, 9), {"kernelSize": 2}, [9]), ((2, 9), {"kernelSize": 3, "stride": 2}, None)],
    2: [
        ((2, 2, 6, 6), {"kernelSize": 2}, None),
        ((1, 2, 7, 5), {"kernelSize": 2}, [7, 5]),
        ((2, 6, 6), {"kernelSize": [2, 3]}, None),
        ((1, 2, 8, 8), {"kernelSize": 2, "stride": 3, "padding": 1}, [8, 8]),
        ((0, 2, 4, 4), {"kernelSize": 2}, None),
    ],
    3: [((1, 2, 4, 4, 2), {"kernelSize": 2}, None), ((1, 1, 5, 4, 4), {"kernelSize": 2}, [5, 4, 4])],
}

SNAKE = {"kernelSize": "kernel_size", "ceilMode": "ceil_mode"}


def snake(options):
    return {SNAKE.get(key, key): value for key, value in options.items()}


def indices(r):
    for d, cases in MAX_POOL.items():
        f = getattr(F, f"max_pool{d}d")
        for shape, options in cases:
            for dtype in FLOATS:
                chosen = {**options, "returnIndices": True}
                x = r.distinct(*shape, dtype=dtype)
                r.case(f"maxPool{d}d", lambda t: f(t, **snake(options), return_indices=True), [x], chosen)
    options = {"kernelSize": 3, "stride": 2, "padding": 1}
    chosen = {**options, "returnIndices": True}
    for note, x in [
        ("ties: the first wins", r.integers(0, 2, 1, 2, 6, 6).double()),
        ("all −∞: the first in the input", torch.full((1, 1, 5, 5), -INF, dtype=F64)),
        ("NaN propagates", torch.tensor([[1, 2, 3, 4], [5, NAN, 7, 8], [3, 4, 5, -INF], [INF, 0, 0, 0]]).double()[None]),
    ]:
        r.case("maxPool2d", lambda t: F.max_pool2d(t, **snake(options), return_indices=True), [x], chosen, note, not x.isinf().all())


def adaptive(r):
    for d, cases in ADAPTIVE.items():
        average, largest = getattr(F, f"adaptive_avg_pool{d}d"), getattr(F, f"adaptive_max_pool{d}d")
        for shape, size in cases:
            for dtype in FLOATS:
                chosen = {"outputSize": size}
                r.case(f"adaptiveAvgPool{d}d", lambda t: average(t, size), [r.normal(*shape, dtype=dtype)], chosen)
                x = r.distinct(*shape, dtype=dtype)
                r.case(f"adaptiveMaxPool{d}d", lambda t: largest(t, size), [x], chosen)
                chosen = {**chosen, "returnIndices": True}
                r.case(f"adaptiveMaxPool{d}d", lambda t: largest(t, size, return_indices=True), [x], chosen)
        shape, size = cases[1]
        r.second(f"adaptiveAvgPool{d}d", lambda t: average(t, size), [r.normal(*shape, dtype=F64)], {"outputSize": size}, True)
        r.second(f"adaptiveMaxPool{d}d", lambda t: largest(t, size), [r.distinct(*shape, dtype=F64)], {"outputSize": size}, True)
    ties = torch.zeros(1, 2, 5, 5)
    r.case("adaptiveMaxPool2d", lambda t: F.adaptive_max_pool2d(t, 3, True), [ties], {"outputSize": 3, "returnIndices": True}, "ties")


def norms(r):
    for d, cases in LP_POOL.items():
        if d < 3:
            f = getattr(F, f"lp_pool{d}d")
        else:
            r.reference = "PyTorch's averages: (k · mean xᵖ)^(1/p)"

            def f(x, p, kernel_size, stride=None):
                k = torch.ones(3) * torch.tensor(kernel_size)
                return (F.avg_pool3d(x**p, kernel_size, stride) * k.prod().to(x.dtype)) ** (1 / p)

        for shape, p, options in cases:
            for dtype in FLOATS:
                x = r.uniform(0.1, 2, *shape, dtype=dtype) if p % 2 else r.normal(*shape, dtype=dtype)
                chosen = {"normType": p, **options}
                r.case(f"lpPool{d}d", lambda t: f(t, p, **snake(options)), [x], chosen)
        shape, p, options = cases[0]
        r.second(f"lpPool{d}d", lambda t: f(t, p, **snake(options)), [r.normal(*shape, dtype=F64)], {"normType": p, **options})
    r.reference = None
    zeros = torch.tensor([[0.0, 0, 3, 4]], dtype=F64)
    r.case("lpPool1d", lambda t: F.lp_pool1d(t, 2, 2), [zeros], {"normType": 2, "kernelSize": 2}, "no derivative at 0")


def unpooling(r):
    for d, cases in UNPOOL.items():
        pool, unpool = getattr(F, f"max_pool{d}d"), getattr(F, f"max_unpool{d}d")
        for shape, options, size in cases:
            for dtype in FLOATS:
                chosen = {key: value for key, value in options.items()}
                x, at = pool(r.distinct(*shape, dtype=dtype), **snake(options), return_indices=True)
                if size:
                    chosen["outputSize"] = size
                f = lambda t, i: unpool(t, i.long(), **snake(options), output_size=size)
                r.case(f"maxUnpool{d}d", f, [x, at.int()], chosen)


def record(r):
    indices(r)
    adaptive(r)
    norms(r)
    unpooling(r)
