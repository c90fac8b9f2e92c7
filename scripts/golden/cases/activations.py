"""Activations."""

import torch
import torch.nn.functional as F

F32, F64 = torch.float32, torch.float64
FLOATS = (F32, F64)
INF, NAN = float("inf"), float("nan")

SHAPES = ((7,), (2, 3), (), (0, 3))
KINKS = [-6.0, -3.0, -1.0, -0.5, -0.0, 0.0, 0.5, 1.0, 3.0, 6.0]
LARGE = [-1e30, -1e4, -100.0, -30.0, 30.0, 100.0, 1e4, 1e30]
INFINITE = [-INF, INF]
# x³ overflows float32 at 1e30, and PyTorch's tanh form has a NaN gradient from there
CUBED = [-1e10, -1e4, -100.0, -30.0, 30.0, 100.0, 1e4, 1e10]


def snake(options):
    return {"".join("_" + c.lower() if c.isupper() else c for c in key): value for key, value in options.items()}


def scaled(f):
    return lambda x, steepness=1: f(steepness * x)


def halves(gate):
    def f(x, dim=-1):
        a, b = x.chunk(2, dim)
        return a * gate(b)

    return f


def maxout(x, pieces, dim=-1):
    return x.unflatten(dim, (-1, pieces)).max(dim if dim < 0 else dim + 1).values


# op, function, options, extreme values where PyTorch has a result
ELEMENTWISE = [
    ("hardsigmoid", F.hardsigmoid, [{}], LARGE + INFINITE),
    ("logSigmoid", F.logsigmoid, [{}], LARGE + INFINITE),
    ("hardtanh", F.hardtanh, [{}, {"minVal": -0.5, "maxVal": 2.0}], LARGE + INFINITE),
    ("softsign", F.softsign, [{}], LARGE),
    ("softplus", F.softplus, [{}, {"beta": 3.0}, {"beta": 0.5, "threshold": 0.25}], LARGE + INFINITE),
    ("relu", F.relu, [{}], LARGE + INFINITE),
    ("relu6", F.relu6, [{}], LARGE + INFINITE),
    ("leakyRelu", F.leaky_relu, [{}, {"negativeSlope": 0.3}, {"negativeSlope": -0.5}], LARGE + INFINITE),
    ("rrelu", F.rrelu, [{}, {"lower": 0.1, "upper": 0.2}], LARGE + INFINITE),
    ("elu", F.elu, [{}, {"alpha": 0.5}], LARGE + INFINITE),
    ("celu", F.celu, [{}, {"alpha": 0.5}, {"alpha": 3.0}], LARGE + INFINITE),
    ("selu", F.selu, [{}], LARGE + INFINITE),
    ("gelu", F.gelu, [{}], LARGE),
    ("gelu", F.gelu, [{"approximate": "tanh"}], CUBED),
    ("silu", F.silu, [{}], LARGE),
    ("mish", F.mish, [{}], LARGE),
    ("hardswish", F.hardswish, [{}], LARGE),
    ("tanhshrink", F.tanhshrink, [{}], LARGE + INFINITE),
    ("softshrink", F.softshrink, [{}, {"lambd": 0.0}, {"lambd": 1.0}], LARGE + INFINITE),
    ("hardshrink", F.hardshrink, [{}, {"lambd": 1.0}], LARGE + INFINITE),
    (
        "threshold",
        lambda x, threshold, value: F.threshold(x, threshold, value),
        [{"threshold": 0.5, "value": 7.0}, {"threshold": -1.0, "value": -2.0}],
        LARGE + INFINITE,
    ),
]
# what PyTorch 1.13 cannot differentiate twice itself
TWICE = {"hardsigmoid": lambda x: (F.hardtanh(x, -3, 3) + 3) / 6}
FORMULAS = [
    ("sigmoid", scaled(torch.sigmoid), [{}, {"steepness": 3.0}, {"steepness": -0.5}], LARGE + INFINITE),
    ("tanh", scaled(torch.tanh), [{}, {"steepness": 3.0}, {"steepness": -0.5}], LARGE + INFINITE),
    ("silu", lambda x, beta: x * torch.sigmoid(beta * x), [{"beta": 2.0}, {"beta": 0.0}, {"beta": -1.0}], LARGE),
    ("linearActivation", lambda x, slope=1: slope * x, [{}, {"slope": -2.5}], LARGE + INFINITE),
]


