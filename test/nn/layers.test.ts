import { expect, test } from "vitest";
import {
  AdaptiveAvgPool2d,
  avgPool2d,
  batchNorm,
  Conv1d,
  Conv2d,
  conv1d,
  conv2d,
  crossEntropy,
  Dropout,
  Embedding,
  embedding,
  embeddingBag,
  Linear,
  layerNorm,
  maxPool2d,
  mseLoss,
  nllLoss,
} from "../../src/nn/index.ts";
import {
  arange,
  grad,
  manualSeed,
  ones,
  Parameter,
  randn,
  type Tensor,
  tensor,
  zeros,
} from "../../src/tensor/index.ts";

/** The numbers 0, 1, 2, … in the given shape. */
const count = (...shape: number[]): Tensor => arange(shape.reduce((n, size) => n * size, 1)).reshape(shape);

test("weights begin as PyTorch's do: evenly within ±1/√fanIn, the same for the same seed", async () => {
  manualSeed(3);
  const weight = [...(await new Linear(100, 50).weight.data())];
  expect(Math.max(...weight)).toBeLessThanOrEqual(0.1);
  expect(Math.max(...weight)).toBeGreaterThan(0.0999);
  expect(Math.min(...weight)).toBeLessThan(-0.0999);
  const variance = weight.reduce((sum, w) => sum + w * w, 0) / weight.length;
  expect(variance).toBeCloseTo(0.01 / 3, 4);
  const kernel = await new Conv2d(4, 8, 3, { groups: 2 }).weight.data(); // fan-in 2 · 9
  expect(Math.max(...kernel.map(Math.abs))).toBeLessThanOrEqual(Math.fround(1 / Math.sqrt(18)));
  manualSeed(3);
  expect([...(await new Linear(100, 50).weight.data())]).toEqual(weight);
});

// torch.nn.Conv1d(1, 1, 3, padding=2, padding_mode=...) over 0, 1, 2, 3 with weight 1, 10, 100
test.each([
  ["zeros", [0, 100, 210, 321, 32, 3]],
  ["reflect", [12, 101, 210, 321, 232, 123]],
  ["replicate", [0, 100, 210, 321, 332, 333]],
  ["circular", [32, 103, 210, 321, 32, 103]],
] as const)("padding mode %s", async (paddingMode, want) => {
  const layer = new Conv1d(1, 1, 3, { padding: 2, paddingMode, bias: false });
  layer.loadStateDict({ weight: tensor([[[1, 10, 100]]]) });
  expect([...(await layer.forward(count(1, 1, 4)).data())]).toEqual(want);
});

test('padding "same" puts the odd element behind', async () => {
  const y = conv1d(count(1, 1, 4), tensor([[[1, 10]]]), undefined, { padding: "same" });
  expect(await y.array()).toEqual([[[10, 21, 32, 3]]]);
  expect(() => conv1d(count(1, 1, 4), ones([1, 1, 2]), undefined, { padding: "same", stride: 2 })).toThrow("stride 1");
});

test("an input without a batch is a batch of one", async () => {
  expect(conv2d(zeros([3, 5, 5]), zeros([4, 3, 3, 3])).shape).toEqual([4, 3, 3]);
  expect(await maxPool2d(count(1, 2, 2), 2).array()).toEqual([[[3]]]);
});

test("pooling: the first of equal ones gets the gradient, NaN wins, padding never does", async () => {
  const x = tensor(
    [
      [
        [
          [1, 3],
          [3, 3],
        ],
      ],
    ],
    { requiresGrad: true },
  );
  maxPool2d(x, 2).sum().backward();
  expect(await x.grad!.array()).toEqual([
    [
      [
        [0, 1],
        [0, 0],
      ],
    ],
  ]);
  expect(
    await maxPool2d(
      tensor([
        [
          [
            [1, Number.NaN],
            [3, 3],
          ],
        ],
      ]),
      2,
    ).item(),
  ).toBeNaN();
  expect(await maxPool2d(full(-5), 3, { stride: 2, padding: 1 }).array()).toEqual([[[[-5]]]]);
  expect(() => maxPool2d(x, 2, { padding: 2 })).toThrow("more than half");
});

const full = (value: number): Tensor => ones([1, 1, 2, 2]).mul(value);

