/**
 * Every normalisation, regulariser and initialisation at the edges: constant, huge, infinite and NaN, nothing at all, and
 * what a mask leaves out. What normalisations are there, golden cases say (test/golden/edges.json).
 */

import { beforeEach, describe, expect, test } from "vitest";
import { manualSeed, Parameter, setDevice, type Tensor, tensor, Variable, zeros } from "../../src/index.ts";
import * as init from "../../src/nn/init/index.ts";
import { Linear } from "../../src/nn/linear.ts";
import * as room from "../../src/nn/normalization/index.ts";
import * as regularization from "../../src/nn/regularization/index.ts";
import { bothWays, FLOATS, type Float, functionsOf, INF, made, NAN, withGradients } from "../edges.ts";

setDevice("wasm");

/** A normalisation of (3, 4, 2), and what of the first element's fate others share. */
interface Norm {
  readonly f: (x: Tensor, mask?: Tensor) => Tensor;
  /** whether an element shares statistics with the first one */
  readonly together: (n: number, c: number, s: number) => boolean;
  /** whether its gradient depends on the first element; as `together` by default */
  readonly entangled?: (n: number, c: number, s: number) => boolean;
  /** whether the size of x does not matter, and what is constant becomes 0 */
  readonly isScaleFree: boolean;
  /** whether it takes a mask (N, S) */
  readonly masked?: true;
}

const norms: Readonly<Record<string, Norm>> = {
  layerNorm: { f: (x) => room.layerNorm(x, [2]), together: (n, c) => n === 0 && c === 0, isScaleFree: true },
  "layerNorm, two dimensions": { f: (x) => room.layerNorm(x, [4, 2]), together: (n) => n === 0, isScaleFree: true },
  rmsNorm: { f: (x) => room.rmsNorm(x, [2]), together: (n, c) => n === 0 && c === 0, isScaleFree: true },
  groupNorm: {
    f: (x, mask) => room.groupNorm(x, 2, { mask }),
    together: (n, c) => n === 0 && c < 2,
    isScaleFree: true,
    masked: true,
  },
  instanceNorm: {
    f: (x, mask) => room.instanceNorm(x, { mask }),
    together: (n, c) => n === 0 && c === 0,
    isScaleFree: true,
    masked: true,
  },
  "batchNorm, training": {
    f: (x, mask) => room.batchNorm(x, undefined, undefined, { training: true, mask }),
    together: (_, c) => c === 0,
    isScaleFree: true,
    masked: true,
  },
  "batchNorm, evaluation": {
    f: (x, mask) => {
      const [mean, variance] = [made([0, 1, 2, 3], x.dtype as Float), made([1, 2, 0, 4], x.dtype as Float)];
      return room.batchNorm(x, new Variable(mean), new Variable(variance), { mask });
    },
    together: (n, c, s) => n === 0 && c === 0 && s === 0,
    isScaleFree: false,
    masked: true,
  },
  localResponseNorm: {
    f: (x) => room.localResponseNorm(x, 3),
    together: (n, c, s) => n === 0 && c < 2 && s === 0,
    entangled: (n, c, s) => n === 0 && c < 3 && s === 0,
    isScaleFree: false,
  },
  normalize: { f: (x) => room.normalize(x), together: (n, _, s) => n === 0 && s === 0, isScaleFree: true },
};

test("every normalisation is here", () => {
  const covered = [...new Set(Object.keys(norms).map((name) => name.split(",")[0]))];
  const ofModules = ["removeParametrizations", "spectralNorm", "weightNorm"];
  expect([...covered, ...ofModules].sort()).toEqual(functionsOf(room).sort());
});

const SHAPE = [3, 4, 2];
const PLACES = Array.from({ length: 24 }, (_, i) => [Math.floor(i / 8), Math.floor(i / 2) % 4, i % 2] as const);
const X = PLACES.map((_, i) => Math.sin(3 * i + 1) * 2);

/** Cotangents that are not alike: the sum of what is standardised has no gradient. */
const weigh = (f: (x: Tensor) => Tensor) => (x: Tensor) => {
  const y = f(x);
  return y.mul(made(PLACES.map((_, i) => Math.cos(i)).slice(0, y.numel()), y.dtype as Float, y.shape));
};
const close = (got: readonly number[], want: readonly number[], tolerance: number): boolean =>
  got.every((x, i) => Math.abs(x - want[i]) <= tolerance * (1 + Math.abs(want[i])));

