import { beforeEach, describe, expect, it } from "vitest";
import {
  arange,
  cat,
  compile,
  eye,
  grad,
  manualSeed,
  ones,
  randn,
  scaledDotProductAttention,
  type Tensor,
  tensor,
  zeros,
} from "../../src/index.ts";
import {
  AdditiveAttention,
  alibi,
  attentionMaps,
  LuongAttention,
  MultiheadAttention,
  RotaryEmbedding,
  SinusoidalPositions,
  Transformer,
  TransformerDecoderLayer,
  TransformerEncoder,
  TransformerEncoderLayer,
} from "../../src/nn/index.ts";
import { attentionSvg } from "../../src/text/draw/index.ts";

const far = (a: Tensor, b: Tensor): number => a.sub(b).abs().amax().itemSync();

beforeEach(() => manualSeed(7));

describe("dropped weights", () => {
  const [q, k] = [randn([2, 5, 4], { dtype: "f64" }), randn([2, 6, 4], { dtype: "f64" })];
  /** As values have a feature for each key, the result is what became of the weights. */
  const weights = (dropoutP: number, query = q): Tensor =>
    scaledDotProductAttention(query, k, eye(6, 6, { dtype: "f64" }), { dropoutP });

  it("are zeros or 1 / (1 − p) times what they were, and so in the mean", async () => {
    const whole = await weights(0).data();
    const found = await weights(0.25).data();
    const zerosAmong = [...found].filter((x) => x === 0).length;
    expect(zerosAmong).toBeGreaterThan(4);
    expect(zerosAmong).toBeLessThan(30); // of 60, 15 ± 3.4
    found.forEach((x, i) => void (x === 0 || expect(x / whole[i]).toBeCloseTo(4 / 3, 12)));
    const many = scaledDotProductAttention(zeros([200, 8, 2]), zeros([200, 8, 2]), ones([200, 8, 1]), {
      dropoutP: 0.5,
    });
    expect(many.mean().itemSync()).toBeCloseTo(1, 1); // 1 ± 0.009
    expect([...(await weights(1).data())].every((x) => x === 0)).toBe(true);
  });

  it("are the same for the same seed, compiled or not", async () => {
    const f = (x: Tensor): Tensor[] => [weights(0.5, x), grad((y: Tensor) => weights(0.5, y).square().sum())(x)];
    const runs = [f, f, compile(f)].map((run) => {
      manualSeed(3);
      return run(q);
    });
    const [a, b, c] = await Promise.all(runs.map((xs) => Promise.all(xs.map((x) => x.data()))));
    expect(b).toEqual(a);
    expect(c).toEqual(a);
    manualSeed(4);
    expect(await weights(0.5).data()).not.toEqual(a[0]);
  });

  it("have the gradient of finite differences", async () => {
    const loss = (x: Tensor): Tensor => {
      manualSeed(5);
      return weights(0.4, x).square().sum();
    };
    const along = randn(q.shape, { dtype: "f64" });
    const [eps, slope] = [1e-6, grad(loss)(q).mul(along).sum().itemSync()];
    const difference = loss(q.add(along.mul(eps))).sub(loss(q.sub(along.mul(eps))));
    expect(difference.itemSync() / (2 * eps)).toBeCloseTo(slope, 6);
  });

  it("are only those of training", async () => {
    const attention = new MultiheadAttention(4, 2, { dropout: 0.5, dtype: "f64" });
    const [, trained] = attention.forward(q, q, q);
    const without = attention.weights(q, q, q).mean(1);
    expect([...(await trained!.data())].some((x) => x === 0)).toBe(true);
    attention.eval();
    for (const needWeights of [true, false]) {
      const [a, b] = [0, 1].map(() => attention.forward(q, q, q, { needWeights }));
      expect(await a[0].data()).toEqual(await b[0].data());
      if (needWeights) expect(far(a[1]!, without)).toBe(0);
    }
  });
});

