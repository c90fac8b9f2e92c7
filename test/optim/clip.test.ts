import { expect, test } from "vitest";
import { clipGradNorm, clipGradValue, SGD } from "../../src/optim/index.ts";
import { compile, IndexError, Parameter, type Tensor, tensor } from "../../src/tensor/index.ts";

function withGrads(...grads: readonly (Tensor | undefined)[]): Parameter[] {
  return grads.map((grad) => {
    const p = new Parameter(tensor([0, 0]));
    p.grad = grad;
    return p;
  });
}

test("gradients that are small enough stay as they are", async () => {
  const [p] = withGrads(tensor([0.3, 0.4]));
  expect(await clipGradNorm([p], 1).item()).toBeCloseTo(0.5, 6);
  expect(await p.grad?.array()).toEqual(await tensor([0.3, 0.4]).array());
});

test("all gradients count together, and parameters without one are passed over", async () => {
  const [p, idle, q] = withGrads(tensor([3, 0]), undefined, tensor([0, 4]));
  expect(await clipGradNorm([p, idle, q], 2.5).item()).toBe(5);
  expect(idle.grad).toBeUndefined();
  expect((await p.grad?.data())?.[0]).toBeCloseTo(1.5, 5);
  expect((await q.grad?.data())?.[1]).toBeCloseTo(2, 5);
  expect(await clipGradNorm([idle], 1).item()).toBe(0);
});

test("gradients of f32 whose squares overflow are scaled all the same", async () => {
  const [p] = withGrads(tensor([3e30, 4e30]));
  expect(await clipGradNorm([p], 1).item()).toBeCloseTo(Math.fround(5e30), -24);
  const [x, y] = await p.grad!.data();
  expect(x).toBeCloseTo(0.6, 6);
  expect(y).toBeCloseTo(0.8, 6);
});

test("each gradient keeps its dtype", async () => {
  const p = new Parameter(tensor([0], { dtype: "f64" }));
  p.grad = tensor([3], { dtype: "f64" });
  const [q] = withGrads(tensor([4, 0]));
  expect(clipGradNorm([p, q], 1).dtype).toBe("f64");
  expect([p.grad.dtype, q.grad?.dtype]).toEqual(["f64", "f32"]);
});

test.each([Number.NaN, Number.POSITIVE_INFINITY])(
  "%s in a gradient is an error on demand, and then no parameter moves",
  async (bad) => {
    const p = new Parameter(tensor([1, 2]));
    const optimizer = new SGD([p], { lr: 1 });
    const f = (x: Tensor): Tensor => {
      p.mul(x).sum().backward();
      const norm = clipGradNorm([p], 1, { errorIfNonfinite: true });
      optimizer.step();
      optimizer.zeroGrad();
      return norm;
    };
    const step = compile(f);
    for (const run of [step, f]) {
      const attempt = async () => run(tensor([bad, 1])).item();
      await expect(attempt()).rejects.toThrow(IndexError);
      await expect(attempt()).rejects.toThrow(
        "clipGradNorm: the norm of the gradients is not finite, and errorIfNonfinite asks for an error.",
      );
      expect(await p.array()).toEqual([1, 2]);
    }
    expect(await step(tensor([0, 5])).item()).toBe(5);
    expect((await p.data())[1]).toBeCloseTo(1, 5);
  },
);

test("without errorIfNonfinite, NaN spreads as in PyTorch", async () => {
  const [p] = withGrads(tensor([Number.NaN, 1]));
  expect(await clipGradNorm([p], 1).item()).toBeNaN();
  expect(await p.grad?.array()).toEqual([Number.NaN, Number.NaN]);
});

test("in a compiled step the bits are the same", async () => {
  const one = () => {
    const [p] = [new Parameter(tensor([1, -2]))];
    const optimizer = new SGD([p], { lr: 0.1 });
    const f = (limit: Tensor) => {
      p.mul(limit).sum().backward();
      clipGradValue([p], 2);
      const norm = clipGradNorm([p], 1);
      optimizer.step();
      optimizer.zeroGrad();
      return [norm, p.detach()];
    };
    return f;
  };
  const x = tensor([5, 0.3]);
  const read = (xs: Tensor[]) => Promise.all(xs.map((y) => y.array()));
  expect(await read(compile(one())(x))).toEqual(await read(one()(x)));
});

test("limits are at least 0", () => {
  const params = withGrads(tensor([1, 1]));
  expect(() => clipGradNorm(params, -1)).toThrow("clipGradNorm: maxNorm must be at least 0, but is -1.");
  expect(() => clipGradNorm(params, 1, { normType: -2 })).toThrow("clipGradNorm: normType must be at least 0");
  expect(() => clipGradValue(params, -1)).toThrow("clipGradValue: value must be at least 0, but is -1.");
});