def elementwise(r, table):
    for op, f, choices, extremes in table:
        for options in choices:

            def g(x):
                return f(x, **snake(options))

            for dtype in FLOATS:
                for shape in SHAPES:
                    r.case(op, g, [r.normal(*shape, dtype=dtype, scale=2)], options)
                r.case(op, g, [torch.tensor(KINKS, dtype=dtype)], options, note="kinks")
                finite = [x for x in extremes if options.get("beta") != 0 or abs(x) < INF]
                r.case(op, g, [torch.tensor(finite, dtype=dtype)], options, note="extremes")
                if op != "softshrink":  # PyTorch 1.13 makes 0 of NaN
                    r.case(op, g, [torch.tensor([NAN, 1.0], dtype=dtype)], options, note="NaN", grad=False)
            twice = TWICE.get(op, g)
            for shape in ((5,), (2, 3)):
                r.second(op, twice, [r.normal(*shape, dtype=F64, scale=2)], options, squared=True)


def steps(r):
    for dtype in FLOATS:
        for options in ({}, {"threshold": 0.5}, {"threshold": -3.0}):
            threshold = options.get("threshold", 0)

            def f(x):
                return torch.heaviside(x - threshold, torch.ones((), dtype=x.dtype))

            for shape in SHAPES:
                r.case("step", f, [r.normal(*shape, dtype=dtype)], options, grad=False)
            r.case("step", f, [torch.tensor(KINKS + LARGE + INFINITE, dtype=dtype)], options, "kinks", grad=False)


def logits(r):
    for dtype in FLOATS:
        for eps in (0.1, 1e-3):
            for shape in SHAPES:
                x = r.uniform(0.01, 0.99, *shape, dtype=dtype)
                r.case("logit", lambda x: torch.logit(x, eps), [x], {"eps": eps})
            ends = torch.tensor([-1.0, 0.0, 0.05, 0.5, 1.0, 3.0], dtype=dtype)
            r.case("logit", lambda x: torch.logit(x, eps), [ends], {"eps": eps}, "beyond the ends")
    for options in ({}, {"eps": 0.1}):
        for _ in range(2):
            x = r.uniform(0.02, 0.98, 5, dtype=F64)
            r.second("logit", lambda x: torch.logit(x, **options), [x], options)


def learned(r):
    for dtype in FLOATS:
        for shape, count in (((4,), 1), ((2, 3), 1), ((2, 3), 3), ((2, 3, 4), 3), ((2, 3, 2, 2), 3), ((), 1), ((0, 3), 3)):
            inputs = [r.normal(*shape, dtype=dtype, scale=2), r.uniform(-0.5, 0.5, count, dtype=dtype)]
            r.case("prelu", F.prelu, inputs)
        r.case("prelu", F.prelu, [torch.tensor(KINKS + LARGE, dtype=dtype), torch.tensor([0.25], dtype=dtype)], note="kinks")
        r.case(
            "prelu",
            F.prelu,
            [torch.tensor([INF, 2.0], dtype=dtype), torch.tensor([0.25], dtype=dtype)],
            note="infinity",
        )
    for shape, count in (((2, 3), 1), ((2, 3), 3), ((2, 3, 2), 3)):
        inputs = [r.normal(*shape, dtype=F64), r.uniform(0.1, 0.5, count, dtype=F64)]
        r.second("prelu", F.prelu, inputs, squared=True)


def swish(r):
    def f(x, beta):
        return x * torch.sigmoid(beta * x)

    for dtype in FLOATS:
        for shape in SHAPES:
            r.case("silu", f, [r.normal(*shape, dtype=dtype), r.uniform(0.5, 2, dtype=dtype)], note="learned beta")
        r.case("silu", f, [torch.tensor(LARGE, dtype=dtype), torch.tensor(2.0, dtype=dtype)], note="extremes", grad=[0])
    r.second("silu", f, [r.normal(5, dtype=F64), r.uniform(0.5, 2, dtype=F64)])
    r.second("silu", f, [r.normal(2, 3, dtype=F64), r.uniform(0.5, 2, 3, dtype=F64)])