describe("MultiheadAttention", () => {
  it("shares heads of keys as if they were repeated", () => {
    const few = new MultiheadAttention(8, 4, { numKvHeads: 2, addBiasKv: true, dtype: "f64" });
    const all = new MultiheadAttention(8, 4, { addBiasKv: true, dtype: "f64" });
    expect(few.stateDict()["in_proj_weight"].shape).toEqual([16, 8]);
    const repeated = (x: Tensor): Tensor => x.unflatten(0, [2, 2]).repeatInterleave(2, 0).flatten(0, 1);
    const state = Object.entries(few.stateDict()).map(([name, x]): [string, Tensor] => {
      if (name.startsWith("bias")) return [name, repeated(x.reshape([4])).reshape([1, 1, 8])];
      if (!name.startsWith("in_proj")) return [name, x];
      const [q, k, v] = x.split([8, 4, 4], 0);
      return [name, cat([q, repeated(k), repeated(v)], 0)];
    });
    all.loadStateDict(Object.fromEntries(state));
    const x = randn([5, 2, 8], { dtype: "f64" });
    const attnMask = arange(5 * 8 * 5)
      .remainder(3)
      .eq(1)
      .reshape([8, 5, 5]); // each head's
    for (const options of [{ attnMask }, { isCausal: true, needWeights: false }]) {
      const [a, b] = [few, all].map((layer) => layer.forward(x, x, x, { ...options, averageAttnWeights: false }));
      expect(far(a[0], b[0])).toBeLessThan(1e-14);
      if (a[1] && b[1]) expect(far(a[1], b[1])).toBeLessThan(1e-14);
    }
  });

  it("takes an empty batch", () => {
    const layer = new MultiheadAttention(4, 2, { batchFirst: true });
    const x = zeros([0, 3, 4]);
    for (const needWeights of [true, false]) {
      const slope = grad((z: Tensor) => layer.forward(z, z, z, { needWeights })[0].sum())(x);
      expect(slope.shape).toEqual([0, 3, 4]);
    }
  });

  it("gives zeros, and no NaN in gradients, where a query sees nothing", async () => {
    const layer = new MultiheadAttention(4, 2, { bias: false });
    const x = randn([3, 2, 4]);
    const keyPaddingMask = tensor([
      [true, true, true],
      [false, false, true],
    ]);
    for (const needWeights of [true, false]) {
      const [y, weights] = layer.forward(x, x, x, { keyPaddingMask, needWeights });
      expect([...(await y.select(1, 0).data())]).toEqual(new Array(12).fill(0));
      if (weights) expect(await weights.sum(2).data()).toEqual(new Float32Array([0, 0, 0, 1, 1, 1]));
      const slope = grad((z: Tensor) => layer.forward(z, z, z, { keyPaddingMask, needWeights })[0].sum())(x);
      expect(slope.isfinite().logicalNot().sum().itemSync()).toBe(0);
    }
  });

  it("takes ALiBi as a mask, and turns by positions", () => {
    const rotary = new RotaryEmbedding(4, { maxLength: 10, dtype: "f64" });
    const layer = new MultiheadAttention(8, 2, { batchFirst: true, rotary, dtype: "f64" });
    expect(Object.keys(layer.stateDict())).toHaveLength(4);
    const x = randn([2, 6, 8], { dtype: "f64" });
    const attnMask = alibi(2, 6, 6, { dtype: "f64" }).unsqueeze(0);
    const [[a, weights], [b]] = [true, false].map((needWeights) =>
      layer.forward(x, x, x, { attnMask, isCausal: true, needWeights }),
    );
    expect(far(a, b)).toBeLessThan(1e-14);
    expect(weights!.triu(1).abs().sum().itemSync()).toBe(0);
    // Products depend on the distance alone.
    const [q, k] = [0, 1].map(() => randn([4], { dtype: "f64" }).expand([10, 4]));
    const products = rotary.forward(q).matmul(rotary.forward(k).t());
    expect(far(products.narrow(0, 0, 9).narrow(1, 0, 9), products.narrow(0, 1, 9).narrow(1, 1, 9))).toBeLessThan(1e-13);
  });

  it("begins as PyTorch's", () => {
    const layer = new MultiheadAttention(64, 4, { kdim: 32, addBiasKv: true });
    expect(layer.qProjWeight!.abs().amax().itemSync()).toBeCloseTo(Math.sqrt(6 / 128), 2);
    expect(layer.kProjWeight!.abs().amax().itemSync()).toBeCloseTo(Math.sqrt(6 / 96), 2);
    expect(layer.biasK!.std().itemSync()).toBeCloseTo(Math.sqrt(2 / 128), 1);
    expect(layer.inProjBias!.abs().sum().add(layer.outProj.bias!.abs().sum()).itemSync()).toBe(0);
    const model = new Transformer(16, 2, { dimFeedforward: 48, numEncoderLayers: 1, numDecoderLayers: 1 });
    expect(model.encoder.layers[0].linear1.weight.abs().amax().itemSync()).toBeCloseTo(Math.sqrt(6 / 64), 2);
  });

  it("says what does not fit", () => {
    const layer = new MultiheadAttention(4, 2);
    const x = zeros([3, 2, 4]);
    const attend = (options: object) => () => layer.forward(x, x, x, options);
    expect(() => layer.forward(x, zeros([3, 2, 5]), x)).toThrow("(S, N, 4)");
    expect(() => layer.forward(x, zeros([3, 1, 4]), zeros([3, 1, 4]))).toThrow("(L, N, 4)");
    expect(() => layer.forward(zeros([4]), zeros([4]), zeros([4]))).toThrow("MultiheadAttention(4, 2)");
    expect(attend({ keyPaddingMask: zeros([3, 2]) })).toThrow("(2, 3) is needed");
    expect(attend({ attnMask: zeros([2, 3, 3]) })).toThrow("(4, 3, 3) is needed");
    expect(attend({ attnMask: zeros([3, 3], { dtype: "i32" }) })).toThrow("bool or float");
    expect(() => new MultiheadAttention(5, 2)).toThrow("equal heads");
    expect(() => new MultiheadAttention(8, 4, { numKvHeads: 3 })).toThrow("equal groups");
    expect(() => new MultiheadAttention(8, 4, { dropout: 2 })).toThrow("probability");
    expect(() => new LuongAttention(3, 4, { score: "dot" })).toThrow("one width");
    expect(() => new AdditiveAttention(3, 4, 5).forward(zeros([2, 3]), zeros([4]))).toThrow("(…, S, K)");
    expect(() => new RotaryEmbedding(3)).toThrow("pairs");
    expect(() => new SinusoidalPositions(4, 2).forward(zeros([5, 2]))).toThrow("maxLength of 4");
  });
});

