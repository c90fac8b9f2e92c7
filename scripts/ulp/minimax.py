"""Minimax coefficients for src/core/float.ts and pow.ts: `python3 scripts/ulp/minimax.py` (needs mpmath).

Each function is target(x) ~ sum of c[i] * basis[i](x) on an interval, with the largest weighted error as small as it
gets: Remez's exchange algorithm on a dense Chebyshev grid. The coefficients are then rounded to float32 or float64 one
after the other, in the order given (the ones that matter most first), and what is left is fitted again each time, so
that the later coefficients absorb the rounding of the earlier ones.
"""

import struct

from mpmath import cos, erf, erfc, expm1, log, lu_solve, matrix, mp, mpf, pi, sin, sqrt, tanh

mp.dps = 60


def round32(x):
    """The float32 nearest to x, as Python's float."""
    return struct.unpack("f", struct.pack("f", float(x)))[0]


def remez(target, basis, weight, xs):
    """Coefficients and largest weighted error on the grid xs; all arguments are lists of values on it."""
    n = len(basis)
    reference = [round(i * (len(xs) - 1) / n) for i in range(n + 1)]
    best = None, mp.inf
    for _ in range(40):
        rows = [[b[k] * weight[k] for b in basis] + [(-1) ** i] for i, k in enumerate(reference)]
        solution = lu_solve(matrix(rows), matrix([target[k] * weight[k] for k in reference]))
        c = [solution[i] for i in range(n)]
        error = [weight[k] * (target[k] - sum(ci * b[k] for ci, b in zip(c, basis))) for k in range(len(xs))]
        # the largest error of every run of one sign, then the n + 1 neighbouring ones that hold the largest
        extrema = [0]
        for k in range(1, len(xs)):
            if error[k] * error[extrema[-1]] <= 0:
                extrema.append(k)
            elif abs(error[k]) > abs(error[extrema[-1]]):
                extrema[-1] = k
        while len(extrema) > n + 1:
            extrema.pop(0 if abs(error[extrema[0]]) < abs(error[extrema[-1]]) else -1)
        worst = max(map(abs, error))
        if worst < best[1]:
            best = c, worst
        if len(extrema) < n + 1 or worst <= abs(solution[n]) * mpf("1.0001"):
            break
        reference = extrema
    return (c, worst) if worst < 2 * best[1] else best  # an exchange may fail


def fit(name, target, basis, weight, low, high, round=round32, points=1000):
    xs = [low + (high - low) * (1 - cos(pi * (k + mpf(1) / 2) / points)) / 2 for k in range(points)]
    left = [target(x) for x in xs]
    values = [[b(x) for x in xs] for b in basis]
    weights = [weight(x) for x in xs]
    _, ideal = remez(left, values, weights, xs)
    rounded = []
    for i in range(len(basis)):
        c, _ = remez(left, values[i:], weights, xs)
        rounded.append(round(c[0]))
        left = [y - rounded[-1] * v for y, v in zip(left, values[i])]
    worst = max(abs(y * w) for y, w in zip(left, weights))
    print(f"{name}: 2^{float(log(worst, 2)):.2f} (before rounding 2^{float(log(ideal, 2)):.2f})")
    for c in rounded:
        print(f"  {c!r}")
    return rounded


def powers(first, last):
    return [lambda x, k=k: x**k for k in range(first, last + 1)]


def split(value, bits, last=24):
    """Cody and Waite's parts, of so few bits that their products with the quotient are exact; the last is a full one."""
    parts = []
    for width in [*bits, last]:
        unit = mpf(2) ** (mp.floor(log(abs(value), 2)) + 1 - width)
        parts.append(float(mp.nint(value / unit) * unit))
        value -= parts[-1]
    return parts


def even(f):
    """f as a function of z = x^2: odd and even functions are fitted in z."""
    return lambda z: f(sqrt(z))


