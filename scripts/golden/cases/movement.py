"""Operators that only move elements."""

import torch
import torch.nn.functional as F

F32, F64, I32, U8, BOOL = torch.float32, torch.float64, torch.int32, torch.uint8, torch.bool
DTYPES = (F32, F64, I32, BOOL)


def parse(part):
    """One place of an index: a whole number, "start:stop:step", "..." or None for a new dimension."""
    if not isinstance(part, str):
        return part
    if part == "...":
        return Ellipsis
    return slice(*(int(field) if field else None for field in part.split(":")))


def index(x, parts):
    """NumPy's indexing; PyTorch has no negative step, so those dimensions are read by position."""
    parsed = [parse(part) for part in parts]
    taken = 0
    for k, part in enumerate(parsed):
        if part is None or part is Ellipsis:
            continue
        if isinstance(part, slice) and part.step is not None and part.step < 0:
            assert Ellipsis not in parsed[:k]
            x = x.index_select(taken, torch.tensor(range(x.shape[taken])[part], dtype=torch.int64))
            parsed[k] = slice(None)
        taken += 1
    return x[tuple(parsed)]


INDICES = [
    ((6,), [2]),
    ((6,), [-1]),
    ((6,), ["1:4"]),
    ((6,), ["::2"]),
    ((6,), ["1::3"]),
    ((6,), ["-4:-1"]),
    ((6,), ["::-1"]),
    ((6,), ["4:1:-2"]),
    ((6,), ["10:20"]),
    ((6,), ["4:-10:-2"]),
    ((6,), ["-10::-1"]),
    ((6,), ["2::-1"]),
    ((6,), [":2:-1"]),
    ((6,), ["10::-3"]),
    ((6,), ["1:4:-1"]),
    ((6,), ["3:1"]),
    ((6,), [None]),
    ((4, 5), [1]),
    ((4, 5), [":", 1]),
    ((4, 5), ["1:3", "::2"]),
    ((4, 5), ["...", -2]),
    ((4, 5), [None, "1:", ":-1"]),
    ((4, 5), ["::-1", "::-2"]),
    ((4, 5), [3, 4]),
    ((2, 3, 4), ["...", "1:3"]),
    ((2, 3, 4), [0, "...", 1]),
    ((2, 3, 4), [":", None, "1:", ":"]),
    ((2, 3, 4), [-1, "::-1", "::3"]),
    ((2, 3, 4), [":", ":", "-2:"]),
    ((2, 3, 2, 3), [1, "...", "::2"]),
]


