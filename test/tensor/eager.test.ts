import { describe, expect, test } from "vitest";
import { topological } from "../../src/core/graph.ts";
import { compile, noGrad, Parameter, rand, type Tensor, tensor, Variable } from "../../src/index.ts";
import { currentDevice } from "../../src/runtime/select.ts";

const depth = (x: Tensor) => topological([x.value]).length;

/** Programs that the device is asked for while `f` runs. */
function compiledIn(f: () => void): number {
  const device = currentDevice() as { compile: unknown };
  const { compile: original } = device;
  let count = 0;
  device.compile = (...args: unknown[]) => {
    count++;
    return (original as (...args: unknown[]) => unknown).apply(device, args);
  };
  try {
    f();
  } finally {
    device.compile = original;
  }
  return count;
}

describe("without compile", () => {
  test("a training step is one program, found again", () => {
    const w = new Parameter(tensor([1, 2]));
    const mean = new Variable(tensor([0, 0]));
    const x = tensor([0.5, -0.5]);
    const step = () => {
      mean.assign(mean.mul(0.9).add(x.mul(0.1))); // state that is set amid the forward pass
      const loss = w.mul(x.sub(mean)).square().sum();
      loss.backward();
      noGrad(() => w.assign(w.sub(w.grad!.mul(0.1))));
      w.grad = undefined;
      return loss;
    };
    expect(compiledIn(() => step().itemSync())).toBe(1);
    expect(compiledIn(() => step().itemSync())).toBe(0);
  });

  test("history ends where values are known: nothing grows from step to step", () => {
    const w = new Parameter(tensor([1, 2]));
    const losses: Tensor[] = [];
    let average = tensor(0);
    let size = 0;
    for (let i = 0; i < 50; i++) {
      const loss = w.square().sum();
      loss.backward();
      noGrad(() => w.assign(w.sub(w.grad!.mul(0.01))));
      w.grad = undefined;
      average = average.mul(0.9).add(loss.detach());
      losses.push(loss);
      if (i % 10 === 9) average.itemSync();
      if (i === 19) size = depth(w) + depth(average);
    }
    expect(depth(w) + depth(average)).toBe(size);
    expect(losses.slice(0, 49).map(depth)).toEqual(new Array(49).fill(1));
  });

  test("not even when nothing is read", () => {
    const w = new Parameter(tensor([1, 2]));
    let total = tensor(0);
    const sizes: number[] = [];
    for (let i = 0; i < 30; i++) {
      const loss = w.square().sum();
      loss.backward();
      noGrad(() => w.assign(w.sub(w.grad!.mul(0.01))));
      w.grad = undefined;
      total = total.add(loss.detach());
      sizes.push(depth(w));
    }
    expect(Math.max(...sizes)).toBeLessThan(40); // one or two steps
    expect(depth(total)).toBeLessThan(30 * 4 + 40); // its own sums only
  });

  test("a loop over a changing number is one program", () => {
    const x = tensor([1, 2]);
    for (const n of [0.5, 2.5]) x.mul(n).dataSync(); // the first may compute what other tests left pending
    expect(compiledIn(() => [3.5, 4.5, 5.5].map((n) => x.mul(n).dataSync()))).toBe(0);
    expect([...x.mul(1.5).dataSync()]).toEqual([1.5, 3]);
  });

  test("reading gives a copy", () => {
    const x = tensor([1, 2]);
    x.dataSync()[0] = 99;
    expect([...x.dataSync()]).toEqual([1, 2]);
    const source = new Float32Array([1, 2]);
    const y = tensor(source);
    source[0] = 99;
    expect([...y.dataSync()]).toEqual([1, 2]);
  });

  test("random tensors that were not read yet are what they are", () => {
    const a = rand([2]);
    const b = rand([2]);
    const second = [...b.dataSync()];
    const first = [...a.dataSync()];
    expect(first).not.toEqual(second);
    expect([...a.dataSync()]).toEqual(first);
  });

  test("a chain deeper than the stack", () => {
    let x = tensor(0);
    for (let i = 0; i < 20_000; i++) x = x.add(1);
    expect(x.itemSync()).toBe(20_000);
  });

  test("compiled and uncompiled steps take turns on the same state", () => {
    const w = new Parameter(tensor([1, 2]));
    const step = () => {
      w.mul(w).sum().backward();
      noGrad(() => w.assign(w.sub(w.grad!.mul(0.25))));
      w.grad = undefined;
    };
    const compiled = compile(step);
    step();
    compiled();
    step();
    compiled();
    expect([...w.dataSync()]).toEqual([1 / 16, 1 / 8]);
  });
});