def elementary(tiny, margin, erf_to, terms, tanh_terms, round):
    """The functions of one format; `terms` are the numbers of coefficients, `tiny` is for quotients at zero."""
    half = log(2) / 2 + margin / 50
    # e^r - 1 - r = r^2 (c0 + c1 r + ...), relative to e^r - 1
    fit("exp", lambda r: expm1(r) - r, powers(2, 1 + terms["exp"]), lambda r: 1 / abs(expm1(r)), -half, half, round)

    # log(1 + f) = 2s + s R(s^2), s = f / (2 + f)
    top = ((sqrt(2) - 1) / (sqrt(2) + 1)) ** 2 * mpf("1.0001")
    rest = even(lambda s: log((1 + s) / (1 - s)) / s - 2)
    fit("log", rest, powers(1, terms["log"]), lambda z: 1 / (2 + rest(z)), tiny, top, round)

    # tanh y = y + y z N(z) / D(z): linear once multiplied by the denominator, whose last fit is the weight; N has as
    # many terms as given, D one power more than that, whose coefficient is 1
    ratio = even(lambda y: (tanh(y) / y - 1) / y**2)
    numerator, denominator = tanh_terms
    basis = [lambda z, k=k: -ratio(z) * z**k for k in range(denominator)] + powers(0, numerator - 1)
    d = [1] + [0] * (denominator - 1)
    for _ in range(2):
        weight = lambda z, d=d: (
            z / (sum(c * z**k for k, c in enumerate(d)) + z**denominator) * sqrt(z) / tanh(sqrt(z))
        )
        target = lambda z: ratio(z) * z**denominator
        d = fit("tanh (D, N)", target, basis, weight, tiny, mpf("0.88") ** 2, round)[:denominator]

    near = even(lambda y: y / erf(y))
    fit("erf", even(lambda y: erf(y) / y - 1), powers(0, terms["erf"] - 1), near, tiny, mpf("1.126") ** 2, round)
    # 1 - erf y = 16 / P(y)^8
    root = lambda y: (16 / erfc(y)) ** (mpf(1) / 8)
    far = lambda y: 8 * erfc(y) / root(y)
    fit("erfc", root, powers(0, terms["erfc"] - 1), far, mpf("1.124"), erf_to, round)

    quarter = (pi / 4 + margin) ** 2
    fit("sin", even(lambda r: sin(r) / r - 1), powers(1, terms["sin"]), even(lambda r: r / sin(r)), tiny, quarter, round)
    target = even(lambda r: cos(r) - 1 + r * r / 2)
    fit("cos", target, powers(2, 1 + terms["cos"]), even(lambda r: 1 / cos(r)), tiny, quarter, round)


def of_pow():
    """pow of float32 goes through float64: log2((1 + s) / (1 - s)) = s P(s^2), and 2^r with c0 = 1."""
    top = ((sqrt(2) - 1) / (sqrt(2) + 1)) ** 2 * mpf("1.0001")
    atanh = even(lambda s: log((1 + s) / (1 - s)) / s)
    fit("log2", lambda z: atanh(z) / log(2), powers(0, 6), lambda z: log(2) / atanh(z), mpf("1e-18"), top, float)
    half = mpf("0.5000001")
    fit("exp2", lambda r: 2**r - 1, powers(1, 9), lambda r: 2**-r, -half, half, float)
    # in float64, log((1 + s) / (1 - s)) = 2s + s z (2/3 + z P(z)), z = s^2, with 2/3 in two parts
    rest = lambda z: atanh(z) - 2 - 2 * z / 3
    fit("log, long", rest, powers(2, 9), lambda z: 1 / atanh(z), mpf("1e-18"), top, float)
    print("2/3, in parts\n  ", *split(mpf(2) / 3, [53], 53))


if __name__ == "__main__":
    print("float32\nln 2, in parts\n  ", *split(log(2), [16]))
    print("pi / 2, in parts\n  ", *split(pi / 2, [8, 8, 4, 8, 8]))
    few = {"exp": 5, "log": 3, "erf": 7, "erfc": 8, "sin": 3, "cos": 3}
    elementary(mpf("1e-9"), mpf("0.005"), mpf("3.95"), few, (2, 2), round32)

    print("\nfloat64\nln 2, in parts\n  ", *split(log(2), [42], 53))
    print("pi / 2, in parts\n  ", *split(pi / 2, [33, 33, 33], 53))
    many = {"exp": 11, "log": 7, "erf": 14, "erfc": 20, "sin": 6, "cos": 6}
    elementary(mpf("1e-18"), mpf("1e-6"), mpf("5.95"), many, (3, 4), float)
    of_pow()
