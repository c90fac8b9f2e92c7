"""Functions that chainrule composes from others: ranges in which a plain formula overflows or cancels, and edges."""

import itertools

import torch

F32, F64 = torch.float32, torch.float64
INF, NAN = float("inf"), float("nan")

TINY = [1e-3, -1e-4, 1e-7, -1e-10, 1e-20, -1e-30]
LARGE = [3.0, -7.5, 30.0, -88.0, 1e3, -1e5, 1e10, -1e15, 3e18, -2e19, 1e30]
EDGES = [0.0, -0.0, 1.0, -1.0, INF, -INF, NAN]
INSIDE = [0.5, -0.66, 0.7, -0.9, 0.99, -0.999, 1 - 2.0**-12, 2.0**-24 - 1]

# name, function, domain of the random values, values to try beside TINY and EDGES
UNARY = [
    ("asin", torch.asin, (-1, 1), INSIDE + [1.5]),
    ("acos", torch.acos, (-1, 1), INSIDE + [1.5]),
    ("atan", torch.atan, (-4, 4), LARGE),
    ("tan", torch.tan, (-1.5, 1.5), []),
    ("sinh", torch.sinh, (-4, 4), [10.0, -30.0, 88.0, -89.0, 90.0]),
    ("cosh", torch.cosh, (-4, 4), [10.0, -30.0, 88.0, -89.0, 90.0]),
    ("asinh", torch.asinh, (-4, 4), LARGE),
    ("acosh", torch.acosh, (1.01, 8), [1.0001, 1.5, 1e3, 1e10, 3e18, 2e19, 1e30, 0.5, -3.0]),
    ("atanh", torch.atanh, (-0.99, 0.99), INSIDE + [1.5]),
    ("erfinv", torch.erfinv, (-1, 1), INSIDE + [1.5]),
    ("exp2", torch.exp2, (-8, 8), [10.5, -20.25, 100.1, -100.1, 127.0, 200.0, -200.0]),
    ("log2", torch.log2, (0.01, 100), [1e-30, 1e30, 8.0, 1024.0]),
    ("log10", torch.log10, (0.01, 100), [1e-30, 1e30, 1e3, 1e6]),
    ("rsqrt", torch.rsqrt, (0.01, 100), [1e-30, 1e30]),
    ("reciprocal", torch.reciprocal, (0.01, 100), [1e-30, -1e30]),
]
BINARY = [("atan2", torch.atan2), ("hypot", torch.hypot)]
SHAPES = [(), (33,), (2, 3, 4)]
PAIRS = [((), ()), ((37,), (37,)), ((3, 1), (1, 4)), ((2, 3, 4), (3, 1)), ((3,), ())]


def record(r):
    for op, f, (low, high), values in UNARY:
        for dtype in (F32, F64):
            for shape in SHAPES:
                r.case(op, f, [r.uniform(low, high, *shape, dtype=dtype)])
            r.case(op, f, [torch.tensor(values + TINY, dtype=dtype)], note="small and large", grad=False)
            r.case(op, f, [torch.tensor(EDGES, dtype=dtype)], note="edges", grad=False)
        r.case(op, f, [r.integers(0, 2, 4)])
        r.second(op, f, [r.uniform(max(low, -0.9), min(high, 0.9) if low < 0.9 else high, 6, dtype=F64)])
    for op, f in BINARY:
        for dtype in (F32, F64):
            for a, b in PAIRS:
                r.case(op, f, [r.normal(*a, dtype=dtype), r.normal(*b, dtype=dtype)])
            sizes = [1e-30, -1e-12, 0.5, -3.0, 1e18, -1e30]
            for note, numbers in (("sizes", sizes), ("edges", EDGES)):
                pairs = [torch.tensor(column, dtype=dtype) for column in zip(*itertools.product(numbers, numbers))]
                r.case(op, f, pairs, note=note, grad=False)
        r.second(op, f, [r.normal(5, dtype=F64), r.normal(5, dtype=F64)])
