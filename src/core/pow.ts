/**
 * x to the power y over an abstract set of operations, as eᵛ with v = y log x.
 *
 * An error of v is a relative error of the result, and v has up to ten bits before the point. Hence float32 computes in
 * float64, and float64 in pairs of floats whose sum, unrounded, is the value.
 */

import { F64, type Ops, type Short, short } from "./float.ts";
import { exponentOf, logLimits, scale, splitExponent } from "./numerics.ts";

/** log₂(2ᵏ (1 + f)) = k + s (c[0] + c[1] s² + …), s = f / (2 + f), and 2ʳ = c[0] + c[1] r + … for |r| ≤ ½ */
const LOG2 = [
  2.885390081777927, 0.9617966939244141, 0.5770780172260151, 0.4121984042869109, 0.32061626747861416,
  0.2614473856781628, 0.24288460930705832,
];
const EXP2 = [
  1, 0.6931471805585506, 0.24022650695813713, 0.05550410873970689, 0.009618129159172359, 0.0013333547332543823,
  0.00015403456016968952, 0.00001525848852266598, 0.0000013255263333435114, 9.16859995775709e-8,
];

/** x to the power y where both are f32; 2^±200 is beyond f32, so it stands for all that is. */
export function pow32<V>(ops: Ops<V>, x: V, y: V): V {
  const s = short(ops, F64);
  const power = powLimits(s, ops.cast(x, "f64"), ops.cast(y, "f64"), (base, exponent) => {
    const { topFraction, integer, bias } = s.format;
    const top = s.top(base); // never subnormal
    const k = exponentOf(s, top);
    const f = s.sub(
      s.float(s.sub(top, s.shl(k, topFraction)), () => base),
      s.f(1),
    );
    const quotient = s.div(f, s.add(f, s.f(2)));
    const log = s.add(s.toFloat(k), s.mul(quotient, s.polynomial(s.mul(quotient, quotient), LOG2)));
    const v = s.atLeast(s.atMost(s.mul(exponent, logLimits(s, base, log)), 200), -200);
    const shifted = s.add(v, s.f(integer + bias));
    const r = s.sub(v, s.sub(shifted, s.f(integer + bias)));
    return s.mul(s.polynomial(r, EXP2), s.float(s.shl(s.bottom(shifted), topFraction)));
  });
  return ops.cast(power, "f32");
}

/** x to the power y where both are f64. */
export function pow64<V>(ops: Ops<V>, x: V, y: V): V {
  const s = short(ops, F64);
  return powLimits(s, x, y, (base, exponent) => {
    const [high, low] = longLog(s, base);
    const log = logLimits(s, base, high);
    const [v, error] = product(s, exponent, log);
    // beyond this eᵛ is 0 or infinity
    const near = s.lt(s.abs(v), s.f(800));
    return longExp(s, v, s.where(near, s.add(error, s.mul(exponent, low)), s.f(0)));
  });
}

/** The powers of numbers below 0 and those where a formula for 0 ≤ x, y log x ≠ NaN, has to be told what to do. */
function powLimits<V>(s: Short<V>, x: V, y: V, formula: (base: V, exponent: V) => V): V {
  const { POSITIVE_INFINITY, NEGATIVE_INFINITY } = Number;
  const magnitude = s.abs(x);
  const whole = s.eq(s.floor(y), y);
  const half = s.mul(y, s.f(0.5));
  const even = s.eq(s.floor(half), half);
  // a negative x has no other powers, save −∞, which has ∞'s; (±1)^±∞ = 1^NaN = 1, and x⁰ = 1
  const base = s.where(whole, magnitude, s.where(s.eq(x, s.f(NEGATIVE_INFINITY)), s.f(POSITIVE_INFINITY), x));
  const exponent = s.where(s.eq(magnitude, s.f(1)), s.f(0), y);
  const result = s.where(s.eq(y, s.f(0)), s.f(1), formula(base, exponent));
  const signed = s.where(s.lt(s.top(x), s.i(0)), s.neg(result), result);
  return s.where(whole, s.where(even, result, signed), result);
}

// Pairs of floats

/** Two floats, the second no larger than the rounding error of the first, which stand for their sum. */
type Pair<V> = readonly [V, V];

