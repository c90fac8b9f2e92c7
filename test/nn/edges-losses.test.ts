/**
 * Every loss at the edges: numbers that are huge, tiny, infinite and NaN, no rows and one row. What the losses are there,
 * golden cases say (test/golden/edges.json); here is what holds for all of them.
 */

import { describe, expect, test } from "vitest";
import { Generator, setDevice, type Tensor, tensor } from "../../src/index.ts";
import * as room from "../../src/nn/loss/index.ts";
import { bothWays, FLOATS, type Float, functionsOf, INF, made, NAN, withGradients } from "../edges.ts";

setDevice("wasm");

type Rows = readonly (number | Rows)[];
type Options = { reduction?: room.Reduction };

interface Entry {
  readonly f: (xs: readonly Tensor[], options: Options) => Tensor;
  /** inputs (N, …) that may be any number */
  readonly xs: readonly Rows[];
  /** inputs (N, …) that stay as they are; a loss knows when these are NaN unless they are labels */
  readonly ts?: readonly Rows[];
  readonly labels?: true;
  /** of integers (N, …) */
  readonly classes?: Rows;
  /** whether a loss depends on all rows: then there is none of one row */
  readonly together?: true;
  /** the mean of no rows; NaN by default */
  readonly ofNothing?: number;
  /** whether there is a loss for each row; true by default */
  readonly none?: false;
  /** whether vectors with an infinite number have no direction: then a loss that is finite has no gradient, as in PyTorch */
  readonly directed?: true;
  /** what inputs may be; ENDS by default */
  readonly ends?: readonly number[];
}

const ENDS = [0, -0, 1e-30, -1e-30, 1e30, -1e30, INF, -INF];
const SHARES = [0, 1e-30, 1];
const COUNTS = [0, 1e-30, 1, 1e30];

const X = [
  [0.5, -1.5, 2],
  [1, 0.25, -0.5],
  [-0.3, 0.8, 0.1],
];
const Y = [
  [0.25, 1.5, -1],
  [-2, 0.75, 0.5],
  [0.3, -0.4, 1.1],
];
const Z = [
  [-0.75, 0.5, 1],
  [2.5, -0.25, 0.5],
  [1.3, 0.6, -0.1],
];
const P = [
  [0.2, 0.7, 0.1],
  [0.6, 0.3, 0.1],
  [0.25, 0.25, 0.5],
];
const BITS = [
  [1, 0, 1],
  [0, 0, 1],
  [1, 1, 0],
];
const SIGNS = BITS.map((row) => row.map((bit) => 2 * bit - 1));
const SIGN = [1, -1, 1];
const CLASSES = [0, 2, 1];
const CUBE = [X, Y, Z];

/** A loss of an input and a target. */
const two = (
  f: (x: Tensor, t: Tensor, options: Options) => Tensor,
  x: Rows,
  t: Rows,
  others: Partial<Entry> = {},
): Entry => ({ f: ([x, t], options) => f(x, t, options), xs: [x], ts: [t], ...others });

/** A loss of an input and classes. */
const ofClasses = (
  f: (x: Tensor, t: Tensor, options: Options) => Tensor,
  x: Rows = X,
  classes: Rows = CLASSES,
): Entry => ({
  f: ([x, t], options) => f(x, t, options),
  xs: [x],
  classes,
});

const overlap = (f: typeof room.diceLoss): Entry =>
  two((p, t, options) => f(p, t, options), P, BITS, { together: true, none: false, ofNothing: 0, ends: SHARES });

const triple = (
  f: (a: Tensor, b: Tensor, c: Tensor, options: Options) => Tensor,
  others: Partial<Entry> = {},
): Entry => ({ f: ([a, b, c], options) => f(a, b, c, options), xs: [X, Y, Z], ...others });

const game = (kind: room.GANKind): Record<string, Entry> => ({
  [`generatorLoss, ${kind}`]: { f: ([x], options) => room.generatorLoss(x, { kind, ...options }), xs: [X] },
  [`discriminatorLoss, ${kind}`]: {
    f: ([x, y], options) => room.discriminatorLoss(x, y, { kind, ...options }),
    xs: [X, Y],
  },
});

const none = { none: false } as const;