test("average pooling counts the padding, or does not, and never what ceilMode adds", async () => {
  // torch.nn.functional.avg_pool2d(torch.arange(9.).reshape(1, 1, 3, 3) + 1, 2, 2, 1)
  const x = count(1, 1, 3, 3).add(1);
  expect(await avgPool2d(x, 2, { padding: 1 }).array()).toEqual([
    [
      [
        [0.25, 1.25],
        [2.75, 7],
      ],
    ],
  ]);
  expect(await avgPool2d(x, 2, { padding: 1, countIncludePad: false }).array()).toEqual([
    [
      [
        [1, 2.5],
        [5.5, 7],
      ],
    ],
  ]);
  expect(await avgPool2d(x, 2, { ceilMode: true }).array()).toEqual([
    [
      [
        [3, 4.5],
        [7.5, 9],
      ],
    ],
  ]);
});

test("adaptive pooling overlaps where sizes do not divide", async () => {
  // torch.nn.AdaptiveAvgPool2d((2, 3))(torch.arange(20.).reshape(1, 1, 4, 5))
  const y = new AdaptiveAvgPool2d([2, 3]).forward(count(1, 1, 4, 5));
  const want = [3, 4.5, 6, 13, 14.5, 16];
  (await y.data()).forEach((value, i) => void expect(value).toBeCloseTo(want[i], 5));
});

test("dropout keeps the mean, and gradients flow through what stays", async () => {
  manualSeed(1);
  const x = ones([10_000]);
  x.requiresGrad = true;
  const y = new Dropout(0.25).forward(x);
  y.sum().backward();
  const [values, gradient] = [[...(await y.data())], [...(await x.grad!.data())]];
  expect(gradient).toEqual(values);
  expect(new Set(values)).toEqual(new Set([0, Math.fround(4 / 3)]));
  expect(values.reduce((a, b) => a + b) / values.length).toBeCloseTo(1, 1);
  expect(() => new Dropout(1.5)).toThrow("probability");
  expect(new Dropout().forward(zeros([0, 3])).shape).toEqual([0, 3]);
});

test("embedding: rows, the padding's gradient, and indices out of range", async () => {
  const weight = new Parameter(count(3, 2));
  const index = tensor(
    [
      [2, 0],
      [2, 1],
    ],
    { dtype: "i32" },
  );
  embedding(index, weight, { paddingIdx: 1 }).sum().backward();
  expect(await weight.grad!.array()).toEqual([
    [1, 1],
    [0, 0],
    [2, 2],
  ]);
  for (const wrong of [3, -1]) {
    const y = embedding(tensor([wrong], { dtype: "i32" }), weight);
    await expect(y.data()).rejects.toMatchObject({ code: "E_INDEX" });
  }
  expect(() => embedding(ones([2]), weight)).toThrow("integer indices");
  const table = await new Embedding(4, 2, { paddingIdx: -1 }).weight.array();
  expect(table).toMatchObject({ 3: [0, 0] });
});

test("embeddingBag says what it needs", () => {
  const weight = count(3, 2);
  const index = tensor([0, 2, 1], { dtype: "i32" });
  const offsets = tensor([0, 2], { dtype: "i32" });
  expect(() => embeddingBag(index, weight)).toThrow("an index (B, T), or (L) with offsets (B), but got (3,)");
  expect(() => embeddingBag(index.unsqueeze(0), weight, { offsets })).toThrow("but got (1, 3) and (2,)");
  expect(() => embeddingBag(index, weight, { offsets, perSampleWeights: ones([3]) })).toThrow('for the mode "sum"');
  const factors = { offsets, perSampleWeights: ones([2]), mode: "sum" } as const;
  expect(() => embeddingBag(index, weight, factors)).toThrow("an index (3,) needs weights alike, but got (2,)");
});