def record(r):
    def each(op, f, shape, options=None, note="", dtypes=DTYPES):
        for dtype in dtypes:
            r.case(op, f, [r.values(*shape, dtype=dtype)], options, note)

    for shape, to in [
        ((6,), (2, 3)),
        ((2, 3), (6,)),
        ((2, 3, 4), (4, -1)),
        ((2, 3, 4), (3, 2, 2, 2)),
        ((1,), ()),
        ((), (1, 1)),
        ((0, 3), (3, 0)),
        ((4, 1, 3), (-1,)),
    ]:
        each("reshape", lambda x: x.reshape(to), shape, {"shape": to})
        each("view", lambda x: x.view(to), shape, {"shape": to}, dtypes=(F32, I32))
    for shape, start, end in [
        ((2, 3, 4), 0, -1),
        ((2, 3, 4), 1, -1),
        ((2, 3, 4), 0, 1),
        ((2, 3, 2, 2), 1, 2),
        ((5,), 0, -1),
    ]:
        each("flatten", lambda x: x.flatten(start, end), shape, {"startDim": start, "endDim": end}, dtypes=(F32, I32))
    for shape, perm in [
        ((2, 3), (1, 0)),
        ((2, 3, 4), (2, 0, 1)),
        ((2, 3, 4), (0, 2, 1)),
        ((2, 3, 4), (-1, 0, 1)),
        ((2, 1, 3, 2), (3, 1, 0, 2)),
        ((3,), (0,)),
    ]:
        each("permute", lambda x: x.permute(perm), shape, {"dims": perm})
    for shape, a, b in [((2, 3), 0, 1), ((2, 3, 4), 0, 2), ((2, 3, 4), -1, -2), ((2, 3, 2, 2), 1, 3)]:
        each("transpose", lambda x: x.transpose(a, b), shape, {"dim0": a, "dim1": b})
    for shape in [(2, 3), (4,), ()]:
        each("t", lambda x: x.t(), shape, dtypes=(F32, I32))
    for shape, to in [
        ((1, 3), (2, 3)),
        ((3, 1), (3, 4)),
        ((3,), (2, 3)),
        ((1, 1, 2), (3, 4, 2)),
        ((), (2, 2)),
        ((2, 1), (-1, 3)),
    ]:
        each("expand", lambda x: x.expand(to), shape, {"shape": to})
    for shape, parts in INDICES:
        each(
            "index",
            lambda x: index(x, parts),
            shape,
            {"index": parts},
            dtypes=(F32, F64, I32) if len(shape) > 1 else (F32, I32),
        )
    for shape, dims in [
        ((5,), [0]),
        ((3, 4), [0]),
        ((3, 4), [1]),
        ((3, 4), [0, 1]),
        ((2, 3, 4), [-1, 0]),
        ((2, 3, 4), [1]),
    ]:
        each("flip", lambda x: x.flip(dims), shape, {"dims": dims})
    for shape, shifts, dims in [
        ((5,), 2, 0),
        ((5,), -1, 0),
        ((3, 4), 1, 1),
        ((3, 4), [1, 2], [0, 1]),
        ((3, 4), 7, 0),
        ((2, 3, 4), [-1, 5], [2, 1]),
    ]:
        each("roll", lambda x: x.roll(shifts, dims), shape, {"shifts": shifts, "dims": dims}, dtypes=(F32, F64, I32))
    each("roll", lambda x: x.roll(3), (3, 4), {"shifts": 3}, dtypes=(F32, I32))
    for shapes, dim in [
        ([(3,), (2,)], 0),
        ([(2, 3), (1, 3)], 0),
        ([(2, 3), (2, 1), (2, 2)], 1),
        ([(2, 3, 2), (2, 3, 2)], -1),
        ([(0, 3), (2, 3)], 0),
        ([(2, 1, 3), (2, 4, 3)], 1),
    ]:
        for dtype in DTYPES:
            r.case("cat", lambda *xs: torch.cat(xs, dim), [r.values(*s, dtype=dtype) for s in shapes], {"dim": dim})
    r.case("cat", lambda *xs: torch.cat(xs, 0), [r.values(3, dtype=I32), r.values(2)], {"dim": 0}, note="promotion")
    for shape, n, dim in [((3,), 2, 0), ((3,), 3, 1), ((2, 3), 2, 0), ((2, 3), 2, 1), ((2, 3), 3, -1), ((), 3, 0)]:
        for dtype in DTYPES:
            r.case(
                "stack",
                lambda *xs: torch.stack(xs, dim),
                [r.values(*shape, dtype=dtype) for _ in range(n)],
                {"dim": dim},
            )
    for shape, size, dim in [
        ((7,), 3, 0),
        ((6, 2), 2, 0),
        ((2, 5), [1, 4], 1),
        ((2, 5), [2, 2, 1], -1),
        ((3, 4), 5, 1),
    ]:
        each("split", lambda x: x.split(size, dim), shape, {"splitSize": size, "dim": dim}, dtypes=(F32, F64, I32))
    for shape, n, dim in [((7,), 3, 0), ((6, 2), 2, 0), ((2, 5), 4, 1), ((2, 3), 5, 1)]:
        each("chunk", lambda x: x.chunk(n, dim), shape, {"chunks": n, "dim": dim}, dtypes=(F32, F64, I32))
    for shape, pads in [
        ((5,), [1, 2]),
        ((3, 4), [1, 0]),
        ((3, 4), [0, 2, 1, 1]),
        ((2, 3, 4), [1, 1, 0, 2, 1, 0]),
        ((3, 4), [-1, 2]),
        ((3, 4), [-1, -1, 0, -1]),
    ]:
        for value in (0, 1.5, float("-inf")):
            for dtype in (F32, F64):
                r.case(
                    "pad",
                    lambda x: F.pad(x, pads, value=value),
                    [r.normal(*shape, dtype=dtype)],
                    {"pad": pads, "mode": "constant", "value": value},
                )
    for mode in ("reflect", "replicate", "circular"):
        for shape, pads in [((2, 3, 5), [2, 1]), ((1, 2, 4, 5), [1, 2, 2, 1]), ((1, 2, 3, 3), [2, 0, 0, 1])]:
            for dtype in (F32, F64):
                r.case(
                    "pad",
                    lambda x: F.pad(x, pads, mode=mode),
                    [r.normal(*shape, dtype=dtype)],
                    {"pad": pads, "mode": mode},
                )
    for op in ("repeat", "tile"):
        for shape, times in [
            ((3,), (2,)),
            ((3,), (2, 2)),
            ((2, 3), (2, 1)),
            ((2, 3), (1, 3)),
            ((2, 1, 3), (1, 2, 2)),
            ((), (3,)),
        ] + ([((2, 3), (2,))] if op == "tile" else []):
            each(op, lambda x: getattr(x, op)(times), shape, {"repeats": times}, dtypes=(F32, F64, I32))
    for shape, dim in [((1, 3), None), ((1, 3, 1), None), ((1, 3, 1), 0), ((1, 3, 1), -1), ((2, 3), 0), ((1,), 0)]:
        each(
            "squeeze",
            (lambda x: x.squeeze()) if dim is None else (lambda x: x.squeeze(dim)),
            shape,
            {} if dim is None else {"dim": dim},
            dtypes=(F32, I32),
        )
    for shape, dim in [((3,), 0), ((3,), 1), ((3,), -1), ((2, 3), 1), ((), 0), ((2, 3), -3)]:
        each("unsqueeze", lambda x: x.unsqueeze(dim), shape, {"dim": dim}, dtypes=(F32, I32))
    for shape, dim, size, step in [
        ((7,), 0, 3, 1),
        ((7,), 0, 2, 3),
        ((3, 6), 1, 4, 2),
        ((6, 3), 0, 3, 2),
        ((2, 5, 3), -2, 2, 1),
    ]:
        each(
            "unfold",
            lambda x: x.unfold(dim, size, step),
            shape,
            {"dim": dim, "size": size, "step": step},
            dtypes=(F32, F64),
        )
    for shape in [(4,), (3, 3), (3, 5), (5, 3)]:
        for k in (0, 1, -2):
            each("diag", lambda x: x.diag(k), shape, {"diagonal": k}, dtypes=(F32, I32))
            if len(shape) == 2:
                each("tril", lambda x: x.tril(k), shape, {"diagonal": k}, dtypes=(F32, I32))
                each("triu", lambda x: x.triu(k), shape, {"diagonal": k}, dtypes=(F32, I32))
    for op in ("tril", "triu"):
        each(op, lambda x: getattr(x, op)(1), (2, 3, 4), {"diagonal": 1}, dtypes=(F64, BOOL))
    for shape, source, target in [((2, 3, 4), 0, 2), ((2, 3, 4), -1, 0), ((2, 3, 4), 1, 1)]:
        each(
            "movedim",
            lambda x: x.movedim(source, target),
            shape,
            {"source": source, "destination": target},
            dtypes=(F32, I32),
        )
    for shape, dim, start, length in [((6,), 0, 1, 3), ((3, 4), 1, 0, 2), ((3, 4), -1, -2, 2), ((3, 4), 0, 1, 0)]:
        options = {"dim": dim, "start": start, "length": length}
        # PyTorch 1.13 counts a start from the end only since it takes tensors there: wrap it by hand.
        first = start % shape[dim]
        each("narrow", lambda x: x.narrow(dim, first, length), shape, options, dtypes=(F32, I32))
    for shape, times, dim in [((4,), 2, 0), ((2, 3), 3, 1), ((2, 3), 2, 0), ((2, 3), 2, None)]:
        options = {"repeats": times} if dim is None else {"repeats": times, "dim": dim}
        each("repeatInterleave", lambda x: x.repeat_interleave(times, dim), shape, options, dtypes=(F32, F64, I32))
    for shape, dim in [((3, 2), 0), ((2, 3), 1), ((2, 3, 2), -1)]:
        each("unbind", lambda x: x.unbind(dim), shape, {"dim": dim}, dtypes=(F32, F64, I32))
    for shape, offset, a, b in [
        ((3, 4), 0, 0, 1),
        ((3, 4), 1, 0, 1),
        ((3, 4), -1, 1, 0),
        ((2, 3, 3), 0, 1, 2),
        ((2, 3, 4), 2, 0, 2),
    ]:
        options = {"offset": offset, "dim1": a, "dim2": b}
        each("diagonal", lambda x: x.diagonal(offset, a, b), shape, options, dtypes=(F32, F64, I32))
    for shape, dim, sizes in [((6,), 0, (2, 3)), ((2, 6), 1, (2, -1)), ((2, 4, 3), -2, (2, 1, 2))]:
        each("unflatten", lambda x: x.unflatten(dim, sizes), shape, {"dim": dim, "sizes": sizes}, dtypes=(F32, I32))
