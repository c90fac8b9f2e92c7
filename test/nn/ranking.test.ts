import { expect, test } from "vitest";
import {
  BPRLoss,
  bprLoss,
  ListMLELoss,
  ListNetLoss,
  listMleLoss,
  listNetLoss,
  MarginRankingLoss,
  marginRankingLoss,
  RankNetLoss,
  RankNetPairLoss,
  rankNetLoss,
  rankNetPairLoss,
} from "../../src/nn/index.ts";
import { compile, Generator, grad, randn, type Tensor, tensor, zeros } from "../../src/tensor/index.ts";

const normal = (shape: number[], seed: number): Tensor =>
  randn(shape, { dtype: "f64", generator: new Generator(seed) });

const orders = (items: readonly number[]): number[][] =>
  items.length === 0 ? [[]] : items.flatMap((item, i) => orders(items.toSpliced(i, 1)).map((rest) => [item, ...rest]));

test("ListMLE is a distribution: the odds of all orders add up to 1", () => {
  const scores = normal([4], 1).mul(2);
  const relevances = tensor(orders([0, 1, 2, 3]), { dtype: "f64" }); // (24, 4)
  const losses = listMleLoss(scores.expand(relevances.shape), relevances, { reduction: "none" });
  expect(losses.neg().exp().sum().itemSync()).toBeCloseTo(1, 12);
});

test("ListNet is least where softmax(scores) is softmax(relevances), at the entropy of that", () => {
  const relevances = normal([2, 5], 2);
  const p = relevances.softmax(1);
  const entropy = p.mul(p.log()).sum(1).neg();
  const losses = listNetLoss(relevances.add(3), relevances, { reduction: "none" });
  for (const [i, loss] of losses.dataSync().entries()) expect(loss).toBeCloseTo(entropy.dataSync()[i], 12);
  const slope = grad((s: Tensor) => listNetLoss(s, relevances))(relevances);
  expect(slope.abs().amax().itemSync()).toBeLessThan(1e-12);
});

test("RankNet of a list is RankNet of its pairs, and BPR is RankNet of a sure pair", () => {
  const scores = tensor([2, -1, 0.5], { dtype: "f64" });
  const relevances = tensor([0, 1, 2]);
  const [first, second] = [tensor([-1, 0.5, 0.5], { dtype: "f64" }), tensor([2, 2, -1], { dtype: "f64" })];
  const one = tensor([1, 1, 1], { dtype: "f64" });
  const want = rankNetPairLoss(first, second, one).itemSync();
  expect(rankNetLoss(scores, relevances).itemSync()).toBeCloseTo(want, 12);
  expect(bprLoss(first, second).itemSync()).toBeCloseTo(want, 12);
});

test("lists have any padding, compiled too", () => {
  const short = normal([2, 3], 3);
  const shortRelevances = tensor([
    [0, 2, 1],
    [1, 1, 0],
  ]);
  const pad = { value: Number.NaN };
  const mask = tensor([
    [true, true, true, false],
    [true, true, true, false],
  ]);
  for (const f of [rankNetLoss, listNetLoss, listMleLoss]) {
    const want = f(short, shortRelevances).itemSync();
    const lose = (s: Tensor, t: Tensor, m: Tensor) => f(s, t, { mask: m });
    for (const g of [lose, compile(lose)]) {
      expect(g(short.pad([0, 1], pad), shortRelevances.pad([0, 1], pad), mask).itemSync()).toBeCloseTo(want, 12);
    }
    const slope = grad((s: Tensor) => lose(s, shortRelevances.pad([0, 1], pad), mask))(short.pad([0, 1], pad));
    expect([...slope.index(":", 3).dataSync()]).toEqual([0, 0]);
    expect(slope.isfinite().all().itemSync()).toBe(1);
  }
});

test("modules keep options", () => {
  const [a, b] = [normal([2, 3], 4), normal([2, 3], 5)];
  const mask = tensor([
    [true, true, false],
    [true, true, true],
  ]);
  const same = (x: Tensor, y: Tensor) => expect(x.arraySync()).toEqual(y.arraySync());
  same(new MarginRankingLoss({ margin: 1 }).forward(a, b, b.sign()), marginRankingLoss(a, b, b.sign(), { margin: 1 }));
  same(new RankNetLoss({ sigma: 2 }).forward(a, b, mask), rankNetLoss(a, b, { sigma: 2, mask }));
  same(new RankNetPairLoss({ reduction: "sum" }).forward(a, b, b), rankNetPairLoss(a, b, b, { reduction: "sum" }));
  same(new BPRLoss({ reduction: "sum" }).forward(a, b), bprLoss(a, b, { reduction: "sum" }));
  same(new ListNetLoss({ reduction: "none" }).forward(a, b, mask), listNetLoss(a, b, { reduction: "none", mask }));
  same(new ListMLELoss({ reduction: "none" }).forward(a, b), listMleLoss(a, b, { reduction: "none" }));
});

test("what does not fit says so", () => {
  const x = zeros([2, 3]);
  expect(() => marginRankingLoss(x, x, zeros([3]))).toThrow("marginRankingLoss needs");
  expect(() => rankNetLoss(x, x, { sigma: 0 })).toThrow("sigma is greater than 0, but is 0");
  expect(() => listNetLoss(x, zeros([3]))).toThrow("listNetLoss needs");
  expect(() => listMleLoss(x, x, { mask: zeros([3]) })).toThrow(
    "the mask of lists (2, 3) needs their shape, but is (3,)",
  );
  expect(() => listMleLoss(zeros([]), zeros([]))).toThrow("needs lists (…, L), but got a single number");
});
