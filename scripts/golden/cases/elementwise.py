"""Elementwise operators: shapes, broadcasting, dtypes, promotion, kinks, signed zeros, infinities and NaN."""

import itertools

import torch
import torch.nn.functional as F

from recorder import u32

F32, F64, I32, U8, BOOL = torch.float32, torch.float64, torch.int32, torch.uint8, torch.bool
FLOATS = (F32, F64)
INF, NAN = float("inf"), float("nan")

SHAPES = [(), (5,), (33,), (3, 4), (2, 3, 4), (2, 1, 3, 2), (0, 3)]
PAIRS = [
    ((), ()),
    ((4,), (4,)),
    ((37,), (37,)),
    ((3, 4), (4,)),
    ((3, 1), (1, 4)),
    ((4,), (2, 3, 4)),
    ((2, 3, 4), (3, 1)),
    ((2, 1, 4), (1, 3, 1)),
    ((2, 1, 3, 1), (3, 1, 5)),
    ((), (3,)),
    ((3, 4), ()),
    ((1,), (2, 3)),
    ((0, 3), (1, 3)),
]
SPECIAL = [
    0.0,
    -0.0,
    1.0,
    -1.0,
    0.5,
    -0.5,
    1.5,
    -1.5,
    2.5,
    -2.5,
    1e-6,
    -1e-6,
    30.0,
    -30.0,
    120.0,
    -120.0,
    INF,
    -INF,
    NAN,
]


def any_range(r, shape, dtype):
    return r.normal(*shape, dtype=dtype, scale=1.5)


def positive(r, shape, dtype):
    return r.uniform(0.05, 4, *shape, dtype=dtype)


def above_minus_one(r, shape, dtype):
    return r.uniform(-0.9, 4, *shape, dtype=dtype)


def quarters(r, shape, dtype):
    """Multiples of 1/4: halves to round, whole numbers, and both signs."""
    return r.integers(-18, 19, *shape).to(dtype) / 4


# name, function, domain, whether integers are taken to floats (None: PyTorch takes no integers)
UNARY = [
    ("neg", torch.neg, any_range, False),
    ("abs", torch.abs, any_range, False),
    ("sign", torch.sign, any_range, False),
    ("square", torch.square, any_range, False),
    ("exp", torch.exp, any_range, True),
    ("expm1", torch.expm1, any_range, True),
    ("log", torch.log, positive, True),
    ("log1p", torch.log1p, above_minus_one, True),
    ("tanh", torch.tanh, any_range, True),
    ("sigmoid", torch.sigmoid, any_range, True),
    ("erf", torch.erf, any_range, True),
    ("sqrt", torch.sqrt, positive, True),
    ("rsqrt", torch.rsqrt, positive, True),
    ("reciprocal", torch.reciprocal, any_range, True),
    ("sin", torch.sin, any_range, True),
    ("cos", torch.cos, any_range, True),
    ("floor", torch.floor, quarters, False),
    ("ceil", torch.ceil, quarters, False),
    ("round", torch.round, quarters, False),
    ("trunc", torch.trunc, quarters, False),
    ("relu", torch.relu, any_range, False),
    ("log2", torch.log2, positive, True),
    ("log10", torch.log10, positive, True),
    ("tan", torch.tan, lambda r, s, d: r.uniform(-1.3, 1.3, *s, dtype=d), True),
    ("sinh", torch.sinh, any_range, True),
    ("cosh", torch.cosh, any_range, True),
    ("frac", torch.frac, quarters, None),
    ("logit", torch.logit, lambda r, s, d: r.uniform(0.05, 0.95, *s, dtype=d), None),
    ("softplus", F.softplus, any_range, None),
    ("logSigmoid", F.logsigmoid, any_range, None),
    ("isnan", torch.isnan, any_range, False),
    ("isinf", torch.isinf, any_range, False),
    ("isfinite", torch.isfinite, any_range, False),
]