const entries: Readonly<Record<string, Entry>> = {
  mseLoss: two(room.mseLoss, X, Y),
  l1Loss: two(room.l1Loss, X, Y),
  smoothL1Loss: two(room.smoothL1Loss, X, Y),
  huberLoss: two(room.huberLoss, X, Y),
  logCoshLoss: two(room.logCoshLoss, X, Y),
  quantileLoss: two(room.quantileLoss, X, Y),
  mapeLoss: two(room.mapeLoss, X, Y),
  poissonNllLoss: two(room.poissonNllLoss, X, BITS),
  "poissonNllLoss, rates": two(
    (x, t, options) => room.poissonNllLoss(x, t, { logInput: false, full: true, ...options }),
    P,
    BITS,
    { ends: COUNTS },
  ),
  gaussianNllLoss: triple(room.gaussianNllLoss, { xs: [X, Y, P], ends: COUNTS }),
  klDiv: two(room.klDiv, X, P),
  "klDiv, logTarget": two((x, t, options) => room.klDiv(x, t, { logTarget: true, ...options }), X, Y),
  binaryCrossEntropy: two(room.binaryCrossEntropy, P, BITS, { ends: SHARES }),
  binaryCrossEntropyWithLogits: two(room.binaryCrossEntropyWithLogits, X, BITS),
  sigmoidFocalLoss: two(room.sigmoidFocalLoss, X, BITS),
  hingeLoss: two(room.hingeLoss, X, SIGNS),
  softMarginLoss: two(room.softMarginLoss, X, SIGNS),
  hingeEmbeddingLoss: two(room.hingeEmbeddingLoss, X, SIGNS, { labels: true }),
  multilabelSoftMarginLoss: two(room.multilabelSoftMarginLoss, X, BITS),
  crossEntropy: ofClasses(room.crossEntropy),
  "crossEntropy, smoothed": ofClasses((x, t, options) => room.crossEntropy(x, t, { labelSmoothing: 0.1, ...options })),
  "crossEntropy, probabilities": two(room.crossEntropy, X, P),
  nllLoss: ofClasses(room.nllLoss),
  focalLoss: ofClasses(room.focalLoss),
  multiMarginLoss: ofClasses(room.multiMarginLoss),
  multilabelMarginLoss: ofClasses(room.multilabelMarginLoss, X, [
    [2, -1, 0],
    [0, 1, -1],
    [-1, 1, 2],
  ]),
  ordinalLoss: ofClasses(room.ordinalLoss, X, [0, 3, 1]),
  "ordinalLoss, likelihood": ofClasses(
    (x, t, options) => room.ordinalLoss(x, t, { form: "likelihood", ...options }),
    [
      [2, 0.5, -1],
      [1, 0.25, -0.5],
      [0.3, 0.1, -0.8],
    ],
    [0, 3, 2],
  ),
  ordinalProbabilities: { f: ([x]) => room.ordinalProbabilities(x), xs: [X], ...none },
  entropy: { f: ([p], options) => room.entropy(p, options), xs: [P], ends: SHARES },
  entropyWithLogits: { f: ([x], options) => room.entropyWithLogits(x, options), xs: [X] },
  entropyPenalty: { f: ([x], options) => room.entropyPenalty(x, options), xs: [X] },
  cosineSimilarity: { f: ([x, y]) => room.cosineSimilarity(x, y), xs: [X, Y], ...none },
  pairwiseDistance: { f: ([x, y]) => room.pairwiseDistance(x, y), xs: [X, Y], ...none },
  contrastiveLoss: triple(room.contrastiveLoss, { xs: [X, Y], ts: [[1, 0, 0]] }),
  cosineEmbeddingLoss: triple(room.cosineEmbeddingLoss, { xs: [X, Y], ts: [SIGN], labels: true }),
  infoNceLoss: { f: ([x, y], options) => room.infoNceLoss(x, y, options), xs: [X, Y], together: true },
  "infoNceLoss, negatives": {
    f: ([x, y, z], options) => room.infoNceLoss(x, y, { negatives: z, ...options }),
    xs: [X, Y, CUBE],
  },
  tripletMarginLoss: triple(room.tripletMarginLoss, { directed: true }),
  "tripletMarginLoss, swap": triple((a, p, n, options) => room.tripletMarginLoss(a, p, n, { swap: true, ...options }), {
    directed: true,
  }),
  tripletMarginWithDistanceLoss: triple(room.tripletMarginWithDistanceLoss, { directed: true }),
  batchHardTripletLoss: { ...ofClasses(room.batchHardTripletLoss, X, [0, 0, 1]), together: true, ofNothing: 0 },
  semiHardTripletLoss: { ...ofClasses(room.semiHardTripletLoss, X, [0, 0, 1]), together: true, ofNothing: 0 },
  marginRankingLoss: triple(room.marginRankingLoss, { xs: [X, Y], ts: [SIGNS] }),
  rankNetPairLoss: triple(room.rankNetPairLoss, { xs: [X, Y], ts: [BITS] }),
  bprLoss: two(room.bprLoss, X, Y),
  rankNetLoss: { ...two(room.rankNetLoss, X, Y, { labels: true }), ofNothing: 0 },
  listNetLoss: two(room.listNetLoss, X, Y),
  listMleLoss: two(room.listMleLoss, X, Y, { labels: true }),
  diceLoss: overlap(room.diceLoss),
  jaccardLoss: overlap(room.jaccardLoss),
  tverskyLoss: overlap(room.tverskyLoss),
  precisionLoss: overlap(room.precisionLoss),
  recallLoss: overlap(room.recallLoss),
  fBetaLoss: overlap(room.fBetaLoss),
  ...game("minimax"),
  ...game("non-saturating"),
  ...game("least-squares"),
  ...game("wasserstein"),
  ...game("hinge"),
  gradientPenalty: {
    f: ([real, fake]) => room.gradientPenalty((x) => x.square(), real, fake, { generator: new Generator(1) }),
    xs: [X, Y],
    together: true,
    ...none,
  },
  cycleConsistencyLoss: {
    f: ([a, b, c, d], options) => room.cycleConsistencyLoss(a, b, c, d, options),
    xs: [X, Y, Z, P],
  },
  identityLoss: { f: ([a, b, c, d], options) => room.identityLoss(a, b, c, d, options), xs: [X, Y, Z, P] },
  negativeSamplingLoss: triple(room.negativeSamplingLoss, { xs: [X, Y, CUBE], directed: true }),
  sequenceCrossEntropy: ofClasses(
    room.sequenceCrossEntropy,
    CUBE,
    X.map(() => CLASSES),
  ),
  ctcLoss: {
    ...ofClasses(
      (x, t, options) => {
        const lengths = t.sum(1).mul(0).add(2).to("i32"); // (N)
        return room.ctcLoss(x.transpose(0, 1).logSoftmax(2), t, lengths.add(1), lengths, options);
      },
      CUBE,
      [
        [1, 2],
        [2, 2],
        [1, 1],
      ],
    ),
  },
};

