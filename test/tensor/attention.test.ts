import { describe, expect, it } from "vitest";
import {
  type AttentionOptions,
  arange,
  compile,
  grad,
  manualSeed,
  ones,
  randn,
  scaledDotProductAttention,
  scan,
  type Tensor,
  tensor,
  zeros,
} from "../../src/index.ts";
import { dropout } from "../../src/nn/index.ts";

/** As PyTorch's documentation defines it. */
function spelledOut(query: Tensor, key: Tensor, value: Tensor, options: AttentionOptions = {}): Tensor {
  const { attnMask, isCausal, dropoutP: p = 0, enableGqa, scale = query.shape.at(-1)! ** -0.5 } = options;
  if (enableGqa) [key, value] = [key, value].map((x) => x.repeatInterleave(query.shape[1] / x.shape[1], 1));
  let scores = query.matmul(key.transpose(-2, -1)).mul(scale);
  const earlier = ones([query.shape.at(-2)!, key.shape.at(-2)!])
    .tril()
    .ne(0);
  for (const mask of [isCausal ? earlier : undefined, attnMask]) {
    if (mask?.dtype === "bool") scores = scores.maskedFill(mask.logicalNot(), Number.NEGATIVE_INFINITY);
    else if (mask) scores = scores.add(mask);
  }
  return dropout(scores.softmax(-1), { p }).matmul(value);
}

const allows = (L: number, S: number): Tensor =>
  arange(L * S)
    .reshape([L, S])
    .mul(0.7)
    .sin()
    .gt(-0.5);

const cases: readonly (readonly [name: string, shapes: readonly number[][], options: AttentionOptions])[] = [
  [
    "plain",
    [
      [5, 4],
      [5, 4],
      [5, 4],
    ],
    {},
  ],
  [
    "batches, other lengths and widths",
    [
      [2, 3, 7, 4],
      [2, 3, 9, 4],
      [2, 3, 9, 6],
    ],
    { scale: 0.8 },
  ],
  [
    "batches that broadcast",
    [
      [2, 3, 7, 4],
      [3, 9, 4],
      [1, 9, 6],
    ],
    {},
  ],
  [
    "causal",
    [
      [2, 70, 8],
      [2, 70, 8],
      [2, 70, 8],
    ],
    { isCausal: true },
  ],
  [
    "causal, more queries than keys",
    [
      [40, 8],
      [9, 8],
      [9, 8],
    ],
    { isCausal: true },
  ],
  [
    "a bool mask",
    [
      [2, 6, 4],
      [2, 5, 4],
      [2, 5, 4],
    ],
    { attnMask: allows(6, 5) },
  ],
  [
    "a float mask",
    [
      [2, 6, 4],
      [2, 5, 4],
      [2, 5, 4],
    ],
    { attnMask: allows(6, 5).float().mul(2) },
  ],
  [
    "a mask of keys",
    [
      [2, 6, 4],
      [2, 5, 4],
      [2, 5, 4],
    ],
    { attnMask: allows(2, 5).unsqueeze(1) },
  ],
  [
    "a mask of keys, causal",
    [
      [2, 70, 8],
      [2, 70, 8],
      [2, 70, 8],
    ],
    { attnMask: arange(140).reshape([2, 1, 70]).remainder(7).ne(3), isCausal: true },
  ],
  [
    "dropout, heads that share keys",
    [
      [2, 6, 37, 4],
      [2, 2, 70, 4],
      [2, 2, 70, 6],
    ],
    { dropoutP: 0.1, enableGqa: true },
  ],
  [
    "dropout, a mask of keys, causal",
    [
      [3, 35, 8],
      [3, 35, 8],
      [3, 35, 8],
    ],
    { dropoutP: 0.5, attnMask: arange(105).reshape([3, 1, 35]).remainder(7).ne(3), isCausal: true },
  ],
];

type Attention = typeof spelledOut;
const all = { argnums: [0, 1, 2] };

async function expectNear(found: Tensor, wanted: Tensor, most: number): Promise<void> {
  expect(found.shape).toEqual(wanted.shape);
  expect(await found.sub(wanted).abs().max().item()).toBeLessThan(most);
}

