import { describe, expect, it } from "vitest";
import { compile, noGrad, Parameter, type Tensor, tensor } from "../../src/index.ts";

/** w ← w + x; the sum of w afterwards. */
function counter(): { w: Parameter; step: ReturnType<typeof compile<[Tensor], Tensor>> } {
  const w = new Parameter(tensor([0, 0, 0]));
  const step = compile((x: Tensor) => {
    noGrad(() => w.assign(w.add(x)));
    return w.detach().sum();
  });
  return { w, step };
}

describe("steps off JavaScript's thread", () => {
  it("run in the order in which they were asked for", async () => {
    const { step } = counter();
    const sums = await Promise.all([1, 2, 3].map((x) => step.async(tensor(x))));
    expect(sums.map((sum) => sum.itemSync())).toEqual([3, 9, 18]);
  });

  it("are waited for by who reads state, assigns it or runs a step at once", async () => {
    const { w, step } = counter();
    const first = step.async(tensor(1));
    expect(w.arraySync()).toEqual([1, 1, 1]);
    const second = step.async(tensor(1));
    expect(step(tensor(1)).itemSync()).toBe(9);
    const third = step.async(tensor(1));
    noGrad(() => w.assign(tensor([10, 10, 10])));
    expect((await Promise.all([first, second, third])).map((sum) => sum.itemSync())).toEqual([3, 6, 12]);
    expect(w.arraySync()).toEqual([10, 10, 10]);
  });

  it("take their arguments as they are when they are asked for", async () => {
    const { step } = counter();
    const x = new Parameter(tensor(1));
    const sum = step.async(x.mul(1));
    noGrad(() => x.assign(tensor(100)));
    expect((await sum).itemSync()).toBe(3);
  });

  it("leave time for others between two of them", async () => {
    const { step } = counter();
    let ticks = 0;
    const timer = setInterval(() => ticks++, 0);
    for (let i = 0; i < 50; i++) await step.async(tensor(1));
    clearInterval(timer);
    expect(ticks).toBeGreaterThan(5);
  });

  it("reject with what a call would throw, and leave state as it was", async () => {
    const w = new Parameter(tensor([1, 2, 3]));
    const step = compile((index: Tensor) => {
      const picked = w.detach().indexSelect(0, index).sum();
      noGrad(() => w.assign(w.add(1)));
      return picked;
    });
    const index = (i: number) => tensor([i], { dtype: "i32" });
    const bad = step.async(index(3));
    const good = step.async(index(2));
    await expect(bad).rejects.toMatchObject({ code: "E_INDEX" });
    expect((await good).itemSync()).toBe(3);
    expect(w.arraySync()).toEqual([2, 3, 4]);
    const broken = compile((x: Tensor) => x.matmul(tensor([[1]])));
    await expect(broken.async(tensor([[1, 2]]))).rejects.toMatchObject({ code: "E_SHAPE" });
  });
});