test("every loss is here", () => {
  const covered = new Set(Object.keys(entries).map((name) => name.split(",")[0]));
  const about = new Set(["lossFor", "lossMismatch"]); // which say what a task's loss is
  expect([...covered].sort()).toEqual(
    functionsOf(room)
      .filter((name) => !about.has(name))
      .sort(),
  );
});

/** An entry's inputs: some rows of them, and one number in the first row of an input. */
function inputsOf(entry: Entry, dtype: Float, rows = [0, 1, 2], at = -1, value = 0): Tensor[] {
  const { xs, ts = [], classes } = entry;
  const floats = [...xs, ...ts].map((x, i) => {
    const chosen = rows.map((row) => x[row]);
    const shape = [rows.length, ...sizesOf(x).slice(1)];
    const flat = chosen.flat(3) as number[];
    return made(i === at ? [value, ...flat.slice(1)] : flat, dtype, shape);
  });
  if (!classes) return floats;
  const flat = rows.map((row) => classes[row]).flat(3) as number[];
  return [...floats, tensor(flat, { dtype: "i32", shape: [rows.length, ...sizesOf(classes).slice(1)] })];
}

function sizesOf(rows: Rows | number): number[] {
  return typeof rows === "number" ? [] : [rows.length, ...sizesOf(rows[0])];
}

/** A loss, and the gradients of its sum by what may be any number. */
function runner({ f, xs }: Entry, reduction: room.Reduction): (inputs: readonly Tensor[]) => Promise<number[][]> {
  return bothWays((...inputs) =>
    withGradients((...floats) => f([...floats, ...inputs.slice(xs.length)], { reduction }), inputs.slice(0, xs.length)),
  );
}

