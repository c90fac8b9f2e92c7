"""Reductions, cumulative operators and softmax: axes, keepdim, ties, zeros, NaN, empty axes."""

import torch

F32, F64, I32, U8, BOOL = torch.float32, torch.float64, torch.int32, torch.uint8, torch.bool
FLOATS = (F32, F64)
INF, NAN = float("inf"), float("nan")

ONE_DIM = [
    ((5,), 0),
    ((3, 4), 0),
    ((3, 4), 1),
    ((3, 4), -1),
    ((2, 3, 4), 1),
    ((2, 3, 4), -3),
    ((1, 5, 1), 1),
    ((3, 70), 1),
    ((70, 3), 0),
    ((2, 1, 3, 2), 2),
]
MANY_DIMS = [
    ((3, 4), [0, 1]),
    ((2, 3, 4), [0, 2]),
    ((2, 3, 4), [-1, 1]),
    ((2, 3, 2, 4), [1, 3]),
    ((2, 3, 2, 4), [0, 1, 2]),
    ((5, 1, 3), [1]),
]
ALL = [(), (1,), (5,), (100,), (3, 4), (2, 3, 4)]


def tie_grid(dtype=F32):
    return torch.tensor([[1, 3, 3, 0], [2, 2, 2, 2], [-1, -5, 0, -5]], dtype=dtype)


def plain_reductions(r):
    table = [
        ("sum", torch.sum, True),
        ("mean", torch.mean, True),
        ("logsumexp", torch.logsumexp, True),
        ("amax", torch.amax, True),
        ("amin", torch.amin, True),
        ("var", lambda x, dim, keepdim: torch.var(x, dim, unbiased=True, keepdim=keepdim), True),
        ("std", lambda x, dim, keepdim: torch.std(x, dim, unbiased=True, keepdim=keepdim), True),
        ("prod", lambda x, dim, keepdim: torch.prod(x, dim, keepdim), False),
    ]
    for op, f, many in table:
        statistic = op in ("var", "std")
        for dtype in FLOATS:
            for shape, dim in ONE_DIM + (MANY_DIMS if many else []):
                sizes = [shape[d] for d in (dim if isinstance(dim, list) else [dim])]
                if statistic and torch.tensor(sizes).prod() < 2:
                    continue
                for keepdim in (False, True):
                    x = r.distinct(*shape, dtype=dtype) if op in ("amax", "amin") else r.normal(*shape, dtype=dtype)
                    if op == "prod":
                        x = r.uniform(0.5, 1.5, *shape, dtype=dtype)
                    r.case(op, lambda t: f(t, dim, keepdim), [x], {"dim": dim, "keepdim": keepdim})
        whole = {
            "sum": torch.sum,
            "mean": torch.mean,
            "prod": torch.prod,
            "amax": torch.amax,
            "amin": torch.amin,
            "var": torch.var,
            "std": torch.std,
        }.get(op)
        if whole:
            for dtype in FLOATS:
                for shape in ALL[2:] if statistic else ALL:
                    x = r.uniform(0.5, 1.5, *shape, dtype=dtype) if op == "prod" else r.normal(*shape, dtype=dtype)
                    r.case(op, whole, [x])
    for dtype in FLOATS:
        for correction in (0, 1):
            for shape, dim in (((3, 4), 1), ((2, 3, 4), [0, 2])):
                options = {"dim": dim, "correction": correction}
                r.case(
                    "var", lambda t: torch.var(t, dim, correction=correction), [r.normal(*shape, dtype=dtype)], options
                )
                r.case(
                    "std", lambda t: torch.std(t, dim, correction=correction), [r.normal(*shape, dtype=dtype)], options
                )
        r.case("var", lambda t: torch.var(t, 1), [r.normal(3, 5, dtype=dtype) + 100], {"dim": 1}, note="far from zero")
        zeros = torch.tensor([[2.0, 0.0, 3.0], [0.0, 0.0, 5.0], [1.0, 2.0, 4.0]], dtype=dtype)
        r.case("prod", lambda t: torch.prod(t, 1), [zeros], {"dim": 1}, note="one zero, two zeros")
        r.case("prod", torch.prod, [torch.tensor([2.0, 0.0, 3.0], dtype=dtype)], note="one zero")
        r.case("prod", torch.prod, [torch.tensor([0.0, 2.0, 0.0], dtype=dtype)], note="two zeros")
        for op, f in (("amax", torch.amax), ("amin", torch.amin)):
            for dim in (0, 1, [0, 1]):
                r.case(op, lambda t: f(t, dim), [tie_grid(dtype)], {"dim": dim}, note="ties share the gradient")
            r.case(
                op,
                lambda t: f(t, 1),
                [torch.tensor([[1.0, NAN, 2.0], [INF, 0.0, -INF]], dtype=dtype)],
                {"dim": 1},
                note="NaN",
                grad=False,
            )
        r.case(
            "logsumexp",
            lambda t: torch.logsumexp(t, 1),
            [torch.tensor([[1000.0, 1000.0], [-1000.0, -1001.0], [88.0, -88.0]], dtype=dtype)],
            {"dim": 1},
            note="large",
        )
        r.case(
            "logsumexp",
            lambda t: torch.logsumexp(t, 1),
            [torch.tensor([[-INF, 0.0], [-INF, -INF], [INF, 0.0]], dtype=dtype)],
            {"dim": 1},
            note="infinities",
            grad=False,
        )
        r.case("sum", lambda t: torch.sum(t, 0), [torch.zeros(0, 3, dtype=dtype)], {"dim": 0}, note="empty")
        r.case("sum", torch.sum, [torch.zeros(0, 3, dtype=dtype)], note="empty")
        r.case("prod", lambda t: torch.prod(t, 0), [torch.zeros(0, 3, dtype=dtype)], {"dim": 0}, note="empty")
        r.case(
            "mean", lambda t: torch.mean(t, 0), [torch.zeros(0, 3, dtype=dtype)], {"dim": 0}, note="empty", grad=False
        )
    for dtype in (I32, U8, BOOL):
        for dim in (None, 0, 1):
            options = {} if dim is None else {"dim": dim}
            x = r.values(3, 4, dtype=dtype)
            r.case("sum", torch.sum if dim is None else lambda t: torch.sum(t, dim), [x], options)
            if dtype != BOOL:
                r.case(
                    "prod",
                    torch.prod if dim is None else lambda t: torch.prod(t, dim),
                    [r.integers(1, 4, 3, 4, dtype=dtype)],
                    options,
                )
                r.case("amax", torch.amax if dim is None else lambda t: torch.amax(t, dim), [x], options)
                r.case("amin", torch.amin if dim is None else lambda t: torch.amin(t, dim), [x], options)


