import { afterEach, describe, expect, test, vi } from "vitest";
import {
  Cell,
  compile,
  IndexError,
  manualSeed,
  noGrad,
  observe,
  Parameter,
  rand,
  Slot,
  type Tensor,
  TraceError,
  tensor,
  Variable,
  zeros,
  zerosLike,
} from "../../src/index.ts";

const values = (x: Tensor) => [...x.dataSync()];

/** SGD with momentum on a line, by hand: state in parameters, slots and gradients. */
function training() {
  const w = new Parameter(tensor([1, -2]));
  const velocity = new Slot();
  const seen: Tensor[] = [];
  let traces = 0;
  const step = (x: Tensor, y: Tensor) => {
    traces++;
    const loss = x.matmul(w).sub(y).square().mean();
    loss.backward();
    noGrad(() => {
      const before = velocity.get();
      velocity.set(before ? before.mul(0.9).add(w.grad!) : w.grad!);
      w.assign(w.sub(velocity.get()!.mul(0.1)));
    });
    w.grad = undefined;
    return loss;
  };
  return { w, velocity, seen, step, traces: () => traces };
}

const x = tensor([
  [1, 2],
  [3, 4],
  [0.5, -1],
]);
const y = tensor([1, 0, 2]);

describe("written once, run the same way", () => {
  test("with and without compile: same losses, same state, bit for bit", () => {
    const eager = training();
    const lazy = training();
    const compiled = compile(lazy.step);
    const losses = Array.from({ length: 6 }, () => [eager.step(x, y), compiled(x, y)]);
    for (const [a, b] of losses) expect(values(b)).toEqual(values(a));
    expect(values(lazy.w)).toEqual(values(eager.w));
    // Once with the velocity's slot empty, once with it full.
    expect(lazy.traces()).toBe(2);
  });

  test("random numbers", () => {
    const noise = () => [rand([3]), rand([2])];
    const compiled = compile(noise);
    manualSeed(7);
    const eager = [...noise(), ...noise()].map(values);
    manualSeed(7);
    expect([...compiled(), ...compiled()].map(values)).toEqual(eager);
    expect(eager[0]).not.toEqual(eager[2]);
  });

  test("a gradient that is still set at the end stays, and the next call adds to it", () => {
    const p = new Parameter(tensor([1, 2]));
    const step = compile(() => {
      p.mul(3).sum().backward();
    });
    step();
    expect(values(p.grad!)).toEqual([3, 3]);
    step();
    step();
    expect(values(p.grad!)).toEqual([9, 9]);
    p.grad = undefined;
    step();
    expect(values(p.grad!)).toEqual([3, 3]);
  });

  test("inside another compiled function, a compiled function is a part of it", () => {
    const double = compile((a: Tensor) => a.mul(2));
    const both = compile((a: Tensor) => double(a).add(1));
    expect(values(both(tensor([3])))).toEqual([7]);
  });

  test("trees of tensors come in and go out", () => {
    const f = compile((batch: { x: Tensor; pair: [Tensor, Tensor] }, scale: number) => ({
      sum: batch.x.add(batch.pair[0]).mul(scale),
      rest: [batch.pair[1], scale, "name"] as const,
    }));
    const { sum, rest } = f({ x: tensor([1]), pair: [tensor([2]), tensor([[5]])] }, 10);
    expect(values(sum)).toEqual([30]);
    expect(values(rest[0])).toEqual([5]);
    expect(rest.slice(1)).toEqual([10, "name"]);
  });

  test("the same tensor twice among the arguments, and an argument that is not used", () => {
    const f = compile((a: Tensor, b: Tensor, _unused: Tensor) => a.add(b));
    const a = tensor([1]);
    expect(values(f(a, a, y))).toEqual([2]);
    expect(values(f(a, tensor([5]), y))).toEqual([6]);
  });
});