/** f32 as near to f64 as its rounding allows. */
const isNear = (single: number, double: number): boolean =>
  Object.is(single, double) ||
  single === Math.fround(double) ||
  Math.abs(single - double) <= 1e-4 * Math.abs(double) + 1e-5;

describe.each(Object.entries(entries))("%s", (name, entry) => {
  const { xs, ts = [], together, ends = ENDS } = entry;
  const none = entry.none ?? true;
  const [each, mean, sum] = (["none", "mean", "sum"] as const).map((reduction) => runner(entry, reduction));

  test("huge, tiny and infinite: f32 as f64, a gradient where there is a loss, other rows untouched", async () => {
    const usual = await each(inputsOf(entry, "f64"));
    for (const i of xs.keys()) {
      for (const end of ends) {
        const what = `${name}, input ${i} at ${end}`;
        const [double, single] = [
          await each(inputsOf(entry, "f64", [0, 1, 2], i, end)),
          await each(inputsOf(entry, "f32", [0, 1, 2], i, end)),
        ];
        const fits = double[0].every((loss) => Number.isFinite(Math.fround(loss)));
        for (const [k, numbers] of (fits ? double : double.slice(0, 1)).entries()) {
          const which = k === 0 ? "loss" : `gradient ${k - 1}`;
          const apart = numbers.flatMap((x, j) =>
            isNear(single[k][j], x) ? [] : [`[${j}] ${single[k][j]}, not ${x}`],
          );
          expect.soft(apart, `${what}: ${which} in f32: ${apart}`).toEqual([]);
        }
        if (double[0].every(Number.isFinite) && !(entry.directed && Math.abs(end) === INF)) {
          expect
            .soft(double.slice(1).flat().every(Number.isFinite), `${what}: ${double.slice(1).join("; ")}`)
            .toBe(true);
        }
        if (together) continue;
        for (const [k, numbers] of double.entries()) {
          const others = (list: readonly number[]): readonly number[] => list.slice(list.length / 3);
          expect.soft(others(numbers), `${what}: other rows of ${k}`).toEqual(others(usual[k]));
        }
      }
    }
  });

  test("NaN comes out, and stays with its row", async () => {
    for (const dtype of FLOATS) {
      const usual = await each(inputsOf(entry, dtype));
      const inputs = [...xs.keys(), ...[...ts.keys()].map((i) => xs.length + i)];
      for (const i of entry.labels ? xs.keys() : inputs) {
        const [losses, ...gradients] = await each(inputsOf(entry, dtype, [0, 1, 2], i, NAN));
        expect.soft(losses.some(Number.isNaN), `${name}, input ${i}`).toBe(true);
        if (together) continue;
        const n = losses.length / 3;
        expect.soft(losses.slice(n), `${name}, input ${i}`).toEqual(usual[0].slice(n));
        for (const [k, gradient] of gradients.entries()) {
          const m = gradient.length / 3;
          expect.soft(gradient.slice(m), `${name}, input ${i}: gradient ${k}`).toEqual(usual[k + 1].slice(m));
        }
      }
    }
  });

  test("of nothing, and of one row", async () => {
    for (const dtype of FLOATS) {
      const nothing = inputsOf(entry, dtype, []);
      const [losses, ...gradients] = await each(nothing);
      expect.soft(gradients.flat(), name).toEqual([]);
      if (none) {
        expect.soft(losses, name).toEqual([]);
        expect.soft((await mean(nothing))[0], name).toEqual([entry.ofNothing ?? NAN]);
        expect.soft((await sum(nothing))[0].map(Math.abs), name).toEqual([0]);
      }
      if (together) continue;
      const [all] = await each(inputsOf(entry, dtype));
      const [one] = await each(inputsOf(entry, dtype, [1]));
      const n = all.length / 3;
      expect.soft(one, name).toEqual(all.slice(n, 2 * n));
    }
  });
});

/** A loss of a first input, and the same where some of its numbers do not count. */
interface Masked {
  readonly f: (x: Tensor) => Tensor;
  readonly x: Rows;
  /** where x does not count */
  readonly hidden: Rows;
}

const bools = (rows: readonly (readonly number[])[]): Tensor =>
  tensor(
    rows.map((row) => row.map((bit) => bit === 1)),
    { shape: sizesOf(rows) },
  );