describe.each(Object.entries(norms))("%s", (name, { f, together, entangled = together, isScaleFree, masked }) => {
  const run = bothWays((x) =>
    withGradients(
      weigh((x) => f(x)),
      [x],
    ),
  );

  test.each(FLOATS)("NaN and infinities reach those that share statistics, and no others, %s", async (dtype) => {
    const usual = await run([made(X, dtype, SHAPE)]);
    for (const end of [NAN, INF, -INF]) {
      const found = await run([made(X.with(0, end), dtype, SHAPE)]);
      expect.soft(Number.isFinite(found[0][0]), `${end}: ${found[0]}`).toBe(false);
      for (const [i, place] of PLACES.entries()) {
        if (!together(...place)) expect.soft(found[0][i], `${end} at ${place}`).toBe(usual[0][i]);
        if (!entangled(...place)) expect.soft(found[1][i], `${end}, slope at ${place}`).toBe(usual[1][i]);
      }
      if (!Number.isNaN(end)) continue;
      for (const [i, place] of PLACES.entries()) {
        if (together(...place)) expect.soft(found[0][i], `${place}`).toBeNaN();
      }
    }
  });

  test.each(FLOATS)("huge, tiny and constant numbers, %s", async (dtype) => {
    const [usual] = await run([made(X, dtype, SHAPE)]);
    for (const scale of [1e-30, 1e12, 1e15, 1e30]) {
      const [values, slopes] = await run([
        made(
          X.map((x) => x * scale),
          dtype,
          SHAPE,
        ),
      ]);
      expect.soft([...values, ...slopes].every(Number.isFinite), `${scale}: ${values} | ${slopes}`).toBe(true);
      // From about 1e19 on squares of f32 overflow, and all but `normalize` gives 0, as in PyTorch.
      const isExact = isScaleFree && scale > 1 && (scale < 1e19 || dtype === "f64" || name === "normalize");
      if (isExact) expect.soft(close(values, usual, 1e-4), `${scale}: ${values}, not ${usual}`).toBe(true);
    }
    for (const constant of [0, -0, 1, 1e15, 1e30]) {
      const [values, slopes] = await run([
        made(
          X.map(() => constant),
          dtype,
          SHAPE,
        ),
      ]);
      expect.soft([...values, ...slopes].every(Number.isFinite), `${constant}: ${values} | ${slopes}`).toBe(true);
    }
  });

  test.each(FLOATS)("an empty batch, and one example, %s", async (dtype) => {
    expect(await run([zeros([0, 4, 2], { dtype })])).toEqual([[], []]);
    const [values, slopes] = await run([made(X.slice(0, 8), dtype, [1, 4, 2])]);
    expect([...values, ...slopes].every(Number.isFinite)).toBe(true);
    if (name.startsWith("batchNorm, training")) return;
    expect(values).toEqual((await run([made(X, dtype, SHAPE)]))[0].slice(0, 8));
  });

  if (masked) {
    test.each(FLOATS)("what the mask leaves out may be anything, %s", async (dtype) => {
      const mask = tensor([
        [true, true],
        [true, false],
        [false, false],
      ]);
      const isOut = (n: number, s: number): boolean => n === 2 || (n === 1 && s === 1);
      const run = bothWays((x) =>
        withGradients(
          weigh((x) => f(x, mask)),
          [x],
        ),
      );
      const at = (value: number) =>
        run([
          made(
            X.map((x, i) => (isOut(PLACES[i][0], PLACES[i][2]) ? value : x)),
            dtype,
            SHAPE,
          ),
        ]);
      const usual = await at(0);
      expect(usual.flat().every(Number.isFinite)).toBe(true);
      for (const list of usual) {
        expect(PLACES.every(([n, , s], i) => !isOut(n, s) || list[i] === 0)).toBe(true);
      }
      for (const value of [NAN, INF, -INF, 1e30]) expect.soft(await at(value), `${value}`).toEqual(usual);
    });
  }
});

test("a weight of zeros has no direction and no singular value: NaN, as in PyTorch", async () => {
  for (const parametrize of [room.weightNorm, room.spectralNorm]) {
    const layer = new Linear(2, 2, { bias: false });
    init.zeros(layer.weight);
    const parametrized = parametrize(layer);
    expect([...(await parametrized.weight.data())].some(Number.isNaN), parametrize.name).toBe(true);
  }
});