describe("transformers", () => {
  const small = { dimFeedforward: 8, batchFirst: true, dropout: 0 };

  it("do not see what is hidden", () => {
    const layer = new TransformerDecoderLayer(4, 2, small);
    const [x, memory] = [randn([1, 5, 4]), randn([1, 3, 4])];
    const later = x.add(arange(5).ge(3).unsqueeze(1).mul(9)); // other tokens from place 3 on
    const [a, b] = [x, later].map((tgt) => layer.forward(tgt, memory, { tgtIsCausal: true }));
    expect(far(a.narrow(1, 0, 3), b.narrow(1, 0, 3))).toBe(0);
    expect(far(a.narrow(1, 3, 2), b.narrow(1, 3, 2))).toBeGreaterThan(0.1);
    const other = memory.add(arange(3).ge(2).unsqueeze(1).mul(9));
    const memoryKeyPaddingMask = tensor([[false, false, true]]);
    const [c, d] = [memory, other].map((source) => layer.forward(x, source, { memoryKeyPaddingMask }));
    expect(far(c, d)).toBe(0);
  });

  it("show what looks at what", () => {
    const encoder = new TransformerEncoder(() => new TransformerEncoderLayer(4, 2, small), 2);
    const x = randn([3, 5, 4]);
    const plain = encoder.forward(x, { isCausal: true });
    let seen: Tensor | undefined;
    const maps = attentionMaps(encoder, () => {
      seen = encoder.forward(x, { isCausal: true });
    });
    expect(far(seen!, plain)).toBe(0);
    const last = maps["layers.1.self_attn"];
    expect(last.shape).toEqual([3, 2, 5, 5]);
    expect(last.requiresGrad).toBe(false);
    expect(far(last.sum(-1), ones([3, 2, 5]))).toBeLessThan(1e-6);
    expect(last.triu(1).abs().sum().itemSync()).toBe(0);
    expect(Object.hasOwn(encoder.layers[0].selfAttn, "forward")).toBe(false);
  });

  it("drop while they train, and take activations of their own", async () => {
    const layer = new TransformerEncoderLayer(4, 2, { ...small, dropout: 0.5, activation: (x) => x.square() });
    const x = randn([2, 3, 4]);
    expect(far(layer.forward(x), layer.forward(x))).toBeGreaterThan(0);
    layer.eval();
    expect(far(layer.forward(x), layer.forward(x))).toBe(0);
    expect(layer.activation(tensor([3])).itemSync()).toBe(9);
    expect(() => new TransformerEncoderLayer(4, 2, { activation: "tanh" as "relu" })).toThrow('"tanh"');
    expect(await Transformer.generateSquareSubsequentMask(3).array()).toEqual([
      [0, -Infinity, -Infinity],
      [0, 0, -Infinity],
      [0, 0, 0],
    ]);
  });
});

describe("a drawing", () => {
  it("has a square for each pair, and tokens as one sees them", async () => {
    const svg = await attentionSvg(tensor([[0.25, 0.75]]), ["<s>"], ["\n", "\u0000&"], { title: "a < b" });
    expect(svg.match(/fill-opacity="[\d.]+"/g)).toEqual(['fill-opacity="0.250"', 'fill-opacity="0.750"']);
    for (const words of [">a &lt; b<", ">&lt;s&gt;<", ">⏎<", "─► �&amp;: 75.0 %"]) expect(svg).toContain(words);
    await expect(attentionSvg(zeros([2, 2]), ["a"], ["b", "c"])).rejects.toThrow("1 queries and 2 keys");
  });
});