describe("a tensor keeps the value it had", () => {
  test("what was read before a step, computed after it", () => {
    const p = new Parameter(tensor([1, 2]));
    const step = compile(() => noGrad(() => void p.assign(p.add(1))));
    const before = p.mul(10);
    step();
    const between = p.mul(10);
    step();
    step();
    expect(values(before)).toEqual([10, 20]);
    expect(values(between)).toEqual([20, 30]);
    expect(values(p)).toEqual([4, 5]);
  });

  test("every result is fresh", () => {
    const count = new Variable(tensor(0));
    const next = compile(() => {
      count.assign(count.add(1));
      return count;
    });
    const all = [next(), next(), next()];
    expect(all.map((t) => t.itemSync())).toEqual([1, 2, 3]);
  });

  test("a tensor that the function closes over keeps its numbers of when it was traced", () => {
    const offset = rand([2]);
    const f = compile((a: Tensor) => a.add(offset));
    const expected = values(offset.add(1));
    expect(values(f(tensor([1, 1])))).toEqual(expected);
    expect(values(f(tensor([1, 1])))).toEqual(expected);
  });
});

describe("guards", () => {
  test("shapes and dtypes trace again, once each", () => {
    let traces = 0;
    const f = compile((a: Tensor) => {
      traces++;
      return a.sum();
    });
    f(zeros([2]));
    f(zeros([3]));
    f(zeros([2], { dtype: "i32" }));
    f(zeros([2]));
    f(zeros([3]));
    expect(traces).toBe(3);
  });

  test("a train flag that is observed", () => {
    const module = { training: true };
    const f = compile((a: Tensor) => (observe(() => module.training) ? a.mul(2) : a));
    expect(values(f(tensor([1])))).toEqual([2]);
    module.training = false;
    expect(values(f(tensor([1])))).toEqual([1]);
    module.training = true;
    expect(values(f(tensor([1])))).toEqual([2]);
  });

  test("noGrad", () => {
    const p = new Parameter(tensor([3]));
    const f = compile((a: Tensor) => {
      const y = p.mul(a);
      return y.requiresGrad ? y : y.neg();
    });
    expect(values(f(tensor([1])))).toEqual([3]);
    expect(noGrad(() => values(f(tensor([1]))))).toEqual([-3]);
  });

  test("a plain number traces again, a cell does not", () => {
    let traces = 0;
    const rate = new Cell(1);
    const f = compile((a: Tensor, power: number) => {
      traces++;
      return a.mul(power).mul(rate.as("f32"));
    });
    expect(values(f(tensor([3]), 2))).toEqual([6]);
    rate.value = 10;
    expect(values(f(tensor([3]), 2))).toEqual([60]);
    expect(traces).toBe(1);
    expect(values(f(tensor([3]), 5))).toEqual([150]);
    expect(traces).toBe(2);
  });

  test("reading a cell's number makes it a guard", () => {
    const rate = new Cell(2);
    const f = compile((a: Tensor) => a.mul(rate.value));
    expect(values(f(tensor([3])))).toEqual([6]);
    rate.value = 3;
    expect(values(f(tensor([3])))).toEqual([9]);
  });

  test("many traces warn once", () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    const f = compile((a: Tensor, n: number) => a.mul(n));
    for (let i = 0; i < 40; i++) f(tensor([1]), i);
    expect(warn).toHaveBeenCalledTimes(1);
    expect(warn.mock.calls[0][0]).toContain("traced 16 times");
    warn.mockRestore();
  });

  afterEach(() => {
    delete process.env.CHAINRULE_VERIFY;
  });

  test("VERIFY names a number that changed behind compile's back", () => {
    process.env.CHAINRULE_VERIFY = "1";
    let rate = 0.5;
    const f = compile((a: Tensor) => a.mul(rate));
    f(tensor([1]));
    f(tensor([1]));
    rate = 0.25;
    expect(() => {
      f(tensor([1]));
      f(tensor([1]));
    }).toThrow(/"%1 = constant f32\(\) value=0.5" has become "%1 = constant f32\(\) value=0.25"/);
  });

  test("VERIFY knows a tensor again that the function makes, and not one with other numbers", () => {
    process.env.CHAINRULE_VERIFY = "1";
    let last = 3;
    const f = compile((a: Tensor) => a.add(tensor([1, 2, last])));
    for (let i = 0; i < 9; i++) f(tensor([1, 1, 1]));
    last = 4;
    expect(() => {
      for (let i = 0; i < 9; i++) f(tensor([1, 1, 1]));
    }).toThrow(/reads or assigns other tensors/);
  });
});

