"""Compositions of tensor operators: what PyTorch's samples of them lack, which is float64 and second derivatives."""

import torch

F32, F64, I32 = torch.float32, torch.float64, torch.int32
NAN, INF = float("nan"), float("inf")


def record(r):
    def normal(*shape):
        return r.normal(*shape, dtype=F64)

    def positive(*shape):
        return r.uniform(0.3, 2, *shape, dtype=F64)

    for dtype in (F32, F64):
        for a, b in (((2,), (3,)), ((2, 3), (2, 2)), ((2,), (3, 2)), ((2, 1, 2), (2, 2)), ((0, 2), (2, 2)), ((), (2,))):
            r.case("kron", torch.kron, [r.normal(*a, dtype=dtype), r.normal(*b, dtype=dtype)])
        for shape, dim, start, end, step in (
            ((4,), 0, 1, 3, 1),
            ((5,), 0, 0, 5, 2),
            ((2, 5), 1, -4, -1, 2),
            ((3, 2), 0, 1, 9, 1),
            ((2, 3, 4), -1, 0, 4, 3),
            ((3, 2), 0, 2, 2, 1),
        ):
            options = {"dim": dim, "start": start, "end": end, "step": step}
            x = r.normal(*shape, dtype=dtype)
            source = x.movedim(dim, 0)[start:end:step].movedim(0, dim).clone()
            r.case("sliceScatter", lambda x, y: torch.slice_scatter(x, y, **options), [x, source + 1], options)
        tail = torch.tensor([-30, -3, -0.5, 0, 0.25, 1, 2.5, 3.75, 6, 9, 30], dtype=dtype)
        r.case("erfc", torch.erfc, [tail], note="to the tail")
        edges = torch.tensor([-INF, -1e30, -2, 0, 3, 1e30], dtype=dtype)
        for op in ("logaddexp", "logaddexp2"):
            r.case(op, getattr(torch, op), [edges, edges.flip(0)], note="large")

    for op in ("sinc", "erfc", "deg2rad", "rad2deg"):
        r.second(op, getattr(torch, op), [positive(2, 3)], squared=op.endswith(("rad", "deg")))
    r.second("entr", torch.special.entr, [positive(2, 3)])
    for a, b in (((2, 3), (3,)), ((4,), (4,))):
        for op, f in (
            ("logaddexp", torch.logaddexp),
            ("logaddexp2", torch.logaddexp2),
            ("xlogy", torch.xlogy),
            ("xlog1py", torch.special.xlog1py),
            ("kron", torch.kron),
        ):
            r.second(op, f, [positive(*a), positive(*b)])
    for value in (1, -0.5):
        for op in ("addcmul", "addcdiv"):
            f = lambda x, a, b: getattr(torch, op)(x, a, b, value=value)
            r.second(op, f, [positive(2, 3), positive(3), positive(2, 1)], {"value": value})
    r.second("cross", lambda a, b: torch.linalg.cross(a, b, dim=0), [normal(3, 2), normal(3, 2)], {"dim": 0})
    for dim in (0, 1):
        r.second("logcumsumexp", lambda x: torch.log(torch.cumsum(torch.exp(x), dim)), [normal(3, 4)], {"dim": dim})
        r.second("trapezoid", lambda y, x: torch.trapezoid(y, x, dim=dim), [normal(3, 3), normal(3)], {"dim": dim})
    for p in (1.5, 2, 3):
        f = lambda a, b: torch.linalg.vector_norm(a.unsqueeze(-2) - b.unsqueeze(-3), p, -1)
        r.second("cdist", f, [normal(3, 2), normal(2, 2)], {"p": p})
    for options in ({}, {"beta": 0.5, "alpha": -2}):
        addmm = lambda x, a, b: torch.addmm(x, a, b, **options)
        r.second("addmm", addmm, [normal(3), normal(2, 2), normal(2, 3)], options)
    r.second("tensordot", lambda a, b: torch.tensordot(a, b, 2), [normal(2, 3, 2), normal(3, 2, 2)])