/** a + b = sum + error exactly, for |a| ≥ |b| or a = 0. */
function sum<V>(s: Short<V>, a: V, b: V): Pair<V> {
  const high = s.add(a, b);
  return [high, s.sub(b, s.sub(high, a))];
}

/** a·b = product + error but for 2⁻⁹⁰ of it: products of halves are exact (21 and 32 bits), save of the lower ones. */
function product<V>(s: Short<V>, a: V, b: V): Pair<V> {
  const high = s.mul(a, b);
  const [a1, b1] = [a, b].map((x) => s.float(s.top(x)));
  const [a2, b2] = [s.sub(a, a1), s.sub(b, b1)];
  const middle = s.add(s.add(s.sub(s.mul(a1, b1), high), s.mul(a1, b2)), s.mul(a2, b1));
  return [high, s.add(middle, s.mul(a2, b2))];
}

/** The product of two pairs, as a pair but for 2⁻¹⁰⁰ of it. */
function times<V>(s: Short<V>, [a, aLow]: Pair<V>, [b, bLow]: Pair<V>): Pair<V> {
  const [high, error] = product(s, a, b);
  return [high, s.add(error, s.add(s.mul(a, bLow), s.mul(aLow, b)))];
}

// log((1 + s) / (1 − s)) = 2s + s z (c + z (c[0] + c[1] z + …)), z = s², c = 2/3
const TWO_THIRDS = [0.6666666666666666, 3.700743415417188e-17];
const LONG_LOG = [
  0.3999999999999998, 0.28571428571443835, 0.22222222217791715, 0.18181818843715664, 0.1538455844832866,
  0.13336263735864504, 0.11675795870837158, 0.1198163168839465,
];

/** log x for finite x > 0. */
function longLog<V>(s: Short<V>, x: V): Pair<V> {
  const { k, m } = splitExponent(s, x);
  const n = s.toFloat(k);
  const one = s.f(1);
  // (m − 1) / (m + 1), to which the remainder of the division adds
  const f = s.sub(m, one);
  const [divisor, divisorLow] = [s.add(m, one), s.sub(m, s.sub(s.add(m, one), one))];
  const quotient = s.div(f, divisor);
  const [back, error] = product(s, quotient, divisor);
  const remainder = s.sub(s.sub(s.sub(f, back), error), s.mul(quotient, divisorLow));
  const q: Pair<V> = [quotient, s.div(remainder, divisor)];
  const z = times(s, q, q);
  const [c, cLow] = sum(s, s.f(TWO_THIRDS[0]), s.mul(z[0], s.polynomial(z[0], LONG_LOG)));
  const rest = times(s, q, times(s, z, [c, s.add(cLow, s.f(TWO_THIRDS[1]))]));
  const [first, firstLow] = sum(s, s.mul(n, s.f(s.format.ln2[0])), s.add(q[0], q[0]));
  const [second, secondLow] = sum(s, first, rest[0]);
  const low = s.add(
    s.add(s.add(firstLow, secondLow), s.add(q[1], q[1])),
    s.add(rest[1], s.mul(n, s.f(s.format.ln2[1]))),
  );
  return sum(s, second, low);
}

/** e^(x + low), rounded nearly as if once, so that results that are floats are exact. */
function longExp<V>(s: Short<V>, value: V, low: V): V {
  const { integer, bias, expRange, log2e, ln2 } = s.format;
  const x = s.atLeast(s.atMost(value, expRange[1]), expRange[0]);
  const shifted = s.add(s.mul(x, s.f(log2e)), s.f(integer + 2 * bias));
  const n = s.sub(shifted, s.f(integer + 2 * bias));
  const [r, rest] = sum(s, s.sub(x, s.mul(n, s.f(ln2[0]))), s.sub(low, s.mul(n, s.f(ln2[1]))));
  const [one, lost] = sum(s, s.f(1), r);
  const tail = s.add(s.mul(s.mul(r, r), s.polynomial(r, s.format.exp)), s.add(rest, s.mul(rest, r)));
  return scale(s, s.add(one, s.add(lost, tail)), s.bottom(shifted));
}