describe("misuse is told", () => {
  test("reading numbers inside, at the user's line", () => {
    const f = compile((a: Tensor) => (a.itemSync() > 0 ? a : a.neg()));
    let error: unknown;
    try {
      f(tensor([1]));
    } catch (e) {
      error = e;
    }
    expect(error).toBeInstanceOf(TraceError);
    const { stack, message } = error as Error;
    expect(message).toContain("(1,)");
    expect(stack?.split("\n")[1]).toContain("compile.test.ts");
  });

  test("a tensor from inside, after the trace and in another one", () => {
    let leaked: Tensor | undefined;
    const f = compile((a: Tensor) => {
      leaked = a.mul(2);
      return a;
    });
    f(tensor([1]));
    expect(() => leaked!.dataSync()).toThrow(TraceError);
    expect(() => leaked!.add(1).dataSync()).toThrow(TraceError);
    expect(() => compile(() => leaked!.add(1))()).toThrow(TraceError);
  });

  test("an async function", () => {
    expect(() => compile(async (a: Tensor) => a)(tensor([1]))).toThrow(TraceError);
  });

  test("setting a cell inside", () => {
    const rate = new Cell(1);
    expect(() =>
      compile(() => {
        rate.value = 2;
      })(),
    ).toThrow(TraceError);
  });
});

describe("a failing step changes nothing", () => {
  const table = () => new Parameter(tensor([1, 2, 3]));

  test("an index out of range, compiled and not", () => {
    const p = table();
    const step = (i: Tensor) => {
      const loss = p.indexSelect(0, i).sum();
      loss.backward();
      noGrad(() => p.assign(p.sub(p.grad!)));
      p.grad = undefined;
      return loss;
    };
    const bad = tensor([0, 7], { dtype: "i32" });
    const good = tensor([0, 1], { dtype: "i32" });
    const compiled = compile(step);
    expect(() => compiled(bad)).toThrow(IndexError);
    expect(values(p)).toEqual([1, 2, 3]);
    expect(() => step(bad).itemSync()).toThrow(IndexError);
    expect(values(p)).toEqual([1, 2, 3]);
    expect(step(good).itemSync()).toBe(3);
    expect(compiled(good).itemSync()).toBe(1);
    expect(values(p)).toEqual([-1, 0, 3]);
  });

  test("an exception while tracing", () => {
    const p = table();
    const f = compile(() => {
      noGrad(() => p.assign(zerosLike(p)));
      throw new RangeError("mine");
    });
    expect(() => f()).toThrow(RangeError);
    expect(values(p)).toEqual([1, 2, 3]);
  });

  test("reading something bad does not undo what was assigned before", () => {
    const p = table();
    noGrad(() => p.assign(p.add(1)));
    const bad = tensor([1, 2]).indexSelect(0, tensor([9], { dtype: "i32" }));
    expect(() => bad.dataSync()).toThrow(IndexError);
    expect(values(p)).toEqual([2, 3, 4]);
  });
});

test("inspect shows the graph of the program that ran last", () => {
  const f = compile((a: Tensor) => a.exp());
  expect(() => f.inspect()).toThrow(/call the compiled function once/);
  f(tensor([1]));
  expect(f.inspect().graph).toContain("exp");
});
