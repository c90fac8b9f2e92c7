/** Every activation at the edges of its domain: the values and derivatives are limits of the formulas, worked out by hand. */

import { describe, expect, test } from "vitest";
import { full, Generator, setDevice, stack, type Tensor, tensor } from "../../src/index.ts";
import * as room from "../../src/nn/activation/index.ts";
import { bothWays, expectAlike, FLOATS, functionsOf, INF, made, NAN, withGradients } from "../edges.ts";

setDevice("wasm");

const X = [0, -0, 1e-30, -1e-30, 1e30, -1e30, INF, -INF];

/** Values and derivatives, by X. */
type Row = readonly [f: (x: Tensor) => Tensor, y: readonly number[], dy: readonly number[]];

const [SCALE, ALPHA] = [1.0507009873554805, 1.6732632423543772];
const LN2 = Math.LN2;
/** Four numbers near 0, then those far above and far below. */
const by = (near: number, above: number, below: number): number[] => [
  ...new Array(4).fill(near),
  above,
  below,
  above,
  below,
];
/** The same with what is above 0 apart from the rest. */
const bySign = (above: number, below: number): number[] => X.map((x) => (x > 0 ? above : below));
/** Straight through 0, then from a level to another. */
const through = (slope: number, above: readonly number[], below: readonly number[]): number[] => [
  0,
  -0,
  slope * 1e-30,
  -slope * 1e-30,
  above[0],
  below[0],
  above[1],
  below[1],
];
const leaky = (slope: number): number[] => through(1, [1e30, INF], [-slope * 1e30, -INF]).with(3, -slope * 1e-30);
const LINE = [1e30, INF];
const ONE = [1, 1];
const ZERO = [0, 0];

const rows: Readonly<Record<string, Row>> = {
  linearActivation: [room.linearActivation, X, bySign(1, 1)],
  step: [room.step, [1, 1, 1, 0, 1, 0, 1, 0], bySign(0, 0)],
  sigmoid: [room.sigmoid, by(0.5, 1, 0), by(0.25, 0, 0)],
  hardsigmoid: [room.hardsigmoid, by(0.5, 1, 0), by(1 / 6, 0, 0)],
  logSigmoid: [room.logSigmoid, [-LN2, -LN2, -LN2, -LN2, 0, -1e30, 0, -INF], by(0.5, 0, 1)],
  logit: [
    (x) => room.logit(x),
    [-INF, -INF, Math.log(1e-30), NAN, NAN, NAN, NAN, NAN],
    [INF, INF, 1e30, NAN, NAN, NAN, NAN, NAN],
  ],
  "logit, eps": [(x) => room.logit(x, { eps: 0.25 }), by(-Math.log(3), Math.log(3), -Math.log(3)), bySign(0, 0)],
  tanh: [room.tanh, through(1, ONE, [-1, -1]), by(1, 0, 0)],
  hardtanh: [room.hardtanh, through(1, ONE, [-1, -1]), by(1, 0, 0)],
  softsign: [room.softsign, through(1, ONE, [-1, -1]), by(1, 0, 0)],
  relu: [room.relu, leaky(0).with(7, 0), bySign(1, 0)],
  relu6: [room.relu6, [0, 0, 1e-30, 0, 6, 0, 6, 0], [0, 0, 1, 0, 0, 0, 0, 0]],
  leakyRelu: [room.leakyRelu, leaky(0.01), bySign(1, 0.01)],
  "leakyRelu, slope 0": [
    (x) => room.leakyRelu(x, { negativeSlope: 0 }),
    leaky(0).with(7, NAN), // 0·∞, as in PyTorch
    bySign(1, 0),
  ],
  prelu: [(x) => room.prelu(x, tensor(0.25, { dtype: x.dtype })), leaky(0.25), bySign(1, 0.25)],
  rrelu: [(x) => room.rrelu(x), leaky(11 / 48), bySign(1, 11 / 48)],
  elu: [room.elu, through(1, LINE, [-1, -1]), by(1, 1, 0)],
  celu: [(x) => room.celu(x, { alpha: 2 }), through(1, LINE, [-2, -2]), by(1, 1, 0)],
  selu: [
    room.selu,
    through(SCALE, [SCALE * 1e30, INF], [-SCALE * ALPHA, -SCALE * ALPHA]).with(3, -SCALE * ALPHA * 1e-30),
    [SCALE * ALPHA, SCALE * ALPHA, SCALE, SCALE * ALPHA, SCALE, 0, SCALE, 0],
  ],
  softplus: [room.softplus, [LN2, LN2, LN2, LN2, 1e30, 0, INF, 0], by(0.5, 1, 0)],
  "softplus, beta": [
    (x) => room.softplus(x, { beta: 4, threshold: 20 }),
    [LN2 / 4, LN2 / 4, LN2 / 4, LN2 / 4, 1e30, 0, INF, 0],
    by(0.5, 1, 0),
  ],
  threshold: [(x) => room.threshold(x, 1, 7), [7, 7, 7, 7, 1e30, 7, INF, 7], by(0, 1, 0)],
  // x·0 at −∞ counts as 0, the limit, where PyTorch has NaN
  gelu: [room.gelu, through(0.5, LINE, ZERO), by(0.5, 1, 0)],
  "gelu, tanh": [(x) => room.gelu(x, { approximate: "tanh" }), through(0.5, LINE, ZERO), by(0.5, 1, 0)],
  silu: [room.silu, through(0.5, LINE, ZERO), by(0.5, 1, 0)],
  "silu, learned": [
    (x) => room.silu(x, { beta: tensor(2, { dtype: x.dtype }) }),
    through(0.5, LINE, ZERO),
    by(0.5, 1, 0),
  ],
  mish: [room.mish, through(0.6, LINE, ZERO), by(0.6, 1, 0)],
  hardswish: [room.hardswish, through(0.5, LINE, ZERO), by(0.5, 1, 0)],
  tanhshrink: [room.tanhshrink, through(0, LINE, [-1e30, -INF]), by(0, 1, 1)],
  softshrink: [room.softshrink, through(0, LINE, [-1e30, -INF]), by(0, 1, 1)],
  hardshrink: [room.hardshrink, through(0, LINE, [-1e30, -INF]), by(0, 1, 1)],
  // Units of several inputs: x beside what lets it through, and x as the gate of 1.
  glu: [(x) => room.glu(beside(x, 0), 1).squeeze(1), X.map((x) => x / 2), bySign(0.5, 0.5)],
  "glu, gate": [(x) => room.glu(behind(x, 2), 1).squeeze(1), by(1, 2, 0), by(0.5, 0, 0)],
  reglu: [(x) => room.reglu(beside(x, 2), 1).squeeze(1), X.map((x) => x * 2), bySign(2, 2)],
  "reglu, gate": [
    (x) => room.reglu(behind(x, 2), 1).squeeze(1),
    leaky(0)
      .with(7, 0)
      .map((x) => 2 * x),
    bySign(2, 0),
  ],
  geglu: [(x) => room.geglu(beside(x, 1e4), 1).squeeze(1), X.map((x) => x * 1e4), bySign(1e4, 1e4)],
  "geglu, gate": [(x) => room.geglu(behind(x, 2), 1).squeeze(1), through(1, [2e30, INF], ZERO), by(1, 2, 0)],
  swiglu: [(x) => room.swiglu(beside(x, 1e4), 1).squeeze(1), X.map((x) => x * 1e4), bySign(1e4, 1e4)],
  "swiglu, gate": [(x) => room.swiglu(behind(x, 2), 1).squeeze(1), through(1, [2e30, INF], ZERO), by(1, 2, 0)],
  // the larger of x and 1e-10
  maxout: [(x) => room.maxout(beside(x, 1e-10), 2, 1).squeeze(1), by(1e-10, 1e30, 1e-10).with(6, INF), by(0, 1, 0)],
  // beside a zero they are sigmoids; a row with +∞ has no softmax, as in PyTorch
  softmax: [first((x) => room.softmax(beside(x, 0), 1)), by(0.5, 1, 0).with(6, NAN), by(0.25, 0, 0).with(6, NAN)],
  softmin: [first((x) => room.softmin(beside(x, 0), 1)), by(0.5, 0, 1).with(7, NAN), by(-0.25, 0, 0).with(7, NAN)],
  logSoftmax: [
    first((x) => room.logSoftmax(beside(x, 0), 1)),
    [-LN2, -LN2, -LN2, -LN2, 0, -1e30, NAN, -INF],
    by(0.5, 0, 1).with(6, NAN),
  ],
};