test("cross-entropy: labels out of range, ignored labels, and targets that do not fit", async () => {
  const logits = zeros([2, 3]);
  const labels = (...values: number[]) => tensor(values, { dtype: "i32" });
  for (const wrong of [3, -1]) {
    await expect(crossEntropy(logits, labels(0, wrong)).item()).rejects.toMatchObject({ code: "E_INDEX" });
  }
  expect(await crossEntropy(logits, labels(0, -100)).item()).toBeCloseTo(Math.log(3), 6);
  expect(await crossEntropy(logits, labels(-100, -100)).item()).toBeNaN();
  expect(await crossEntropy(logits, tensor(new Uint8Array([0, 2]))).item()).toBeCloseTo(Math.log(3), 6);
  expect(() => crossEntropy(logits, labels(0, 1, 2))).toThrow("needs class indices (2,), but got (3,)");
  expect(() => crossEntropy(logits, ones([2]))).toThrow('convert them with .to("i32")');
  expect(() => crossEntropy(logits, labels(0, 1), { weight: ones([2]) })).toThrow("must be (3,)");
  expect(() => nllLoss(logits, ones([2]))).toThrow("class indices");
  expect(() => mseLoss(zeros([2, 1]), zeros([2]))).toThrow("(2, 1) and (2,)");
});

test("an ignored label has no gradient, even where the logits are infinite", async () => {
  const logits = tensor(
    [
      [1, 2],
      [Number.POSITIVE_INFINITY, 0],
    ],
    { requiresGrad: true },
  );
  const loss = crossEntropy(logits, tensor([1, -100], { dtype: "i32" }));
  loss.backward();
  expect(await loss.item()).toBeCloseTo(0.31326, 4);
});

// The derivative of a normalisation is written by hand: against that of the formula, first and second.
const NORMALISED: readonly [string, readonly number[], readonly number[], readonly number[]][] = [
  ["batch norm of a matrix", [4, 3], [0], [1, 3]],
  ["batch norm of images", [3, 2, 2, 4], [0, 2, 3], [1, 2, 1, 1]],
  ["batch norm of one channel", [3, 1, 2], [0, 2], [1, 1, 1]],
  ["layer norm", [3, 2, 5], [2], [5]],
  ["layer norm of two dimensions", [3, 2, 5], [1, 2], [2, 5]],
  ["layer norm of one row", [1, 5], [1], [5]],
  ["layer norm without rows", [5], [0], [5]],
  ["layer norm of single numbers", [3, 1], [1], [1]],
];

test.each(NORMALISED)("%s has the derivative of its formula", async (name, shape, dims, affine) => {
  const numbers = (...size: readonly number[]): Tensor => randn(size, { dtype: "f64" });
  const [x, weight, bias, g] = [numbers(...shape), numbers(...affine), numbers(...affine), numbers(...shape)];
  const formula = (x: Tensor, weight: Tensor, bias: Tensor): Tensor => {
    const mean = x.mean([...dims], { keepdim: true });
    const variance = x.var([...dims], { correction: 0, keepdim: true });
    return x.sub(mean).div(variance.add(1e-5).sqrt()).mul(weight).add(bias);
  };
  const layer = (x: Tensor, weight: Tensor, bias: Tensor): Tensor =>
    name.startsWith("batch")
      ? batchNorm(x, undefined, undefined, { weight: weight.flatten(), bias: bias.flatten(), training: true })
      : layerNorm(x, affine, { weight, bias });
  const all = { argnums: [0, 1, 2] };
  const derivatives = (f: typeof layer): Tensor[] => {
    const loss = (x: Tensor, weight: Tensor, bias: Tensor): Tensor => f(x, weight, bias).mul(g).square().sum();
    const slope = (...args: [Tensor, Tensor, Tensor]): Tensor =>
      grad(
        loss,
        all,
      )(...args)
        .map((d) => d.cos().sum())
        .reduce((sum, d) => sum.add(d));
    return [f(x, weight, bias), ...grad(loss, all)(x, weight, bias), ...grad(slope, all)(x, weight, bias)];
  };
  const wanted = derivatives(formula);
  for (const [i, found] of derivatives(layer).entries()) {
    const [a, b] = [await found.data(), await wanted[i].data()];
    const apart = Math.max(...a.map((value, j) => Math.abs(value - b[j]) / (1 + Math.abs(b[j]))));
    expect(apart).toBeLessThan(1e-9);
  }
});

test("a normalisation's weight may be of another dtype", async () => {
  const [x, weight] = [new Parameter(count(2, 3)), new Parameter(ones([3], { dtype: "f64" }))];
  layerNorm(x, [3], { weight }).mul(count(2, 3)).sum().backward();
  expect([x.grad?.dtype, weight.grad?.dtype]).toEqual(["f32", "f64"]);
  expect(await weight.grad?.sum().item()).toBeCloseTo(4.8989, 3);
});
