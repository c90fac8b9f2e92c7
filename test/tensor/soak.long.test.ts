/** Memory is flat over many steps, without tidying and without a macrotask in between. */

import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { compile, noGrad, Parameter, rand, randn, type Tensor, Variable } from "../../src/index.ts";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

function memory(): number {
  collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

function training() {
  const params = [new Parameter(randn([16, 32])), new Parameter(randn([32, 4]))];
  const mean = new Variable(randn([16]));
  const step = (x: Tensor, y: Tensor) => {
    mean.assign(mean.mul(0.9).add(x.mean(0).mul(0.1)));
    const h = x.sub(mean).matmul(params[0]).relu();
    const loss = h.mul(rand(h.shape).lt(0.9).to("f32")).matmul(params[1]).sub(y).square().mean();
    loss.backward();
    noGrad(() => {
      for (const p of params) {
        p.assign(p.sub(p.grad!.mul(1e-3)));
        p.grad = undefined;
      }
    });
    return loss;
  };
  return { step, x: randn([8, 16]), y: randn([8, 4]) };
}

/** Bytes that `n` steps leave behind, once everything that is made only once is there. */
function growth(n: number, step: (x: Tensor, y: Tensor) => Tensor, x: Tensor, y: Tensor): number {
  for (let i = 0; i < 1000; i++) step(x, y);
  const before = memory();
  for (let i = 0; i < n; i++) step(x, y);
  return memory() - before;
}

test("100,000 compiled steps", { timeout: 600_000 }, () => {
  const { step, x, y } = training();
  expect(growth(100_000, compile(step), x, y)).toBeLessThan(1e6);
});

test("4,000 steps without compile, of which nobody reads anything", { timeout: 600_000 }, () => {
  const { step, x, y } = training();
  expect(growth(4000, step, x, y)).toBeLessThan(3e6); // one version of the parameters a step would be 10 MB
});
