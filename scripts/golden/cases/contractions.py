"""Matrix products of every rank, and einsum."""

import torch
import torch.nn.functional as F

F32, F64, I32 = torch.float32, torch.float64, torch.int32
FLOATS = (F32, F64)

MATMUL = [
    ((3,), (3,)),
    ((3,), (3, 4)),
    ((2, 3), (3,)),
    ((2, 3), (3, 4)),
    ((1, 3), (3, 1)),
    ((1, 1), (1, 1)),
    ((5, 2, 3), (3,)),
    ((3,), (5, 3, 4)),
    ((5, 2, 3), (3, 4)),
    ((2, 3), (5, 3, 4)),
    ((5, 2, 3), (5, 3, 4)),
    ((1, 2, 3), (5, 3, 4)),
    ((2, 1, 2, 3), (4, 3, 2)),
    ((2, 3, 2, 2), (2, 3, 2, 3)),
    ((3, 1, 2, 2), (1, 2, 2, 3)),
    ((3,), (2, 1, 3, 2)),
    ((17, 33), (33, 9)),
    ((8, 16), (16, 24)),
    ((3, 65), (65, 2)),
    ((33, 2), (2, 31)),
    ((1, 40), (40, 12)),
    ((12, 40), (40, 1)),
    ((4, 300), (300, 5)),
    ((65, 31), (31, 47)),
    ((2, 0), (0, 3)),
    ((0, 2), (2, 3)),
]

EINSUM = [
    ("i,i->", (3,), (3,)),
    ("i,j->ij", (3,), (4,)),
    ("i,i->i", (3,), (3,)),
    ("ij->ji", (2, 3)),
    ("ij->", (2, 3)),
    ("ij->j", (2, 3)),
    ("ij->i", (2, 3)),
    ("ii->i", (3, 3)),
    ("ii->", (3, 3)),
    ("ij,jk->ik", (2, 3), (3, 4)),
    ("ij,jk", (2, 3), (3, 4)),
    ("ij,kj->ik", (2, 3), (4, 3)),
    ("ji,jk->ki", (3, 2), (3, 4)),
    ("ij,j->i", (2, 3), (3,)),
    ("ij,ij->", (2, 3), (2, 3)),
    ("ij,ij->ij", (2, 3), (2, 3)),
    ("bij,bjk->bik", (2, 3, 4), (2, 4, 2)),
    ("bij,jk->bik", (2, 3, 4), (4, 2)),
    ("bij,bkj->bik", (2, 3, 4), (2, 5, 4)),
    ("bhqd,bhkd->bhqk", (2, 2, 3, 4), (2, 2, 3, 4)),
    ("bhqk,bhkd->bqhd", (2, 2, 3, 3), (2, 2, 3, 4)),
    ("ijk,kl->jil", (2, 3, 4), (4, 2)),
    ("ij,kl->ijkl", (2, 3), (2, 2)),
    ("ij,jk->", (2, 3), (3, 4)),
    ("i,ij,j->", (2,), (2, 3), (3,)),
    ("ij,jk,kl->il", (2, 3), (3, 4), (4, 2)),
    ("...ij,...jk->...ik", (2, 2, 3), (2, 3, 4)),
    ("...ij,jk->...ik", (2, 1, 2, 3), (3, 4)),
    ("...i->...", (2, 3, 4)),
    ("b...d,d->b...", (2, 3, 4), (4,)),
    ("bn,anm,bm->ba", (2, 3), (4, 3, 5), (2, 5)),
]


def record(r):
    for dtype in FLOATS:
        for a, b in MATMUL:
            r.case("matmul", torch.matmul, [r.normal(*a, dtype=dtype), r.normal(*b, dtype=dtype)])
        for a, b in [((2, 3), (3, 4)), ((7, 5), (5, 6)), ((1, 19), (19, 3))]:
            r.case("mm", torch.mm, [r.normal(*a, dtype=dtype), r.normal(*b, dtype=dtype)])
        for a, b in [((3, 2, 4), (3, 4, 5)), ((1, 3, 3), (1, 3, 3)), ((4, 1, 6), (4, 6, 2))]:
            r.case("bmm", torch.bmm, [r.normal(*a, dtype=dtype), r.normal(*b, dtype=dtype)])
        for n in (1, 5, 70):
            r.case("dot", torch.dot, [r.normal(n, dtype=dtype), r.normal(n, dtype=dtype)])
        for a, b in [((3, 4), (4,)), ((1, 9), (9,))]:
            r.case("mv", torch.mv, [r.normal(*a, dtype=dtype), r.normal(*b, dtype=dtype)])
        for n in (1, 4):
            r.case("trace", torch.trace, [r.normal(n, n, dtype=dtype)])
        for a, b in [((3,), (4,)), ((1,), (5,))]:
            r.case("outer", torch.outer, [r.normal(*a, dtype=dtype), r.normal(*b, dtype=dtype)])
        for equation, *shapes in EINSUM:
            r.case(
                "einsum",
                lambda *xs: torch.einsum(equation, *xs),
                [r.normal(*s, dtype=dtype) for s in shapes],
                {"equation": equation},
            )
        for x, out in [((3,), 4), ((2, 3), 4), ((2, 5, 3), 4), ((1, 8), 1), ((2, 2, 3, 4), 5), ((16, 20), 10)]:
            w, b = r.normal(out, x[-1], dtype=dtype), r.normal(out, dtype=dtype)
            r.case("linear", F.linear, [r.normal(*x, dtype=dtype), w, b])
            r.case("linear", F.linear, [r.normal(*x, dtype=dtype), w])
    for a, b in MATMUL[:12]:
        r.case("matmul", torch.matmul, [r.values(*a, dtype=I32), r.values(*b, dtype=I32)])
    identity = torch.eye(3)
    r.case(
        "matmul",
        torch.matmul,
        [identity, torch.tensor([[float("nan"), 1.0], [2.0, float("inf")], [3.0, 4.0]])],
        note="NaN and infinity",
        grad=False,
    )
