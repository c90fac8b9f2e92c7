import { describe, expect, test } from "vitest";
import {
  BatchHardTripletLoss,
  batchHardTripletLoss,
  ContrastiveLoss,
  CosineEmbeddingLoss,
  CosineSimilarity,
  contrastiveLoss,
  cosineEmbeddingLoss,
  cosineSimilarity,
  InfoNCELoss,
  infoNceLoss,
  PairwiseDistance,
  pairwiseDistance,
  SemiHardTripletLoss,
  semiHardTripletLoss,
  TripletMarginLoss,
  TripletMarginWithDistanceLoss,
  tripletMarginLoss,
  tripletMarginWithDistanceLoss,
} from "../../src/nn/index.ts";
import { compile, Generator, randn, type Tensor, tensor, valueAndGrad, zeros } from "../../src/tensor/index.ts";

const ints = (data: number[]): Tensor => tensor(data, { dtype: "i32" });
const normal = (shape: number[], seed: number): Tensor => randn(shape, { generator: new Generator(seed) });
const allFinite = (x: Tensor): boolean => x.isfinite().all().itemSync() === 1;

describe("what would overflow or divide by zero", () => {
  test("float32 vectors of 1e30 have distances, cosines and slopes", () => {
    const a = tensor([[3e30, 4e30, 0]]);
    const b = zeros([1, 3]);
    expect(pairwiseDistance(a, b).itemSync() / 5e30).toBeCloseTo(1, 5);
    expect(cosineSimilarity(a, a).itemSync()).toBeCloseTo(1, 5);
    expect(tripletMarginLoss(a, a, b).itemSync()).toBe(0);
    const [distance, slope] = valueAndGrad((x: Tensor) => pairwiseDistance(x, b).sum())(a);
    expect(distance.itemSync() / 5e30).toBeCloseTo(1, 5);
    expect([...slope.dataSync()].map((g) => Math.round(g * 1e5) / 1e5)).toEqual([0.6, 0.8, 0]);
    expect(allFinite(valueAndGrad((x: Tensor) => cosineEmbeddingLoss(x, tensor([[1, 2, 3]]), ints([1])))(a)[1])).toBe(
      true,
    );
    expect(allFinite(valueAndGrad((x: Tensor) => infoNceLoss(x, tensor([[1, 2, 3]])))(a)[1])).toBe(true);
  });

  test.each<[string, (x: Tensor) => Tensor]>([
    ["contrastiveLoss", (x) => contrastiveLoss(x, x.detach(), tensor([1, 0, 1]))],
    ["cosineEmbeddingLoss", (x) => cosineEmbeddingLoss(x, zeros([3, 2]), ints([1, -1, 1]))],
    ["tripletMarginLoss", (x) => tripletMarginLoss(x, x.detach(), x.detach())],
    ["batchHardTripletLoss", (x) => batchHardTripletLoss(x, ints([0, 0, 1]))],
    ["semiHardTripletLoss", (x) => semiHardTripletLoss(x, ints([0, 0, 1]))],
    ["infoNceLoss", (x) => infoNceLoss(x, x.detach())],
  ])("%s of equal points and zero vectors", (_, f) => {
    for (const x of [
      zeros([3, 2]),
      tensor([
        [1, 2],
        [1, 2],
        [1, 2],
      ]),
    ]) {
      const [loss, slope] = valueAndGrad(f)(x);
      expect(allFinite(loss) && allFinite(slope)).toBe(true);
    }
  });
});

describe("mining", () => {
  test("chooses by distance, which every triplet shows", () => {
    const x = normal([12, 3], 1);
    const labels = Array.from({ length: 12 }, (_, i) => i % 3);
    const d = pairwiseDistance(x.unsqueeze(1), x).arraySync() as number[][];
    const hard = batchHardTripletLoss(x, ints(labels), { margin: 0.7, reduction: "none" }).arraySync() as number[];
    const semi = semiHardTripletLoss(x, ints(labels), { margin: 0.7, reduction: "none" }).arraySync() as number[][];
    for (let a = 0; a < 12; a++) {
      const negatives = d[a].filter((_, i) => labels[i] !== labels[a]);
      const positives = d[a].filter((_, i) => i !== a && labels[i] === labels[a]);
      expect(hard[a]).toBeCloseTo(Math.max(0, Math.max(...positives) - Math.min(...negatives) + 0.7), 5);
      for (let p = 0; p < 12; p++) {
        const further = negatives.filter((distance) => distance > d[a][p]);
        const negative = further.length > 0 ? Math.min(...further) : Math.max(...negatives);
        const want = a === p || labels[a] !== labels[p] ? 0 : Math.max(0, d[a][p] - negative + 0.7);
        expect(semi[a][p]).toBeCloseTo(want, 5);
      }
    }
  });

  test("without a triplet gives 0 and a slope of 0", () => {
    for (const labels of [[0, 0, 0], [0, 1, 2], [5], []]) {
      for (const f of [batchHardTripletLoss, semiHardTripletLoss]) {
        const [loss, slope] = valueAndGrad((x: Tensor) => f(x, ints(labels)))(normal([labels.length, 2], 2));
        expect(loss.itemSync()).toBe(0);
        expect(slope.abs().sum().itemSync()).toBe(0);
      }
    }
  });

  test("compiled, labels are inputs", () => {
    const x = normal([6, 2], 3);
    for (const f of [batchHardTripletLoss, semiHardTripletLoss]) {
      const g = compile((y: Tensor, t: Tensor) => f(y, t));
      for (const labels of [
        [0, 0, 1, 1, 2, 2],
        [0, 1, 0, 1, 0, 1],
        [0, 0, 0, 0, 0, 0],
      ]) {
        expect(g(x, ints(labels)).itemSync()).toBe(f(x, ints(labels)).itemSync());
      }
    }
  });
});