def unary(r):
    for op, f, domain, to_float in UNARY:
        for dtype in FLOATS:
            for shape in SHAPES:
                r.case(op, f, [domain(r, shape, dtype)])
            # Out of logit's domain PyTorch masks the gradient; what a logarithm gives there is as good.
            special = [0.0, 1.0, 0.5, 1e-6, NAN] if op == "logit" else SPECIAL
            r.case(op, f, [torch.tensor(special, dtype=dtype)], note="special values")
        for dtype in (I32, U8) if to_float is not None else ():
            # PyTorch has no integer ceil, floor, ... of its own before 1.13 and leaves integers as they are since.
            x = r.integers(1, 9, 6, dtype=dtype) if to_float or dtype == U8 else r.integers(-9, 10, 6, dtype=dtype)
            r.case(op, f, [x])
    large = torch.tensor([10.0, -50.0, 100.0, 1e3, -1e4, 12345.678, 3.1415927, 6.2831855], dtype=F32)
    for op, f in (("sin", torch.sin), ("cos", torch.cos)):
        r.case(op, f, [large], note="large arguments")
        r.case(op, f, [large.double()], note="large arguments")
    small = torch.tensor([1e-3, -1e-4, 1e-7, -1e-10, 1e-20, 1e-38, -1e-38], dtype=F32)
    for op in ("expm1", "log1p", "tanh", "erf", "sin", "sigmoid"):
        r.case(op, getattr(torch, op), [small], note="small arguments")
        r.case(op, getattr(torch, op), [small.double()], note="small arguments")


def clamp(r):
    for dtype in FLOATS:
        x = r.normal(3, 5, dtype=dtype, scale=2)
        kinks = torch.tensor([-1.5, -1.0, -0.5, 0.0, 0.5, 1.0, 1.5, INF, -INF, NAN], dtype=dtype)
        for options in (
            {"min": -1.0, "max": 0.5},
            {"min": -0.5},
            {"max": 1.0},
            {"min": 0.5, "max": 0.5},
            {"min": 1.0, "max": -1.0},
        ):
            r.case("clamp", lambda t: torch.clamp(t, options.get("min"), options.get("max")), [x], options)
            r.case(
                "clamp",
                lambda t: torch.clamp(t, options.get("min"), options.get("max")),
                [kinks],
                options,
                note="at its bounds",
            )
    for dtype in (I32, U8):
        for options in ({"min": 2, "max": 5}, {"min": 3}, {"max": 4}):
            r.case(
                "clamp",
                lambda t: torch.clamp(t, options.get("min"), options.get("max")),
                [r.values(8, dtype=dtype)],
                options,
            )


def away_from_zero(r, shape, dtype):
    x = r.uniform(0.3, 3, *shape, dtype=dtype)
    return torch.where(r.integers(0, 2, *shape).bool(), x, -x)


ARITHMETIC = [
    ("add", torch.add, any_range, any_range),
    ("sub", torch.sub, any_range, any_range),
    ("mul", torch.mul, any_range, any_range),
    ("div", torch.div, any_range, away_from_zero),
    ("pow", torch.pow, positive, any_range),
    ("maximum", torch.maximum, any_range, any_range),
    ("minimum", torch.minimum, any_range, any_range),
    (
        "remainder",
        torch.remainder,
        quarters,
        lambda r, s, d: r.integers(1, 8, *s).to(d) / 4 * (r.integers(0, 2, *s) * 2 - 1),
    ),
    ("fmod", torch.fmod, quarters, lambda r, s, d: r.integers(1, 8, *s).to(d) / 4 * (r.integers(0, 2, *s) * 2 - 1)),
]
COMPARE = [("eq", torch.eq), ("ne", torch.ne), ("lt", torch.lt), ("le", torch.le), ("gt", torch.gt), ("ge", torch.ge)]

EDGES = [0.0, -0.0, 1.0, -1.0, 2.0, -2.5, INF, -INF, NAN]


def edge_pairs(dtype):
    pairs = list(itertools.product(EDGES, EDGES))
    return [torch.tensor(column, dtype=dtype) for column in zip(*pairs)]


