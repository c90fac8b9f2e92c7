"""What parameters are made to satisfy after each step."""

import torch

F32, F64 = torch.float32, torch.float64


def over(dim, shape):
    """The dimension that the norms do not run over, as renorm asks for it."""
    [kept] = [i for i in range(len(shape)) if i not in (dim if isinstance(dim, list) else [dim])]
    return kept


def record(r):
    for dtype in (F32, F64):
        for shape in ((3, 4), (2, 3, 2), (2, 2, 1, 3), (1, 5), (5, 1), (0, 3)):
            x = r.normal(*shape, dtype=dtype)
            others = list(range(1, len(shape)))
            for bound in (0.5, 2, 1e30):
                r.case("maxNorm", lambda x: torch.renorm(x, 2, 0, bound), [x], {"max": bound}, grad=False)
            r.case("unitNorm", lambda x: normalized(x, others), [x], grad=False)
            r.case("nonNegative", lambda x: x.clamp(min=0), [x], grad=False)
        for dim, shape in ((0, (3, 4)), ([0, 1], (2, 3, 2)), ([0, 2], (2, 3, 2))):
            x = r.normal(*shape, dtype=dtype)
            options = {"max": 0.7, "dim": dim}
            r.case("maxNorm", lambda x: torch.renorm(x, 2, over(dim, shape), 0.7), [x], options, grad=False)
            r.case("unitNorm", lambda x: normalized(x, dim), [x], {"dim": dim}, grad=False)
        x = r.normal(6, dtype=dtype)
        r.case("maxNorm", lambda x: torch.renorm(x[None], 2, 0, 1)[0], [x], {"max": 1}, "vector", grad=False)
        r.case("unitNorm", lambda x: normalized(x, 0), [x], {}, "vector", grad=False)
        zeros = torch.zeros(2, 3, dtype=dtype)
        r.case("maxNorm", lambda x: torch.renorm(x, 2, 0, 1), [zeros], {"max": 1}, "zeros", grad=False)
        r.case("unitNorm", lambda x: normalized(x, 1), [zeros], {}, "zeros", grad=False)
        edges = torch.tensor([-0.0, 1e30, -1e30, float("inf"), -float("inf"), float("nan")], dtype=dtype)
        r.case("nonNegative", lambda x: x.clamp(min=0), [edges], {}, "edges", grad=False)


def normalized(x, dim):
    return torch.nn.functional.normalize(x, dim=dim)
