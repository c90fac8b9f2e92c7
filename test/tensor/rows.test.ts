/**
 * A sequence that is continued token by token has the bits of one that is computed at once: what is computed of a row
 * does not depend on which others are there.
 */

import { describe, expect, test } from "vitest";
import { arange, compile, noGrad, randn, scaledDotProductAttention, type Tensor, tensor } from "../../src/index.ts";
import { gelu, LayerNorm, softmax } from "../../src/nn/index.ts";

const bits = (x: Tensor): Uint8Array => new Uint8Array(x.dataSync().slice().buffer);

describe("rows have the bits that they have among others", () => {
  const sizes = [
    [1, 600],
    [5, 31],
    [32, 7],
    [33, 65],
    [64, 16],
    [100, 1],
    [257, 48],
  ];
  const weights = sizes.map(([k, n]) => ({ plain: randn([k, n]), turned: randn([n, k]) }));
  const norms = sizes.map(([k]) => new LayerNorm(k));
  const layers = compile((xs: Tensor[]) =>
    noGrad(() =>
      xs.flatMap((x, i) => {
        const { plain, turned } = weights[i];
        const products = [x.matmul(plain), gelu(x.matmul(turned.t()).add(1))];
        return [...products, norms[i].forward(x), softmax(x, 1)];
      }),
    ),
  );
  const rows = 21;
  const xs = sizes.map(([k]) => randn([rows, k]));
  const all = layers(xs);

  test.each([
    [0, 1],
    [7, 1],
    [5, 5],
  ])("products, norms and softmax, from row %i on %i", (from, count) => {
    layers(xs.map((x) => x.narrow(0, from, count))).forEach((part, i) => {
      expect(bits(part), `${i}`).toEqual(bits(all[i].narrow(0, from, count)));
    });
  });

  test("queries of attention: one with a mask, or the first ones", () => {
    const [heads, length, width] = [4, 40, 8];
    const [q, k, v] = [1, 2, 3].map(() => randn([1, heads, length, width]));
    const causal = compile((q: Tensor, k: Tensor, v: Tensor) => scaledDotProductAttention(q, k, v, { isCausal: true }));
    const one = compile((q: Tensor, at: Tensor) =>
      scaledDotProductAttention(q, k, v, { attnMask: arange(length, { dtype: "i32" }).le(at) }),
    );
    const whole = causal(q, k, v);
    for (const at of [0, 5, length - 1]) {
      const alone = one(q.narrow(2, at, 1), tensor(at, { dtype: "i32" }));
      expect(bits(alone), `query ${at} of ${length}`).toEqual(bits(whole.narrow(2, at, 1)));
    }
    for (const count of [1, 5]) {
      const first = causal(q.narrow(2, 0, count), k.narrow(2, 0, count), v.narrow(2, 0, count));
      expect(bits(first), `first ${count} of ${length}`).toEqual(bits(whole.narrow(2, 0, count)));
    }
  });
});