def gates(r):
    shapes = (((6,), -1), ((2, 4), 1), ((4, 3), 0), ((2, 2, 4), -2), ((0, 4), 1))
    reference = "Shazeer 2020, in PyTorch's tensors"
    for op, f in (
        ("glu", F.glu),
        ("reglu", halves(F.relu)),
        ("geglu", halves(F.gelu)),
        ("swiglu", halves(F.silu)),
    ):
        r.reference = None if op == "glu" else reference
        for dtype in FLOATS:
            for shape, dim in shapes:
                r.case(op, lambda x: f(x, dim), [r.normal(*shape, dtype=dtype)], {"dim": dim})
            extremes = torch.tensor([2.0, -2.0, 2.0, -2.0, 1e4, 1e4, -1e4, -1e4], dtype=dtype)
            r.case(op, f, [extremes], note="extremes")
            r.case(op, f, [torch.tensor([1.0, NAN, NAN, 1.0], dtype=dtype)], note="NaN", grad=False)
        for shape, dim in shapes[:2]:
            r.second(op, lambda x: f(x, dim), [r.normal(*shape, dtype=F64)], {"dim": dim})
    r.reference = "Goodfellow et al. 2013, in PyTorch's tensors"
    for dtype in FLOATS:
        for shape, pieces, dim in (((6,), 2, -1), ((2, 6), 3, 1), ((4, 3), 2, 0), ((2, 4, 3), 4, 1), ((0, 4), 2, -1), ((3, 2), 1, -1)):
            x = r.distinct(*shape, dtype=dtype)
            r.case("maxout", lambda x: maxout(x, pieces, dim), [x], {"pieces": pieces, "dim": dim})
        ties = torch.tensor([1.0, 1.0, -INF, INF, 3.0, 2.0], dtype=dtype)
        r.case("maxout", lambda x: maxout(x, 2), [ties], {"pieces": 2}, note="ties: the first wins")
        r.case("maxout", lambda x: maxout(x, 2), [torch.tensor([NAN, 1.0, 2.0, 3.0], dtype=dtype)], {"pieces": 2}, grad=False)
    for pieces in (2, 3):
        x = r.distinct(2, 6, dtype=F64)
        r.second("maxout", lambda x: maxout(x, pieces), [x], {"pieces": pieces}, squared=True)
    r.reference = None


def probabilities(r):
    for dtype in FLOATS:
        for shape, dim in (((5,), 0), ((2, 3), 1), ((2, 3), 0), ((2, 3, 4), -2), ((0, 3), 1), ((3, 1), 1)):
            r.case("softmin", lambda x: F.softmin(x, dim), [r.normal(*shape, dtype=dtype)], {"dim": dim})
        extremes = torch.tensor([[-1e30, 0.0, 1e30], [100.0, 200.0, 200.5], [0.0, 1.0, INF]], dtype=dtype)
        r.case("softmin", lambda x: F.softmin(x, 1), [extremes], {"dim": 1}, note="extremes")
        nothing = torch.tensor([[INF, INF], [NAN, 0.0], [-INF, 0.0]], dtype=dtype)
        r.case("softmin", lambda x: F.softmin(x, 1), [nothing], {"dim": 1}, note="NaN", grad=False)
    for shape, dim in (((5,), 0), ((2, 3), 1)):
        r.second("softmin", lambda x: F.softmin(x, dim), [r.normal(*shape, dtype=F64)], {"dim": dim})


def record(r):
    elementwise(r, ELEMENTWISE)
    r.reference = "the formula, in PyTorch's tensors"
    elementwise(r, FORMULAS)
    swish(r)
    r.reference = None
    steps(r)
    logits(r)
    learned(r)
    gates(r)
    probabilities(r)
