"""Minimax coefficients for src/core/numerics.ts: `python3 scripts/ulp/minimax.py` (needs mpmath).

Each function is target(x) ~ sum of c[i] * basis[i](x) on an interval, with the largest weighted error as small as it
gets: Remez's exchange algorithm on a dense Chebyshev grid. The coefficients are then rounded to float32 one after the
other, in the order given (the ones that matter most first), and what is left is fitted again each time, so that the
later coefficients absorb the rounding of the earlier ones.
"""

import struct

from mpmath import cos, erf, erfc, expm1, log, lu_solve, matrix, mp, mpf, pi, sin, sqrt, tanh

mp.dps = 40
TINY = mpf("1e-9")  # for functions of z that are quotients at zero


def round32(x):
    """The float32 nearest to x, as Python's float."""
    return struct.unpack("f", struct.pack("f", float(x)))[0]


def remez(target, basis, weight, xs):
    """Coefficients and largest weighted error on the grid xs; all arguments are lists of values on it."""
    n = len(basis)
    reference = [round(i * (len(xs) - 1) / n) for i in range(n + 1)]
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
        if len(extrema) < n + 1 or worst <= abs(solution[n]) * mpf("1.0001"):
            break
        reference = extrema
    return c, worst


def fit(name, target, basis, weight, low, high, points=1000):
    xs = [low + (high - low) * (1 - cos(pi * (k + mpf(1) / 2) / points)) / 2 for k in range(points)]
    left = [target(x) for x in xs]
    values = [[b(x) for x in xs] for b in basis]
    weights = [weight(x) for x in xs]
    _, ideal = remez(left, values, weights, xs)
    rounded = []
    for i in range(len(basis)):
        c, _ = remez(left, values[i:], weights, xs)
        rounded.append(round32(c[0]))
        left = [y - rounded[-1] * v for y, v in zip(left, values[i])]
    worst = max(abs(y * w) for y, w in zip(left, weights))
    print(f"{name}: {float(worst * 2**24):.4f} (before rounding {float(ideal * 2**24):.4f}) * 2^-24")
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


if __name__ == "__main__":
    print("ln 2, in parts\n  ", *split(log(2), [16]))
    half = log(2) / 2 + mpf("1e-4")
    # e^r - 1 - r = r^2 (c0 + c1 r + ...), relative to e^r - 1
    fit("exp", lambda r: expm1(r) - r, powers(2, 6), lambda r: 1 / abs(expm1(r)), -half, half)

    # log(1 + f) = 2s + s R(s^2), s = f / (2 + f)
    top = ((sqrt(2) - 1) / (sqrt(2) + 1)) ** 2 * mpf("1.0001")
    rest = even(lambda s: log((1 + s) / (1 - s)) / s - 2)
    fit("log", rest, powers(1, 3), lambda z: 1 / (2 + rest(z)), TINY, top)

    # tanh y = y + y z (a + b z) / (c + d z + z^2): linear once multiplied by the denominator, whose last fit is the weight
    ratio = even(lambda y: (tanh(y) / y - 1) / y**2)
    basis = [lambda z: -ratio(z), lambda z: -ratio(z) * z, lambda z: 1, lambda z: z]
    c, d = 63, 28
    for _ in range(3):
        weight = lambda z: z / (c + d * z + z * z) * sqrt(z) / tanh(sqrt(z))
        c, d, a, b = fit("tanh (c, d, a, b)", lambda z: ratio(z) * z**2, basis, weight, TINY, mpf("0.88") ** 2)

    fit("erf", even(lambda y: erf(y) / y - 1), powers(0, 6), even(lambda y: y / erf(y)), TINY, mpf("1.126") ** 2)
    # 1 - erf y = 16 / P(y)^8
    root = lambda y: (16 / erfc(y)) ** (mpf(1) / 8)
    fit("erfc", root, powers(0, 7), lambda y: 8 * erfc(y) / root(y), mpf("1.124"), mpf("3.95"))

    print("pi / 2, in parts\n  ", *split(pi / 2, [8, 8, 4, 8, 8]))
    quarter = (pi / 4 + mpf("0.005")) ** 2
    fit("sin", even(lambda r: sin(r) / r - 1), powers(1, 3), even(lambda r: r / sin(r)), TINY, quarter)
    fit("cos", even(lambda r: cos(r) - 1 + r * r / 2), powers(2, 4), even(lambda r: 1 / cos(r)), TINY, quarter)
