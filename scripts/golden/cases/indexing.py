"""Gathering, scattering and sorting."""

import torch
import torch.nn.functional as F

from cases import movement

F32, F64, I32, U8 = torch.float32, torch.float64, torch.int32, torch.uint8
FLOATS = (F32, F64)
INF, NAN = float("inf"), float("nan")


def long(index):
    """PyTorch 1.13 wants int64 indices where chainrule has i32."""
    return index.long()


def top(x, k, dim, largest):
    """top-k by a stable sort: PyTorch leaves the order of equals open, chainrule gives the first."""
    values, indices = torch.sort(x, dim=dim, descending=largest, stable=True)
    return values.narrow(dim, 0, k), indices.narrow(dim, 0, k)


def advanced(r):
    """Tensors of positions in an index; "@1" stands for the second input."""
    items = {"@1": 0, "@2": 1}

    def at(x, index, *positions):
        parts = (positions[items[part]] if part in items else movement.parse(part) for part in index)
        return x[tuple(part.long() if isinstance(part, torch.Tensor) else part for part in parts)]

    for dtype in (F32, F64, I32):
        for shape, index, *sizes in [
            ((5,), ["@1"], (3,)),
            ((5, 2), ["@1"], (2, 2)),
            ((3, 4), [":", "@1"], (5,)),
            ((3, 4), ["@1", "@2"], (6,), (6,)),
            ((3, 4), ["@1", "@2"], (2, 1), (3,)),
            ((2, 3, 4), ["...", "@1"], (2,)),
            ((2, 3, 4), ["@1", "1:"], (3,)),
            ((2, 3, 4), [":", "@1", "@2"], (2, 2), (2,)),
            ((2, 3, 4), ["@1", ":", "@2"], (3,), (3,)),
            ((2, 3, 4), [None, "@1", "::2"], (2,)),
        ]:
            named = [dim for dim, part in enumerate(part for part in index if part is not None) if part in items]
            if "..." in index:
                named = [len(shape) - 1]
            positions = [r.integers(-shape[dim], shape[dim], *size) for dim, size in zip(named, sizes)]
            f = lambda x, *positions: at(x, index, *positions)
            r.case("index", f, [r.values(*shape, dtype=dtype), *positions], {"index": index})
        for shape, dim, k in [((5,), 0, 3), ((3, 4), 0, 2), ((3, 4), 1, 3)]:
            # distinct positions along dim: PyTorch leaves open which of several writes to one place stays
            places = r.uniform(0, 1, *shape).argsort(dim).narrow(dim, 0, k).int()
            source = r.values(*places.shape, dtype=dtype)
            f = lambda x, i, s: torch.scatter(x, dim, long(i), s)
            r.case("scatter", f, [r.values(*shape, dtype=dtype), places, source], {"dim": dim})


def order_statistics(r):
    for dtype in FLOATS:
        for shape in ((5,), (6,), (3, 4), (1,)):
            r.case("median", torch.median, [r.distinct(*shape, dtype=dtype)])
        r.case("median", torch.median, [torch.tensor([2.0, 2.0, 1.0, 2.0, 3.0], dtype=dtype)], note="ties")
        for shape, dim in (((5,), 0), ((3, 4), 1), ((4, 3), 0), ((2, 3, 5), -1)):
            for keepdim in (False, True):
                options = {"dim": dim, "keepdim": keepdim}
                r.case(
                    "median", lambda x: tuple(torch.median(x, dim, keepdim)), [r.distinct(*shape, dtype=dtype)], options
                )
                f = lambda x: tuple(torch.kthvalue(x, 2, dim, keepdim))
                r.case("kthvalue", f, [r.distinct(*shape, dtype=dtype)], {"k": 2, **options})
                for q in (0.25, 0.5, 1):
                    f = lambda x: torch.quantile(x, q, dim, keepdim)
                    r.case("quantile", f, [r.distinct(*shape, dtype=dtype)], {"q": q, **options})
        r.case("quantile", lambda x: torch.quantile(x, 0.3), [r.distinct(3, 4, dtype=dtype)], {"q": 0.3})
        wild = torch.tensor([[1.0, NAN, 0.0], [INF, 2.0, -INF]], dtype=dtype)
        r.case("median", lambda x: tuple(torch.median(x, 1)), [wild], {"dim": 1}, note="NaN", grad=False)