const integers = (rows: Rows): Tensor => tensor(rows.flat(3) as number[], { dtype: "i32", shape: sizesOf(rows) });

const FULL = [1, 1, 1];
const EMPTY = [0, 0, 0];
const IGNORED = [2, -100, 1];
const SECOND_ROW = [EMPTY, FULL, EMPTY];
const MASK = [
  [1, 0, 1],
  [0, 0, 0],
  [1, 1, 1],
];
const HIDDEN = MASK.map((row) => row.map((bit) => 1 - bit));

const lists = (f: (s: Tensor, r: Tensor, options: room.ListLossOptions) => Tensor): Masked => ({
  f: (x) => f(x, made(Y, x.dtype as Float), { mask: bools(MASK), reduction: "none" }),
  x: X,
  hidden: HIDDEN,
});
const masked = (f: typeof room.diceLoss): Masked => ({
  f: (p) => f(p, made(BITS, p.dtype as Float), { mask: bools(MASK) }),
  x: P,
  hidden: HIDDEN,
});
const ignoring = (f: (x: Tensor, t: Tensor, options: Options) => Tensor): Masked => ({
  f: (x) => f(x, integers(IGNORED), { reduction: "mean" }),
  x: X,
  hidden: SECOND_ROW,
});
/** Each of three sequences of three logits, where the mask is 0. */
const tokens = HIDDEN.map((row) => row.map((bit) => [bit, bit, bit]));

const hiding: Readonly<Record<string, Masked>> = {
  crossEntropy: ignoring(room.crossEntropy),
  "crossEntropy, smoothed": ignoring((x, t) => room.crossEntropy(x, t, { labelSmoothing: 0.1 })),
  "crossEntropy, weighted": ignoring((x, t) => room.crossEntropy(x, t, { weight: made([1, 2, 3], x.dtype as Float) })),
  nllLoss: ignoring(room.nllLoss),
  focalLoss: ignoring(room.focalLoss),
  "sequenceCrossEntropy, mask": {
    f: (x) => room.sequenceCrossEntropy(x, integers([CLASSES, CLASSES, CLASSES]), { mask: bools(MASK) }),
    x: CUBE,
    hidden: tokens,
  },
  "sequenceCrossEntropy, lengths": {
    f: (x) => room.sequenceCrossEntropy(x, integers([CLASSES, [0, 7, 7], CLASSES]), { lengths: integers([3, 1, 3]) }),
    x: CUBE,
    hidden: [
      [EMPTY, EMPTY, EMPTY],
      [EMPTY, FULL, FULL],
      [EMPTY, EMPTY, EMPTY],
    ],
  },
  "sequenceCrossEntropy, ignoreIndex": {
    f: (x) => room.sequenceCrossEntropy(x, integers([CLASSES, IGNORED, CLASSES])),
    x: CUBE,
    hidden: [
      [EMPTY, EMPTY, EMPTY],
      [EMPTY, FULL, EMPTY],
      [EMPTY, EMPTY, EMPTY],
    ],
  },
  "ctcLoss, lengths": {
    f: (x) => room.ctcLoss(x.transpose(0, 1), integers([[1], [2], [1]]), [3, 1, 2], [1, 1, 1]),
    x: CUBE,
    hidden: [
      [EMPTY, EMPTY, EMPTY],
      [EMPTY, FULL, FULL],
      [EMPTY, EMPTY, FULL],
    ],
  },
  rankNetLoss: lists(room.rankNetLoss),
  listNetLoss: lists(room.listNetLoss),
  listMleLoss: lists(room.listMleLoss),
  diceLoss: masked(room.diceLoss),
  jaccardLoss: masked(room.jaccardLoss),
  tverskyLoss: masked(room.tverskyLoss),
  precisionLoss: masked(room.precisionLoss),
  recallLoss: masked(room.recallLoss),
  fBetaLoss: masked(room.fBetaLoss),
};