describe("regularisers", () => {
  const random: Readonly<Record<string, (x: Tensor, options: { p?: number; training?: boolean }) => Tensor>> = {
    dropout: regularization.dropout,
    dropout1d: regularization.dropout1d,
    dropout2d: (x, options) => regularization.dropout2d(x.unsqueeze(3), options).squeeze(3),
    dropout3d: (x, options) => regularization.dropout3d(x.unsqueeze(3).unsqueeze(4), options).squeeze([3, 4]),
    alphaDropout: regularization.alphaDropout,
    featureAlphaDropout: regularization.featureAlphaDropout,
    variationalDropout: regularization.variationalDropout,
    embeddingDropout: (x, options) => regularization.embeddingDropout(x.flatten(1), options).reshape(x.shape),
    stochasticDepth: (x, { p = 0.5, training }) => regularization.stochasticDepth(x, p, "row", { training }),
    gaussianDropout: (x, { p, training }) => regularization.gaussianDropout(x, { p: p === 1 ? 0.5 : p, training }),
    gaussianNoise: (x, { p, training }) => regularization.gaussianNoise(x, { std: p, training }),
  };
  const penalties: Readonly<Record<string, (x: Tensor) => Tensor>> = {
    l1Penalty: (x) => regularization.l1Penalty([x]),
    l2Penalty: (x) => regularization.l2Penalty([x]),
    elasticNetPenalty: (x) => regularization.elasticNetPenalty([x]),
    activityPenalty: (x) => regularization.activityPenalty(x),
  };

  beforeEach(() => {
    manualSeed(1);
  });

  test("every regulariser is here", () => {
    expect([...Object.keys(random), ...Object.keys(penalties)].sort()).toEqual(functionsOf(regularization).sort());
  });

  test.each(Object.entries(random))("%s: nothing in evaluation or with p = 0, and nothing of nothing", async (_, f) => {
    for (const dtype of FLOATS) {
      const wild = X.with(0, NAN).with(1, INF).with(2, -INF).with(3, 1e30);
      const x = made(wild, dtype, SHAPE);
      const wanted = [...(await x.data())];
      for (const options of [{ p: 0.5, training: false }, { p: 0 }, { p: 1, training: false }]) {
        expect([...(await f(x, options).data())]).toEqual(wanted);
      }
      for (const p of [0, 0.5, 1]) expect([...(await f(zeros([0, 4, 2], { dtype }), { p }).data())]).toEqual([]);
    }
  });

  test.each(Object.entries(random))(
    "%s: with p = 0.5 and p = 1 numbers stay numbers, and so do slopes",
    async (name, f) => {
      for (const dtype of FLOATS) {
        for (const p of [0.5, 1]) {
          const tensors = withGradients((x) => f(x, { p }), [made(X.with(0, 1e30).with(1, -1e30), dtype, SHAPE)]);
          for (const x of tensors)
            expect.soft([...(await x.data())].every(Number.isFinite), `${name}, p = ${p}`).toBe(true);
        }
      }
    },
  );

  test.each(Object.entries(penalties))("%s: NaN and infinities come out, zeros have a slope of 0", async (_, f) => {
    for (const dtype of FLOATS) {
      const run = bothWays((x) => withGradients(f, [x]));
      expect((await run([made([NAN, 1], dtype)]))[0]).toEqual([NAN]);
      expect((await run([made([-INF, 1], dtype)]))[0]).toEqual([INF]);
      expect(await run([made([0, 0], dtype)])).toEqual([[0], [0, 0]]);
      const [, slopes] = await run([made([1e-30, -1e30], dtype)]);
      expect(slopes.every(Number.isFinite)).toBe(true);
    }
  });
});

describe("initialisations", () => {
  const all: Readonly<Record<string, (parameter: Parameter) => Parameter>> = {
    constant: (p) => init.constant(p, 3),
    dirac: (p) => init.dirac(p),
    eye: (p) => init.eye(p),
    kaimingNormal: (p) => init.kaimingNormal(p),
    kaimingUniform: (p) => init.kaimingUniform(p),
    lecunNormal: (p) => init.lecunNormal(p),
    lecunUniform: (p) => init.lecunUniform(p),
    normal: (p) => init.normal(p, { std: 0 }),
    ones: (p) => init.ones(p),
    orthogonal: (p) => init.orthogonal(p),
    sparse: (p) => init.sparse(p, 1),
    truncNormal: (p) => init.truncNormal(p, { std: 0 }),
    uniform: (p) => init.uniform(p, { a: 2, b: 2 }),
    xavierNormal: (p) => init.xavierNormal(p),
    xavierUniform: (p) => init.xavierUniform(p),
    zeros: (p) => init.zeros(p),
  };

  test("every initialisation is here", () => {
    expect([...Object.keys(all), "calculateGain"].sort()).toEqual(functionsOf(init).sort());
  });

  test.each(Object.entries(all))("%s: no rows, no columns, one number", async (name, f) => {
    const rest = name === "dirac" ? [1] : [];
    for (const dtype of FLOATS) {
      for (const shape of [
        [0, 3],
        [3, 0],
        [0, 0],
      ]) {
        const p = f(new Parameter(zeros([...shape, ...rest], { dtype })));
        expect([p.shape, p.dtype, [...(await p.data())]]).toEqual([[...shape, ...rest], dtype, []]);
      }
      const one = f(new Parameter(zeros([1, 1, ...rest], { dtype })));
      expect(Number.isFinite((await one.data())[0])).toBe(true);
    }
  });
});
