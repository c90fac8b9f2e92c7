import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  compile,
  logSoftmax,
  NanError,
  noGrad,
  Parameter,
  scan,
  setCheckNan,
  type Tensor,
  tensor,
  Variable,
  where,
} from "../../src/index.ts";

beforeEach(() => setCheckNan(true));
afterEach(() => setCheckNan(false));

const fail = (f: () => unknown): string => {
  try {
    f();
  } catch (error) {
    expect(error).toBeInstanceOf(NanError);
    return (error as Error).message;
  }
  throw new Error("nothing was thrown");
};

const poisoned = tensor([
  [1, 2],
  [3, Number.NaN],
]);

describe("uncompiled", () => {
  test("the first op to make a NaN or an infinity is named, with what it read", () => {
    const x = tensor([[4, 1, -1]]);
    expect(fail(() => x.sqrt().mul(2).sum(1).dataSync())).toBe(
      "A result f32(1,) has a NaN at [0]. The first op that makes one is sqrt of f32(1, 3) at [0, 2]: sqrt(-1) = NaN.",
    );
    expect(fail(() => tensor(3).div(x.sub(1)).dataSync())).toMatch(
      /an infinity at \[0, 1\].*div\(3, 0\) = Infinity\.$/,
    );
    expect(fail(() => tensor([1e38, 1e38, 1e38, 1e38]).sum().dataSync())).toMatch(
      /^A result f32\(\) is infinite\. The first op that makes one is sum of f32\(4,\)\.$/,
    );
  });

  test("what comes in is named as such", () => {
    expect(fail(() => poisoned.mul(2).dataSync())).toBe("An operand f32(2, 2) has a NaN at [1, 1].");
  });

  test("infinities on the way do no harm", () => {
    const mask = tensor([true, false]);
    const scores = where(mask, tensor([1, 2]), Number.NEGATIVE_INFINITY);
    expect(logSoftmax(scores, 0).exp().arraySync()).toEqual([1, 0]);
    expect(fail(() => where(mask, tensor([1, 2]), Number.NaN).dataSync())).toMatch(/It comes from a constant/);
  });

  test("state is as it was", () => {
    const w = new Parameter(tensor([1, 0]));
    w.log().sum().backward();
    expect(fail(() => w.grad!.dataSync())).toMatch(/div\(1, 0\) = Infinity/);
    expect(w.grad).toBeUndefined();
    w.grad = undefined;
    noGrad(() => w.assign(w.log()));
    expect(fail(() => w.dataSync())).toMatch(/log\(0\) = -Infinity/);
    expect(w.arraySync()).toEqual([1, 0]);
  });
});

describe("compiled", () => {
  test("arguments, results and new state are named, and state is as it was", () => {
    const total = new Variable(tensor([1, 1]));
    const step = compile((scale: Tensor, x: Tensor) => {
      total.assign(total.mul(x.log()).add(1));
      return [x.mul(scale), x.sqrt()];
    });
    const scale = tensor(2);
    step(scale, tensor([1, 1]));
    expect(total.arraySync()).toEqual([1, 1]);
    expect(fail(() => step(scale, tensor([2, Number.NaN])))).toBe("Argument 1 f32(2,) has a NaN at [1].");
    expect(fail(() => step(scale, tensor([-1, 1])))).toMatch(/^Result 1 f32\(2,\).*sqrt\(-1\) = NaN/);
    expect(fail(() => step(scale, tensor([0, 1])))).toMatch(/^New state f32\(2,\) .*log\(0\) = -Infinity/);
    expect(total.arraySync()).toEqual([1, 1]);
    step(scale, tensor([Math.E, Math.E]));
    expect(total.dataSync()[0]).toBeCloseTo(2, 5);
    setCheckNan(false);
    expect(step(tensor(2), tensor([-1, 1]))[1].arraySync()).toEqual([Number.NaN, 1]);
  });

  test("what a function closes over, and state that it reads", () => {
    expect(fail(() => compile(() => poisoned.sum())())).toMatch(
      /^A tensor around the compiled function, f32\(2, 2\) has/,
    );
    const state = new Variable(poisoned);
    expect(fail(() => compile(() => state.sum())())).toBe("State f32(2, 2) has a NaN at [1, 1].");
  });

  test("a scan is one op", () => {
    const f = compile((x: Tensor) => scan((h: Tensor, slice: Tensor) => [h.div(slice), h], tensor(1), x)[0]);
    expect(fail(() => f(tensor([1, 0])))).toMatch(/The first op that makes one is scan of f32\(\) and f32\(2,\)/);
  });
});