def binary(r):
    for op, f, left, right in ARITHMETIC:
        for dtype in FLOATS:
            for a, b in PAIRS:
                r.case(op, f, [left(r, a, dtype), right(r, b, dtype)])
            # PyTorch's vectorised fmod and remainder differ from its scalar ones at infinities.
            if op not in ("fmod", "remainder"):
                r.case(op, f, edge_pairs(dtype), note="special values")
        ties = torch.tensor([1.0, -2.0, 0.0, 3.0], dtype=F32)
        r.case(
            op,
            f,
            [
                ties.abs() + 1 if op == "pow" else ties,
                ties.clone() if op != "remainder" and op != "fmod" and op != "div" else ties + 0.5,
            ],
            note="ties",
        )
    for op, f in COMPARE:
        for dtype in FLOATS:
            for a, b in PAIRS[:9]:
                r.case(op, f, [quarters(r, a, dtype), quarters(r, b, dtype)])
            r.case(op, f, edge_pairs(dtype), note="special values")
        for dtype in (I32, U8, BOOL):
            r.case(op, f, [r.values(3, 4, dtype=dtype), r.values(4, dtype=dtype)])
        for value in (0, 1.5, -2):
            for dtype in (F32, F64, I32):
                r.case(op, lambda t: f(t, value), [quarters(r, (7,), F64).to(dtype)], {"other": value})
    negative = torch.tensor([-2.0, -1.5, -1.0, -0.5, -3.0, -2.0], dtype=F64)
    whole = torch.tensor([2.0, 3.0, -1.0, -2.0, 0.0, 1.0], dtype=F64)
    for dtype in FLOATS:
        r.case("pow", torch.pow, [negative.to(dtype), whole.to(dtype)], note="negative base, whole exponent")
        for exponent in (0, 1, 2, 3, 4, -1, -2, 0.5, -0.5, 1.5, 2.5, -1.5):
            r.case("pow", lambda t: torch.pow(t, exponent), [positive(r, (2, 4), dtype)], {"exponent": exponent})
            r.case(
                "pow",
                lambda t: torch.pow(t, exponent),
                [torch.tensor([0.0, 1.0, -1.0, -2.0, 0.5], dtype=dtype)],
                {"exponent": exponent},
                note="zero and negative base",
            )
        for base in (2, 0.5, 10, 1, 0):
            r.case("scalarPow", lambda t: torch.pow(base, t), [any_range(r, (2, 4), dtype)], {"base": base})
    for op, f in (("shl", torch.bitwise_left_shift), ("shr", torch.bitwise_right_shift)):
        r.case(op, f, [r.integers(-1000, 1000, 3, 4), r.integers(0, 12, 4)])
        r.case(op, f, [r.integers(0, 256, 8, dtype=U8), r.integers(0, 8, 8, dtype=U8)])
        r.case(op, lambda t: f(t, 3), [r.integers(-1000, 1000, 9)], {"other": 3})
        r.case(
            op,
            f,
            [torch.tensor([-(2**31), 2**31 - 1, -1, 1, 0], dtype=I32), torch.tensor([1, 1, 31, 31, 5], dtype=I32)],
            note="extremes",
        )


def bits(r):
    table = [("bitwiseAnd", torch.bitwise_and), ("bitwiseOr", torch.bitwise_or), ("bitwiseXor", torch.bitwise_xor)]
    for op, f in table:
        for dtype in (I32, U8, BOOL):
            for a, b in (((9,), (9,)), ((3, 4), (4,)), ((2, 1, 3), (4, 1))):
                make = (
                    (lambda *s: r.values(*s, dtype=BOOL))
                    if dtype == BOOL
                    else (lambda *s: r.integers(0 if dtype == U8 else -1000, 256, *s, dtype=dtype))
                )
                r.case(op, f, [make(*a), make(*b)])
        r.case(op, f, [r.values(6, dtype=I32), r.values(6, dtype=U8)])
        r.case(op, lambda t: f(t, 6), [r.integers(-100, 100, 9)], {"other": 6})
    for dtype in (I32, U8, BOOL):
        r.case("bitwiseNot", torch.bitwise_not, [r.values(3, 4, dtype=dtype)])
    for op, f in (
        ("logicalAnd", torch.logical_and),
        ("logicalOr", torch.logical_or),
        ("logicalXor", torch.logical_xor),
    ):
        for dtype in (BOOL, I32, U8, F32, F64):
            small = lambda *s: (r.integers(0, 3, *s)).to(dtype)
            r.case(op, f, [small(3, 4), small(4)])
            r.case(op, f, [small(2, 1, 3), small(2, 1)])
    for dtype in (BOOL, I32, U8, F32, F64):
        r.case("logicalNot", torch.logical_not, [r.integers(0, 3, 3, 4).to(dtype)])