def extrema(r):
    for op, f in (("max", torch.max), ("min", torch.min)):
        for dtype in FLOATS:
            for shape in ALL:
                r.case(op, f, [r.distinct(*shape, dtype=dtype)])
            r.case(
                op, f, [torch.tensor([[1.0, 2.0, 2.0], [1.0, 2.0, 1.0]], dtype=dtype)], note="ties share the gradient"
            )
            for shape, dim in ONE_DIM:
                for keepdim in (False, True):
                    r.case(
                        op,
                        lambda t: tuple(f(t, dim, keepdim)),
                        [r.distinct(*shape, dtype=dtype)],
                        {"dim": dim, "keepdim": keepdim},
                    )
            for dim in (0, 1):
                r.case(op, lambda t: tuple(f(t, dim)), [tie_grid(dtype)], {"dim": dim}, note="the first wins")
            r.case(
                op,
                lambda t: tuple(f(t, 1)),
                [torch.tensor([[1.0, NAN, 2.0, NAN], [INF, 0.0, -INF, 1.0]], dtype=dtype)],
                {"dim": 1},
                note="NaN",
                grad=False,
            )
        for dtype in (I32, U8):
            r.case(op, f, [r.values(3, 4, dtype=dtype)])
            r.case(op, lambda t: tuple(f(t, 1)), [r.distinct(3, 4, gap=1).add(6).to(dtype)], {"dim": 1})
    for op, f in (("argmax", torch.argmax), ("argmin", torch.argmin)):
        for dtype in FLOATS:
            for shape in ALL:
                r.case(op, f, [r.distinct(*shape, dtype=dtype)])
            for shape, dim in ONE_DIM:
                for keepdim in (False, True):
                    r.case(
                        op,
                        lambda t: f(t, dim, keepdim),
                        [r.distinct(*shape, dtype=dtype)],
                        {"dim": dim, "keepdim": keepdim},
                    )
            r.case(op, lambda t: f(t, 1), [tie_grid(dtype)], {"dim": 1}, note="the first wins")
            r.case(
                op,
                lambda t: f(t, 1),
                [torch.tensor([[1.0, NAN, 2.0, NAN], [INF, 0.0, -INF, 1.0]], dtype=dtype)],
                {"dim": 1},
                note="NaN",
            )
        for dtype in (I32, U8):
            r.case(op, lambda t: f(t, 1), [r.distinct(3, 4, gap=1).add(6).to(dtype)], {"dim": 1})