/** x and a number beside it: (N) ─► (N, 2). */
function beside(x: Tensor, other: number): Tensor {
  return stack([x, full(x.shape, other, { dtype: x.dtype })], 1);
}

/** x behind a number: (N) ─► (N, 2). */
function behind(x: Tensor, other: number): Tensor {
  return beside(x, other).flip(1);
}

/** The first column of what f makes. */
function first(f: (x: Tensor) => Tensor): (x: Tensor) => Tensor {
  return (x) => f(x).select(1, 0);
}

const names = functionsOf(room).filter((name) => name !== "activationCurve");

test("every activation is here", () => {
  const covered = new Set([...Object.keys(rows).map((name) => name.split(",")[0]), "gumbelSoftmax"]);
  expect([...covered].sort()).toEqual([...names].sort());
});

describe.each(FLOATS)("%s", (dtype) => {
  test.each(Object.entries(rows))("%s: limits, and compiled code gives the same bits", async (name, [f, y, dy]) => {
    const [values, slopes] = await bothWays((x) => withGradients(f, [x]))([made(X, dtype)]);
    expectAlike(values, y, dtype, `${name} at ${X}`);
    expectAlike(slopes, dy, dtype, `derivative of ${name} at ${X}`);
  });

  test.each(Object.entries(rows))("%s: NaN comes out, and stays with its element", async (name, [f]) => {
    const [values, slopes] = await bothWays((x) => withGradients(f, [x]))([made([NAN, 0.3], dtype)]);
    const [alone, slope] = await bothWays((x) => withGradients(f, [x]))([made([0.3], dtype)]);
    expect.soft(values[0], name).toBe(NAN);
    expect.soft([values[1], slopes[1]], name).toEqual([alone[0], slope[0]]);
  });

  test.each(Object.entries(rows))("%s: of nothing", async (_, [f]) => {
    const [values, slopes] = await bothWays((x) => withGradients(f, [x]))([made([], dtype, [0])]);
    expect([values, slopes]).toEqual([[], []]);
  });

  test("gumbelSoftmax: what is impossible is never drawn, and what is certain always is", async () => {
    for (const hard of [false, true]) {
      const f = (x: Tensor) => room.gumbelSoftmax(x, { hard, generator: new Generator(1) });
      const rows = made(
        [
          [-INF, 0, -1e30],
          [1e30, -1e30, 0],
        ],
        dtype,
      );
      const [values, slopes] = await bothWays((x) => withGradients(f, [x]))([rows]);
      expect(values).toEqual([0, 1, 0, 1, 0, 0]);
      expect(slopes.every((slope) => slope === 0)).toBe(true);
      const [nothing] = await bothWays((x) => [f(x)])([made([NAN, 0], dtype)]);
      expect(nothing[0], `hard=${hard}`).toBe(NAN);
      expect((await bothWays((x) => [f(x)])([made([], dtype, [0, 3])]))[0]).toEqual([]);
    }
  });
});