def words(r):
    """u32, by way of int64 and 32-bit wrap-around."""
    a, b = r.integers(0, 2**32, 12, dtype=torch.int64), r.integers(1, 2**32, 12, dtype=torch.int64)

    def wrap(f):
        return lambda x, y: u32(f(x, y) & 0xFFFFFFFF)

    low = lambda x: x & 0xFFFF
    for op, f in (
        ("add", torch.add),
        ("sub", torch.sub),
        ("bitwiseAnd", torch.bitwise_and),
        ("bitwiseOr", torch.bitwise_or),
        ("bitwiseXor", torch.bitwise_xor),
        ("maximum", torch.maximum),
        ("minimum", torch.minimum),
    ):
        r.case(op, wrap(f), [u32(a.clone()), u32(b.clone())])
    # the low words of a product only need the low words of a square that int64 holds
    r.case(
        "mul",
        lambda x, y: u32(((low(x) * y) + ((low(x >> 16) * low(y)) << 16)) & 0xFFFFFFFF),
        [u32(a.clone()), u32(b.clone())],
    )
    shifts = u32(r.integers(0, 32, 12, dtype=torch.int64))
    r.case("shl", lambda x, y: u32(torch.bitwise_left_shift(x, y) & 0xFFFFFFFF), [u32(a.clone()), shifts])
    r.case("shr", lambda x, y: u32(torch.bitwise_right_shift(x, y)), [u32(a.clone()), shifts])
    for op, f in COMPARE:
        r.case(op, lambda x, y: f(x, y), [u32(a.clone()), u32(b.clone())])


def promotion(r):
    dtypes = (BOOL, U8, I32, F32, F64)
    table = [
        ("add", torch.add),
        ("sub", torch.sub),
        ("mul", torch.mul),
        ("div", torch.div),
        ("maximum", torch.maximum),
        ("minimum", torch.minimum),
        ("remainder", torch.remainder),
        ("eq", torch.eq),
        ("lt", torch.lt),
    ]
    for op, f in table:
        for a, b in itertools.product(dtypes, dtypes):
            if a == b and (a == F32 or a == F64 or a == BOOL and op in ("sub", "remainder")):
                continue  # floats are above; PyTorch refuses bool there
            if BOOL in (a, b) and op == "sub":
                continue
            x, y = r.integers(1, 10, 2, 3), r.integers(1, 5, 3)
            r.case(op, f, [x.to(a), y.to(b)], note="promotion")
    for op, f in (("add", torch.add), ("sub", torch.sub), ("mul", torch.mul), ("div", torch.div)):
        for dtype in dtypes:
            for value in (2, 1.5, -3):
                if dtype == BOOL and op == "sub" or dtype == U8 and value == -3:
                    continue
                r.case(
                    op, lambda t: f(t, value), [r.integers(1, 10, 2, 3).to(dtype)], {"other": value}, note="weak scalar"
                )
    for op, f in (("add", torch.add), ("mul", torch.mul)):
        r.case(
            op,
            f,
            [torch.tensor([2**31 - 1, -(2**31), 65537, -7], dtype=I32), torch.tensor([1, -1, 65537, 3], dtype=I32)],
            note="wraps",
        )
        r.case(
            op, f, [torch.tensor([255, 200, 16, 3], dtype=U8), torch.tensor([1, 100, 16, 5], dtype=U8)], note="wraps"
        )
    r.case("sub", torch.sub, [torch.tensor([0, 5], dtype=U8), torch.tensor([1, 10], dtype=U8)], note="wraps")
    for dtype in (I32, U8):
        for op, f in (
            ("remainder", torch.remainder),
            ("fmod", torch.fmod),
            ("floorDivide", lambda a, b: torch.div(a, b, rounding_mode="floor")),
        ):
            a = r.integers(0 if dtype == U8 else -9, 10, 12, dtype=dtype)
            b = r.integers(1, 5, 12, dtype=dtype)
            r.case(op, f, [a, b if dtype == U8 else b * (r.integers(0, 2, 12) * 2 - 1).to(dtype)])
        r.case("pow", lambda t: torch.pow(t, 2), [r.values(6, dtype=dtype)], {"exponent": 2})
    for dtype in FLOATS:
        r.case(
            "floorDivide",
            lambda a, b: torch.div(a, b, rounding_mode="floor"),
            [quarters(r, (9,), dtype), torch.tensor([0.5, -0.75, 1.5] * 3, dtype=dtype)],
            grad=False,
        )
        for value in (1.5, -2, 0.75):
            r.case("remainder", lambda t: torch.remainder(t, value), [quarters(r, (9,), dtype)], {"other": value})
            r.case("fmod", lambda t: torch.fmod(t, value), [quarters(r, (9,), dtype)], {"other": value})
    for source, target in itertools.product(dtypes, dtypes):
        x = torch.tensor(
            [0.0, 1.0, 2.75, 3.5, 100.0, 7.25, 255.0] + ([] if target == U8 or source == U8 else [-1.0, -2.75]),
            dtype=F64,
        ).to(source)
        r.case(
            "to",
            lambda t: t.to(target),
            [x],
            {"dtype": {BOOL: "bool", U8: "u8", I32: "i32", F32: "f32", F64: "f64"}[target]},
            grad=False,
        )


