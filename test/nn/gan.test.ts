import { expect, test } from "vitest";
import {
  CycleConsistencyLoss,
  cycleConsistencyLoss,
  DiscriminatorLoss,
  discriminatorLoss,
  type GANKind,
  GeneratorLoss,
  generatorLoss,
  gradientPenalty,
  IdentityLoss,
  identityLoss,
  Linear,
  Sequential,
  Softplus,
} from "../../src/nn/index.ts";
import { Adam } from "../../src/optim/index.ts";
import {
  compile,
  full,
  Generator,
  manualSeed,
  ones,
  randn,
  type Tensor,
  tensor,
  valueAndGrad,
  zeros,
} from "../../src/tensor/index.ts";

const normal = (shape: number[], seed: number): Tensor =>
  randn(shape, { dtype: "f64", generator: new Generator(seed) });

test("at a logit of 0 both sides of the classical game lose log 2 a sample", () => {
  const logits = zeros([3]);
  expect(discriminatorLoss(logits, logits).itemSync()).toBeCloseTo(2 * Math.LN2);
  expect(generatorLoss(logits).itemSync()).toBeCloseTo(Math.LN2);
  expect(generatorLoss(logits, { kind: "minimax" }).itemSync()).toBeCloseTo(-Math.LN2);
});

test("where the discriminator is sure, minimax leaves the generator without a slope, and the default does not", () => {
  const slope = (kind: GANKind) => valueAndGrad((x: Tensor) => generatorLoss(x, { kind }))(tensor([-40]))[1].itemSync();
  expect(Math.abs(slope("minimax"))).toBeLessThan(1e-15);
  expect(slope("non-saturating")).toBeCloseTo(-1);
});

// D(x) = ½‖x‖² has slope x̂ = ε·x between x and 0: with ‖x‖ = 1 the penalty is λ·E(ε − 1)² = λ/3.
test("mixtures are spread evenly between real and made samples, one for each sample", () => {
  const real = full([20_000, 4], 0.5);
  const critic = (x: Tensor) => x.square().sum(1).mul(0.5);
  const generator = new Generator(1);
  expect(gradientPenalty(critic, real, zeros([20_000, 4]), { generator }).itemSync()).toBeCloseTo(10 / 3, 1);
  const once = gradientPenalty(critic, real, zeros([20_000, 4]), { weight: 1, generator: new Generator(2) });
  const again = gradientPenalty(critic, real, zeros([20_000, 4]), { weight: 1, generator: new Generator(2) });
  expect(once.itemSync()).toBe(again.itemSync());
});

test("a penalty's derivative is that of finite differences, eager and compiled", async () => {
  const [real, fake] = [normal([5, 3], 1), normal([5, 3], 2)];
  const direction = normal([3, 4], 4);
  const penalty = (w: Tensor) => {
    const critic = (x: Tensor) => x.matmul(w).tanh().sum(1);
    return gradientPenalty(critic, real, fake, { generator: new Generator(9) });
  };
  const w = normal([3, 4], 3);
  const e = 1e-6;
  const want = (penalty(w.add(direction.mul(e))).itemSync() - penalty(w.sub(direction.mul(e))).itemSync()) / (2 * e);
  for (const f of [valueAndGrad(penalty), compile(valueAndGrad(penalty))]) {
    const [value, slope] = f(w);
    expect(value.itemSync()).toBeCloseTo(penalty(w).itemSync(), 10);
    expect(slope.mul(direction).sum().itemSync()).toBeCloseTo(want, 5);
  }
});

test("a slope of 0 has a derivative, and samples get none", () => {
  const w = tensor([[0], [0]], { requiresGrad: true });
  const fake = ones([2, 2], { requiresGrad: true });
  const loss = gradientPenalty((x) => x.matmul(w), zeros([2, 2]), fake);
  loss.backward();
  expect(loss.itemSync()).toBe(10);
  expect([...w.grad!.dataSync()]).toEqual([0, 0]);
  expect(fake.grad).toBeUndefined();
});

test("a compiled step with a penalty trains a critic to slope 1", async () => {
  manualSeed(1);
  const critic = new Sequential(new Linear(2, 16), new Softplus(), new Linear(16, 1));
  const optimizer = new Adam(critic.parameters(), { lr: 0.02 });
  const step = compile((real: Tensor, fake: Tensor) => {
    const forward = (x: Tensor) => critic.forward(x);
    const penalty = gradientPenalty(forward, real, fake);
    discriminatorLoss(forward(real), forward(fake), { kind: "wasserstein" }).add(penalty).backward();
    optimizer.step();
    optimizer.zeroGrad();
    return penalty;
  });
  const [real, fake] = [randn([32, 2]).add(2), randn([32, 2])];
  const first = step(real, fake).itemSync();
  let last = first;
  for (let i = 0; i < 150; i++) last = step(real, fake).itemSync();
  expect(last).toBeLessThan(0.6);
  expect(last).toBeLessThan(first / 5);
});

test("modules keep options", () => {
  const [a, b, c, d] = [1, 2, 3, 4].map((seed) => normal([3], seed));
  const same = (x: Tensor, y: Tensor) => expect(x.itemSync()).toBe(y.itemSync());
  same(new GeneratorLoss({ kind: "hinge" }).forward(a), generatorLoss(a, { kind: "hinge" }));
  same(
    new DiscriminatorLoss({ kind: "least-squares" }).forward(a, b),
    discriminatorLoss(a, b, { kind: "least-squares" }),
  );
  same(new CycleConsistencyLoss({ weight: 2 }).forward(a, b, c, d), cycleConsistencyLoss(a, b, c, d, { weight: 2 }));
  same(new IdentityLoss({ reduction: "sum" }).forward(a, b, c, d), identityLoss(a, b, c, d, { reduction: "sum" }));
});

test("what does not fit says so", () => {
  expect(() => generatorLoss(zeros([2]), { kind: "vanilla" as GANKind })).toThrow(
    "generatorLoss: the kind is minimax, non-saturating, least-squares, wasserstein, hinge, but got vanilla.",
  );
  expect(() => discriminatorLoss(zeros([2]), zeros([3]), { reduction: "none" })).toThrow("(2,) and (3,)");
  expect(() => gradientPenalty((x) => x, zeros([2, 3]), zeros([2, 4]))).toThrow("one shape, but got (2, 3) and (2, 4)");
  expect(() => cycleConsistencyLoss(zeros([2]), zeros([3]), zeros([1]), zeros([1]))).toThrow("(3,) and (2,)");
});