describe("scaledDotProductAttention", () => {
  for (const dtype of ["f32", "f64"] as const) {
    it.each(cases)(`is what its formula says: %s, ${dtype}`, async (_, shapes, options) => {
      const [q, k, v] = shapes.map((shape) => randn(shape, { dtype }));
      const most = dtype === "f32" ? 1e-4 : 1e-10;
      const seeded: (f: Attention) => Attention = (f) => (a, b, c) => {
        manualSeed(3);
        return f(a, b, c, options);
      };
      await expectNear(seeded(scaledDotProductAttention)(q, k, v), seeded(spelledOut)(q, k, v), most);
      const gradients = (f: Attention) => grad((a, b, c) => seeded(f)(a, b, c).square().sum(), all)(q, k, v);
      const wanted = gradients(spelledOut);
      for (const [i, found] of gradients(scaledDotProductAttention).entries()) await expectNear(found, wanted[i], most);
    });
  }

  it("gives the same bits compiled", async () => {
    const inputs = [0, 1, 2].map(() => randn([3, 40, 16]));
    const [q, k, v] = inputs;
    for (const dropoutP of [0, 0.2]) {
      const f = (q: Tensor, k: Tensor, v: Tensor) => scaledDotProductAttention(q, k, v, { isCausal: true, dropoutP });
      const slopes = (...x: Tensor[]) => grad((...x: Tensor[]) => f(x[0], x[1], x[2]).square().sum(), all)(...x);
      const runs = [f, compile(f), slopes, compile(slopes)].map((run) => {
        manualSeed(3);
        return [run(q, k, v)].flat();
      });
      const [a, b, c, d] = await Promise.all(runs.map((xs) => Promise.all(xs.map((x) => x.data()))));
      expect([b, d]).toEqual([a, c]);
    }
  });

  it("drops the same in each step of a scan", async () => {
    const [h, xs] = [randn([2, 9, 4]), randn([3, 2, 9, 4])];
    const step = (c: Tensor, x: Tensor): Tensor => {
      manualSeed(3);
      return scaledDotProductAttention(c, x, x, { dropoutP: 0.3 });
    };
    const together = (h: Tensor, xs: Tensor) => scan((c, x) => [step(c, x), c], h, xs)[0];
    const apart = (h: Tensor, xs: Tensor) => xs.unbind(0).reduce((c, x) => step(c, x), h);
    const slopes = (f: typeof apart) => grad((...x: Tensor[]) => f(x[0], x[1]).square().sum(), { argnums: [0, 1] });
    const [found, wanted] = [together, apart].map((f) => [f(h, xs), ...slopes(f)(h, xs)]);
    for (const [i, x] of found.entries()) await expectNear(x, wanted[i], 1e-5);
  });

  it("gives zeros, and no gradient, to a query that sees no key", async () => {
    const [q, k, v] = [2, 3, 3].map((length) => randn([length, 4]));
    const attnMask = tensor([
      [true, false, true],
      [false, false, false],
    ]);
    const y = (x: Tensor) => scaledDotProductAttention(x, k, v, { attnMask });
    const gradient = grad((x: Tensor) => y(x).sum())(q);
    for (const x of [y(q), gradient]) expect((await x.data()).slice(4)).toEqual(new Float32Array(4));
    const none = scaledDotProductAttention(q, zeros([0, 4]), zeros([0, 2]));
    expect(await none.data()).toEqual(new Float32Array(4));
  });

  it("differentiates by a float mask", async () => {
    const [q, k, v, mask] = [4, 4, 4, 3].map((width) => randn([3, width], { dtype: "f64" }));
    const gradient = (f: Attention) => grad((attnMask: Tensor) => f(q, k, v, { attnMask }).square().sum())(mask);
    await expectNear(gradient(scaledDotProductAttention), gradient(spelledOut), 1e-12);
  });

  it("has a second derivative", async () => {
    const [q, k, v] = [0, 1, 2].map(() => randn([5, 4], { dtype: "f64" }));
    const loss = (f: Attention) => (a: Tensor, b: Tensor, c: Tensor) => f(a, b, c, { isCausal: true }).square().sum();
    const slope = (f: Attention) => (a: Tensor, b: Tensor, c: Tensor) =>
      grad(loss(f), all)(a, b, c)
        .map((g) => g.square().sum())
        .reduce((x, y) => x.add(y));
    const second = (f: Attention) => grad(slope(f), all)(q, k, v);
    const wanted = second(spelledOut);
    for (const [i, found] of second(scaledDotProductAttention).entries()) {
      await expectNear(found, wanted[i], 1e-9);
      expect(found.requiresGrad).toBe(false);
    }
  });

  it("says what does not fit", () => {
    const x = zeros([2, 3, 4]);
    expect(() => scaledDotProductAttention(x, zeros([2, 3, 5]), x)).toThrow("(…, S, E)");
    expect(() => scaledDotProductAttention(x, x, zeros([2, 4, 4]))).toThrow("(2, 4, 4)");
    expect(() => scaledDotProductAttention(zeros([3]), x, x)).toThrow("(…, L, E)");
    expect(() => scaledDotProductAttention(x, x, x, { attnMask: zeros([3, 4]) })).toThrow("does not broadcast");
    expect(() => scaledDotProductAttention(x, x, x, { dropoutP: 2 })).toThrow("a probability");
    expect(() => scaledDotProductAttention(x, zeros([4, 3, 4]), x, { enableGqa: true })).toThrow("a multiple");
    expect(() => scaledDotProductAttention(x, x, x, { attnMask: zeros([3, 3], { dtype: "i32" }) })).toThrow("ne(0)");
    const integers = zeros([2, 2], { dtype: "i32" });
    expect(() => scaledDotProductAttention(integers, integers, integers)).toThrow(".float()");
  });
});