def record(r):
    for dtype in (F32, F64, I32):
        for shape, dim, size in [
            ((5,), 0, (3,)),
            ((5,), 0, (9,)),
            ((3, 4), 0, (2, 4)),
            ((3, 4), 1, (3, 6)),
            ((3, 4), -1, (3, 1)),
            ((2, 3, 4), 1, (2, 5, 4)),
            ((2, 3, 4), 2, (2, 3, 2)),
            ((3, 4), 1, (2, 3)),
            ((2, 3, 4), 0, (3, 2, 1)),
        ]:
            at = r.integers(0, shape[dim], *size)
            note = "fewer rows" if any(size[d] < shape[d] for d in range(len(shape)) if d != dim % len(shape)) else ""
            r.case(
                "gather",
                lambda x, i: torch.gather(x, dim, long(i)),
                [r.values(*shape, dtype=dtype), at],
                {"dim": dim},
                note,
            )
            r.case(
                "scatterAdd",
                lambda x, i, s: torch.scatter_add(x, dim, long(i), s),
                [r.values(*shape, dtype=dtype), at, r.values(*size, dtype=dtype)],
                {"dim": dim},
                note,
            )
        for shape, dim, n in [
            ((5,), 0, 3),
            ((5, 2), 0, 7),
            ((3, 4), 1, 2),
            ((3, 4), -1, 6),
            ((2, 3, 4), 1, 5),
            ((2, 3, 4), 0, 1),
        ]:
            at = r.integers(0, shape[dim], n)
            r.case(
                "indexSelect",
                lambda x, i: torch.index_select(x, dim, i),
                [r.values(*shape, dtype=dtype), at],
                {"dim": dim},
            )
            size = [n if d == dim % len(shape) else s for d, s in enumerate(shape)]
            r.case(
                "indexAdd",
                lambda x, i, s: torch.index_add(x, dim, i, s),
                [r.values(*shape, dtype=dtype), at, r.values(*size, dtype=dtype)],
                {"dim": dim},
            )
        for shape, size in [((5,), (3,)), ((3, 4), (5,)), ((3, 4), (2, 3)), ((2, 3, 4), (2, 2, 2)), ((4,), ())]:
            x = r.values(*shape, dtype=dtype)
            r.case("take", lambda x, i: torch.take(x, long(i)), [x, r.integers(0, x.numel(), *size)])
    for dtype in FLOATS:
        for size in [(3,), (2, 4), (2, 3, 2), (), (9,)]:
            table = r.normal(6, 4, dtype=dtype)
            at = r.integers(0, 6, *size)
            r.case("embedding", lambda i, w: F.embedding(i, w), [at, table])
            r.case("embedding", lambda i, w: F.embedding(i, w, padding_idx=2), [at, table], {"paddingIdx": 2})
    for dtype in (F32, F64, I32, U8):
        values = (
            lambda *shape: r.distinct(*shape, gap=0.5 if dtype in FLOATS else 1).add(0 if dtype != U8 else 15).to(dtype)
        )
        for shape, dim in [((7,), -1), ((3, 5), -1), ((3, 5), 0), ((2, 4, 3), 1), ((1,), 0), ((2, 37), 1)]:
            if dtype == U8 and shape == (2, 37):
                continue
            for descending in (False, True):
                options = {"dim": dim, "descending": descending}
                r.case(
                    "sort",
                    lambda x: tuple(torch.sort(x, dim=dim, descending=descending, stable=True)),
                    [values(*shape)],
                    options,
                )
                r.case(
                    "argsort",
                    lambda x: torch.sort(x, dim=dim, descending=descending, stable=True)[1],
                    [values(*shape)],
                    options,
                )
        for shape, k, dim in [((7,), 3, -1), ((3, 5), 2, -1), ((3, 5), 2, 0), ((2, 4, 3), 4, 1), ((4,), 1, 0)]:
            for largest in (True, False):
                r.case(
                    "topk",
                    lambda x: top(x, k, dim, largest),
                    [values(*shape)],
                    {"k": k, "dim": dim, "largest": largest},
                )
    for dtype in (F32, F64, I32):
        ties = torch.tensor([[3, 1, 3, 2, 1, 3], [0, 0, 0, 0, 0, 0], [-1, 5, -1, 5, 2, 2]], dtype=dtype)
        for descending in (False, True):
            options = {"dim": -1, "descending": descending}
            r.case(
                "sort",
                lambda x: tuple(torch.sort(x, dim=-1, descending=descending, stable=True)),
                [ties],
                options,
                note="ties",
            )
            r.case(
                "argsort",
                lambda x: torch.sort(x, dim=-1, descending=descending, stable=True)[1],
                [ties],
                options,
                note="ties",
            )
            r.case(
                "topk",
                lambda x: top(x, 4, -1, descending),
                [ties],
                {"k": 4, "dim": -1, "largest": descending},
                note="ties",
            )
    for dtype in FLOATS:
        wild = torch.tensor([1.0, NAN, -INF, INF, 0.0, -2.0, NAN, 2.0], dtype=dtype)
        for descending in (False, True):
            r.case(
                "sort",
                lambda x: tuple(torch.sort(x, dim=0, descending=descending, stable=True)),
                [wild],
                {"dim": 0, "descending": descending},
                note="NaN is the largest",
            )
            r.case(
                "topk",
                lambda x: top(x, 5, 0, descending),
                [wild],
                {"k": 5, "dim": 0, "largest": descending},
                note="NaN is the largest",
            )
        zeros = torch.tensor([0.0, -0.0, 1.0, -0.0, 0.0, -1.0], dtype=dtype)
        for descending in (False, True):
            r.case(
                "argsort",
                lambda x: torch.sort(x, dim=0, descending=descending, stable=True)[1],
                [zeros],
                {"dim": 0, "descending": descending},
                note="-0 equals 0",
            )
    advanced(r)
    order_statistics(r)
    for size in [(4,), (2, 3)]:
        r.case("oneHot", lambda i: F.one_hot(long(i), 5), [r.integers(0, 5, *size)], {"numClasses": 5})
