import { describe, expect, test } from "vitest";
import {
  customGrad,
  enableGrad,
  GradError,
  grad,
  noGrad,
  Parameter,
  type Tensor,
  tensor,
  valueAndGrad,
} from "../../src/index.ts";

const values = (x: Tensor | undefined) => x && [...x.dataSync()];

describe("backward", () => {
  test("adds up over calls and over paths", () => {
    const x = tensor([1, 2], { requiresGrad: true });
    x.mul(x).sum().backward();
    x.sum().backward();
    expect(values(x.grad)).toEqual([3, 5]);
  });

  test("with the gradient of the output", () => {
    const x = tensor([1, 2], { requiresGrad: true });
    x.mul(3).backward(tensor([1, 10]));
    expect(values(x.grad)).toEqual([3, 30]);
  });

  test("a second time only with retainGraph", () => {
    const x = tensor([1, 2], { requiresGrad: true });
    const loss = x.square().sum();
    loss.backward(undefined, { retainGraph: true });
    loss.backward();
    expect(values(x.grad)).toEqual([4, 8]);
    expect(() => loss.backward()).toThrow(/retainGraph: true/);
  });

  test("derivatives of derivatives with createGraph", () => {
    const x = tensor([2, 3], { requiresGrad: true });
    x.pow(3).sum().backward(undefined, { createGraph: true });
    const first = x.grad!;
    x.grad = undefined;
    first.sum().backward();
    expect(values(x.grad)).toEqual([12, 18]);
  });

  test("retainGrad keeps the gradient of what was computed", () => {
    const x = tensor([1, 2], { requiresGrad: true });
    const y = x.mul(2).retainGrad();
    expect(y.isLeaf).toBe(false);
    y.square().sum().backward();
    expect(values(y.grad)).toEqual([4, 8]);
    expect(values(x.grad)).toEqual([8, 16]);
  });

  test("stops at detach, noGrad and integers", () => {
    const x = tensor([1, 2], { requiresGrad: true });
    expect(x.detach().mul(2).requiresGrad).toBe(false);
    expect(noGrad(() => x.mul(2)).requiresGrad).toBe(false);
    expect(noGrad(() => enableGrad(() => x.mul(2))).requiresGrad).toBe(true);
    expect(x.to("i32").requiresGrad).toBe(false);
    x.mul(x.detach()).sum().backward();
    expect(values(x.grad)).toEqual([1, 2]);
  });

  test("a parameter assigned between two reads gets both gradients", () => {
    const p = new Parameter(tensor([1, 2]));
    const before = p.mul(2);
    noGrad(() => p.assign(p.add(1)));
    before.add(p.mul(3)).sum().backward();
    expect(values(p.grad)).toEqual([5, 5]);
  });

  test("errors name the shape and the way out", () => {
    const x = tensor([1, 2], { requiresGrad: true });
    expect(() => x.mul(2).backward()).toThrow(/\(2,\).*\.mean\(\)\.backward\(\)/);
    expect(() => x.mul(2).backward(tensor([1, 2, 3]))).toThrow(/\(3,\).*\(2,\)/);
    expect(() => tensor([1]).backward()).toThrow(GradError);
    expect(() => tensor([1], { dtype: "i32", requiresGrad: true })).toThrow(GradError);
    expect(() => {
      x.mul(2).requiresGrad = false;
    }).toThrow(/detach/);
  });
});

describe("grad", () => {
  const f = (x: Tensor, y: Tensor) => x.square().mul(y).sum();

  test("of one argument or of several", () => {
    const [x, y] = [tensor([1, 2]), tensor([3, 4])];
    expect(values(grad(f)(x, y))).toEqual([6, 16]);
    expect(grad(f, { argnums: [0, 1] })(x, y).map(values)).toEqual([
      [6, 16],
      [1, 4],
    ]);
    const [value, gradient] = valueAndGrad(f, { argnums: 1 })(x, y);
    expect(value.itemSync()).toBe(19);
    expect(values(gradient)).toEqual([1, 4]);
  });

  test("of what does not depend on the argument is zero", () => {
    expect(values(grad((_: Tensor, y: Tensor) => y.sum())(tensor([1, 2]), tensor([3])))).toEqual([0, 0]);
  });

  test("nests, and leaves no trace", () => {
    const cube = (x: Tensor) => x.pow(3).sum();
    const third = grad((x) => grad((y) => grad(cube)(y).sum())(x).sum());
    const x = tensor([2]);
    expect(values(third(x))).toEqual([6]);
    expect(third(x).requiresGrad).toBe(false);
    expect(x.grad).toBeUndefined();
  });

  test("reaches parameters through a gradient: a gradient penalty", () => {
    const w = new Parameter(tensor([2]));
    const slope = grad((x: Tensor) => x.square().mul(w).sum())(tensor([3])); // 2 w x
    expect(slope.requiresGrad).toBe(true);
    slope.square().sum().backward(); // 4 w² x²
    expect(values(w.grad)).toEqual([8 * 2 * 9]);
  });

  test("needs one number", () => {
    expect(() => grad((x: Tensor) => x.mul(2))(tensor([1, 2]))).toThrow(GradError);
  });
});

describe("customGrad", () => {
  const cube = customGrad(
    "cube",
    (x) => x.pow(3),
    (g, _, x) => [g.mul(x.square()).mul(3)],
  );

  test("first and second derivative", () => {
    const sum = (x: Tensor) => cube(x).sum();
    expect(values(grad(sum)(tensor([2])))).toEqual([12]);
    expect(values(grad((x: Tensor) => grad(sum)(x).sum())(tensor([2])))).toEqual([12]);
  });

  test("through its own output", () => {
    const exp = customGrad(
      "exp",
      (x) => x.exp(),
      (g, y) => [g.mul(y)],
    );
    const second = grad((x: Tensor) => grad((z: Tensor) => exp(z).sum())(x).sum())(tensor([0]));
    expect(values(second)).toEqual([1]);
  });

  test("a gradient of the wrong shape", () => {
    const wrong = customGrad(
      "wrong",
      (x) => x.mul(2),
      (g) => [g.sum()],
    );
    expect(() =>
      wrong(tensor([1, 2], { requiresGrad: true }))
        .sum()
        .backward(),
    ).toThrow(/"wrong".*\(2,\).*\(\)/);
  });
});