def where(r):
    for dtype in FLOATS:
        for c, a, b in (
            ((4,), (4,), (4,)),
            ((3, 1), (4,), (3, 4)),
            ((2, 3, 4), (1,), (4,)),
            ((), (3,), (2, 3)),
            ((3, 4), (), ()),
        ):
            r.case(
                "where", torch.where, [r.values(*c, dtype=BOOL), r.normal(*a, dtype=dtype), r.normal(*b, dtype=dtype)]
            )
        nan = torch.tensor([NAN, 1.0, INF, -1.0], dtype=dtype)
        r.case(
            "where",
            torch.where,
            [torch.tensor([False, True, False, True]), nan, r.normal(4, dtype=dtype)],
            note="NaN not taken",
        )
        r.case(
            "maskedFill",
            lambda x, m: x.masked_fill(m, -1.5),
            [r.normal(3, 4, dtype=dtype), r.values(4, dtype=BOOL)],
            {"value": -1.5},
        )
    for dtype in (I32, U8, BOOL):
        r.case(
            "where", torch.where, [r.values(3, 4, dtype=BOOL), r.values(4, dtype=dtype), r.values(3, 1, dtype=dtype)]
        )
    r.case(
        "where", torch.where, [r.values(3, 4, dtype=BOOL), r.values(3, 4, dtype=I32), r.normal(3, 4)], note="promotion"
    )


def nan_to_num(r):
    wild = torch.tensor([NAN, INF, -INF, 1.5, 0.0], dtype=F64)
    r.case("nanToNum", torch.nan_to_num, [wild])
    for dtype in FLOATS:
        options = {"nan": 0.5, "posinf": 100.0, "neginf": -100.0}
        r.case("nanToNum", lambda x: torch.nan_to_num(x, **options), [wild.to(dtype)], options)


def lerp(r):
    for dtype in FLOATS:
        for shape in ((5,), (2, 3)):
            start, end = r.normal(*shape, dtype=dtype), r.normal(*shape, dtype=dtype)
            r.case("lerp", torch.lerp, [start, end, r.uniform(0, 1, *shape, dtype=dtype)])
            r.case("lerp", lambda a, b: torch.lerp(a, b, 0.25), [start, end], {"weight": 0.25})


def record(r):
    unary(r)
    clamp(r)
    binary(r)
    bits(r)
    words(r)
    promotion(r)
    where(r)
    nan_to_num(r)
    lerp(r)