describe("what does not count leaves no trace", () => {
  test.each(Object.entries(hiding))("%s", async (name, { f, x, hidden }) => {
    const [flat, gone] = [x.flat(3), hidden.flat(3)] as number[][];
    for (const dtype of FLOATS) {
      const run = bothWays((input) => withGradients(f, [input]));
      const at = (value: number) =>
        run([
          made(
            flat.map((x, i) => (gone[i] ? value : x)),
            dtype,
            sizesOf(x),
          ),
        ]);
      const usual = await at(0);
      expect(usual.flat().every(Number.isFinite), name).toBe(true);
      expect(
        usual[1].filter((_, i) => gone[i]).every((slope) => slope === 0),
        name,
      ).toBe(true);
      for (const value of [NAN, INF, -INF, 1e30]) {
        expect.soft(await at(value), `${name}, ${value} in ${dtype}`).toEqual(usual);
      }
    }
  });
});

test("targets that do not count may be NaN too", async () => {
  for (const f of [room.rankNetLoss, room.listNetLoss, room.listMleLoss, room.diceLoss, room.fBetaLoss]) {
    const run = bothWays((x, t) => withGradients((x) => f(x, t, { mask: bools(MASK) }), [x]));
    const at = (value: number) => {
      const t = Y.flat().map((y, i) => (HIDDEN.flat()[i] ? value : y));
      return run([made(P, "f64"), made(t, "f64", [3, 3])]);
    };
    expect.soft(await at(NAN), f.name).toEqual(await at(0));
  }
});

test("all ignored: the mean is NaN, the sum 0, as in PyTorch; lists and triplets without a pair cost nothing", async () => {
  const logits = made(X, "f64");
  const ignored = integers([-100, -100, -100]);
  for (const f of [room.crossEntropy, room.nllLoss, room.focalLoss]) {
    const run = (reduction: room.Reduction) => bothWays((x) => withGradients((x) => f(x, ignored, { reduction }), [x]));
    expect((await run("mean")([logits]))[0]).toEqual([NAN]);
    for (const reduction of ["sum", "none"] as const) {
      const numbers = await run(reduction)([logits]);
      expect(
        numbers.flat().every((x) => x === 0),
        f.name,
      ).toBe(true);
    }
  }
  const nobody = bools([EMPTY, EMPTY, EMPTY]);
  for (const f of [room.rankNetLoss, room.listNetLoss, room.listMleLoss, room.diceLoss]) {
    const run = bothWays((x) => withGradients((x) => f(x, made(BITS, "f64"), { mask: nobody }), [x]));
    const [loss, slopes] = await run([made(X, "f64")]);
    expect(
      [...loss, ...slopes].every((x) => x === 0),
      f.name,
    ).toBe(true);
  }
  for (const f of [room.batchHardTripletLoss, room.semiHardTripletLoss]) {
    for (const labels of [
      [0, 1, 2],
      [1, 1, 1],
    ]) {
      const run = bothWays((x) => withGradients((x) => f(x, integers(labels)), [x]));
      const [loss, slopes] = await run([logits]);
      expect(
        [...loss, ...slopes].every((x) => x === 0),
        f.name,
      ).toBe(true);
    }
  }
});

test("a class that is absent has no gradient of NaN, and a weight of 0 takes its rows out", async () => {
  const run = bothWays((x) =>
    withGradients((x) => room.crossEntropy(x, integers([0, 0, 2]), { weight: made([0, 1, 2], "f64") }), [x]),
  );
  const [loss, slopes] = await run([made(X, "f64")]);
  const row = X[2];
  const total = row.reduce((sum, x) => sum + Math.exp(x), 0);
  expect(loss[0]).toBeCloseTo(Math.log(total) - row[2], 12);
  expect(slopes.slice(0, 6).every((x) => x === 0)).toBe(true);
  for (const f of [
    room.diceLoss,
    room.jaccardLoss,
    room.tverskyLoss,
    room.precisionLoss,
    room.recallLoss,
    room.fBetaLoss,
  ]) {
    for (const smooth of [0, 1]) {
      const absent = made(
        [
          [0, 1, 0],
          [0, 0, 0],
          [0, 1, 1],
        ],
        "f64",
      ); // no class 0
      const losses = bothWays((p) =>
        withGradients((p) => f(p, absent, { perClass: true, smooth, reduction: "none" }), [p]),
      );
      for (const p of [P, absent]) {
        const numbers = await losses([Array.isArray(p) ? made(p, "f64") : p]);
        expect.soft(numbers.flat().every(Number.isFinite), `${f.name}, smooth ${smooth}: ${numbers}`).toBe(true);
      }
    }
  }
});