def truth(r):
    for op, f in (("any", torch.any), ("all", torch.all)):
        for dtype in (BOOL, I32, F32):
            for probability in (0.3, 0.8):
                x = (r.uniform(0, 1, 3, 4) < probability).to(dtype)
                r.case(op, lambda t: f(t).bool(), [x], grad=False)
                for dim in (0, 1):
                    for keepdim in (False, True):
                        r.case(
                            op, lambda t: f(t, dim, keepdim).bool(), [x], {"dim": dim, "keepdim": keepdim}, grad=False
                        )
        r.case(op, f, [torch.zeros(0, dtype=BOOL)], note="empty")


def norms(r):
    for dtype in FLOATS:
        for p in (1, 2, 3, INF):
            for shape, dim in (((5,), 0), ((3, 4), 1), ((2, 3, 4), [0, 2])):
                for keepdim in (False, True):
                    x = r.distinct(*shape, dtype=dtype, gap=0.3) + 0.1
                    r.case(
                        "norm",
                        lambda t: torch.linalg.vector_norm(t, p, dim, keepdim),
                        [x],
                        {"p": p, "dim": dim, "keepdim": keepdim},
                    )
        r.case("norm", torch.linalg.vector_norm, [r.normal(3, 4, dtype=dtype)])
        r.case("norm", torch.linalg.vector_norm, [torch.zeros(4, dtype=dtype)], note="zero vector")


def cumulative(r):
    for op, f in (("cumsum", torch.cumsum), ("cumprod", torch.cumprod)):
        for dtype in FLOATS:
            for shape, dim in ONE_DIM:
                x = r.uniform(0.5, 1.5, *shape, dtype=dtype) if op == "cumprod" else r.normal(*shape, dtype=dtype)
                r.case(op, lambda t: f(t, dim), [x], {"dim": dim})
            r.case(
                op,
                lambda t: f(t, 1),
                [torch.tensor([[2.0, 0.0, 3.0, 4.0], [1.0, 0.0, 5.0, 0.0], [1.5, 2.0, -1.0, 0.5]], dtype=dtype)],
                {"dim": 1},
                note="zeros",
            )
        r.case(op, lambda t: f(t, 0), [r.integers(-3, 4, 4, 3)], {"dim": 0})


def softmax(r):
    for op, f in (("softmax", torch.softmax), ("logSoftmax", torch.log_softmax)):
        for dtype in FLOATS:
            for shape, dim in ONE_DIM:
                r.case(op, lambda t: f(t, dim), [r.normal(*shape, dtype=dtype, scale=2)], {"dim": dim})
            r.case(
                op,
                lambda t: f(t, 1),
                [torch.tensor([[1000.0, 999.0, 0.0], [-1000.0, -1000.0, -1000.0]], dtype=dtype)],
                {"dim": 1},
                note="large",
            )
            r.case(
                op,
                lambda t: f(t, 1),
                [torch.tensor([[-INF, 0.0, 1.0], [-INF, -INF, -INF]], dtype=dtype)],
                {"dim": 1},
                note="a row of -inf gives NaN",
                grad=False,
            )


def long(r):
    """Long enough that the order of additions shows."""
    table = [
        ("sum", torch.sum),
        ("mean", torch.mean),
        ("var", torch.var),
        ("logsumexp", torch.logsumexp),
        ("amax", torch.amax),
        ("softmax", torch.softmax),
        ("argmin", torch.argmin),
    ]
    for op, f in table:
        for shape, dim in (((2, 1500), 1), ((1500, 2), 0)):
            x = r.distinct(*shape, gap=1e-3)
            r.case(op, lambda t: f(t, dim), [x], {"dim": dim}, note="long")


def record(r):
    plain_reductions(r)
    extrema(r)
    truth(r)
    norms(r)
    cumulative(r)
    softmax(r)
    long(r)