test("InfoNCE bounds: log of the number of candidates for what cannot be told apart, near 0 for what can", () => {
  const x = tensor([
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ]);
  expect(infoNceLoss(x, x, { temperature: 0.01 }).itemSync()).toBeCloseTo(0, 6);
  expect(
    infoNceLoss(
      x,
      tensor([
        [1, 1, 1],
        [1, 1, 1],
        [1, 1, 1],
      ]),
    ).itemSync(),
  ).toBeCloseTo(Math.log(3), 5);
  expect(infoNceLoss(zeros([0, 3]), zeros([0, 3])).itemSync()).toBeNaN(); // a mean of nothing
  expect(infoNceLoss(zeros([0, 3]), zeros([0, 3]), { reduction: "sum" }).itemSync()).toBe(0);
  // the others of the batch, given as each query's own negatives
  const k = normal([3, 4], 5);
  const others = k.index(
    tensor(
      [
        [1, 2],
        [0, 2],
        [0, 1],
      ],
      { dtype: "i32" },
    ),
  ); // (3, 2, 4)
  const q = normal([3, 4], 4);
  expect(infoNceLoss(q, k, { negatives: others }).itemSync()).toBeCloseTo(infoNceLoss(q, k).itemSync(), 5);
});

test("modules keep options", () => {
  const [a, b, c] = [1, 2, 3].map((seed) => normal([4, 3], seed));
  const y = ints([1, -1, 1, -1]);
  const t = ints([0, 0, 1, 1]);
  const distance = (u: Tensor, v: Tensor) => u.sub(v).abs().sum(1);
  const same = (x: Tensor, z: Tensor) => expect(x.arraySync()).toEqual(z.arraySync());
  same(new CosineSimilarity({ dim: 0 }).forward(a, b), cosineSimilarity(a, b, { dim: 0 }));
  same(new PairwiseDistance({ p: 1, keepdim: true }).forward(a, b), pairwiseDistance(a, b, { p: 1, keepdim: true }));
  same(
    new ContrastiveLoss({ margin: 3 }).forward(a, b, y.eq(1).float()),
    contrastiveLoss(a, b, y.eq(1).float(), { margin: 3 }),
  );
  same(new CosineEmbeddingLoss({ margin: 0.2 }).forward(a, b, y), cosineEmbeddingLoss(a, b, y, { margin: 0.2 }));
  same(new InfoNCELoss({ temperature: 1 }).forward(a, b, c), infoNceLoss(a, b, { temperature: 1, negatives: c }));
  same(new TripletMarginLoss({ swap: true }).forward(a, b, c), tripletMarginLoss(a, b, c, { swap: true }));
  same(
    new TripletMarginWithDistanceLoss({ distance }).forward(a, b, c),
    tripletMarginWithDistanceLoss(a, b, c, { distance }),
  );
  same(tripletMarginWithDistanceLoss(a, b, c), tripletMarginLoss(a, b, c));
  same(new BatchHardTripletLoss({ margin: 2 }).forward(a, t), batchHardTripletLoss(a, t, { margin: 2 }));
  same(new SemiHardTripletLoss({ p: 1 }).forward(a, t), semiHardTripletLoss(a, t, { p: 1 }));
});

test("what does not fit says so", () => {
  const [x, y] = [zeros([4, 3]), zeros([4, 2])];
  expect(() => cosineSimilarity(x, y)).toThrow("cosineSimilarity cannot broadcast shapes (4, 3) and (4, 2)");
  expect(() => cosineSimilarity(zeros([3]), zeros([3]))).toThrow("cosineSimilarity");
  expect(() => pairwiseDistance(x, y)).toThrow("pairwiseDistance cannot broadcast shapes (4, 3) and (4, 2)");
  expect(() => pairwiseDistance(x, x, { p: 0 })).toThrow("p is greater than 0, but is 0");
  expect(() => tripletMarginLoss(x, x, y)).toThrow("tripletMarginLoss needs an input and a target of one shape");
  expect(() => contrastiveLoss(x, x, zeros([4, 1]))).toThrow("need a label each, (4,), but got (4, 1)");
  expect(() => cosineEmbeddingLoss(x, x, zeros([3]))).toThrow("need a label each, (4,), but got (3,)");
  expect(() => batchHardTripletLoss(x, ints([1, 2]))).toThrow(
    "embeddings (N, D) and labels (N), but got (4, 3) and (2,)",
  );
  expect(() => infoNceLoss(x, x, { temperature: 0 })).toThrow("the temperature is greater than 0, but is 0");
  expect(() => infoNceLoss(x, x, { negatives: zeros([3, 5, 3]) })).toThrow(
    "negatives (M, 3) or (4, M, 3), but got (3, 5, 3)",
  );
});
