import { describe, expect, test } from "vitest";
import {
  arange,
  cat,
  compile,
  grad,
  Parameter,
  rand,
  ShapeError,
  scan,
  stack,
  type Tensor,
  tensor,
  zeros,
} from "../../src/index.ts";

const xs = tensor([
  [1, 2],
  [0.5, -1],
  [3, 0],
]);

/** An Elman network's state, by scan and by a loop. */
function networks() {
  const w = new Parameter(
    tensor([
      [0.5, -0.25],
      [0.125, 1],
    ]),
  );
  const cell = (h: Tensor, x: Tensor) => h.matmul(w).add(x).tanh().softmax(0);
  const scanned = (x: Tensor) => scan((h: Tensor, slice: Tensor) => [cell(h, slice), h.square()], zeros([2]), x);
  const looped = (x: Tensor) => {
    let h = zeros([2]);
    const ys: Tensor[] = [];
    for (const slice of x.unbind()) {
      ys.push(h.square());
      h = cell(h, slice);
    }
    return [h, ys] as const;
  };
  return { w, scanned, looped };
}

const close = (a: Tensor, b: Tensor) => {
  expect(a.shape).toEqual(b.shape);
  a.dataSync().forEach((value, i) => void expect(value).toBeCloseTo(b.dataSync()[i], 5));
};

describe("scan", () => {
  test("is a loop", () => {
    const { scanned, looped } = networks();
    const [h, ys] = scanned(xs);
    const [lastH, lastYs] = looped(xs);
    close(h, lastH);
    lastYs.forEach((y, i) => void close(ys.index(i), y));
  });

  test("has a loop's gradients, for what it walks over and for what is around it", () => {
    const { w, scanned, looped } = networks();
    const loss = (h: Tensor, total: Tensor) =>
      h
        .mul(tensor([1, 3]))
        .sum()
        .add(total);
    const byScan = (x: Tensor) => {
      const [h, ys] = scanned(x);
      return loss(h, ys.sum());
    };
    const byLoop = (x: Tensor) => {
      const [h, ys] = looped(x);
      return loss(
        h,
        ys.map((y) => y.sum()).reduce((a, b) => a.add(b)),
      );
    };
    close(grad(byScan)(xs), grad(byLoop)(xs));
    byScan(xs).backward();
    const fromScan = w.grad!;
    w.grad = undefined;
    byLoop(xs).backward();
    close(fromScan, w.grad!);
    const second = (f: (x: Tensor) => Tensor) => grad((x: Tensor) => grad(f)(x).square().sum())(xs);
    close(second(byScan), second(byLoop));
  });

  test("inside compile, with a parameter that only the step reads", () => {
    const { w, scanned } = networks();
    const step = compile((x: Tensor) => {
      const loss = scanned(x)[0].index(0);
      loss.backward();
      return loss;
    });
    const compiled = step(xs);
    const gradient = w.grad!;
    w.grad = undefined;
    const [h] = scanned(xs);
    h.index(0).backward();
    close(compiled, h.index(0));
    close(gradient, w.grad!);
  });

  test("carries trees, backwards", () => {
    const step = ({ sum }: { sum: Tensor; last: Tensor }, [x]: Tensor[]) =>
      [{ sum: sum.add(x), last: x }, undefined] as const;
    const [{ sum, last }, nothing] = scan(step, { sum: tensor(0), last: tensor(0) }, [tensor([1, 2, 3])], {
      reverse: true,
    });
    expect([sum.itemSync(), last.itemSync(), nothing]).toEqual([6, 1, undefined]);
  });

  test("a carry that changes shape, and slices of different number", () => {
    expect(() => scan((h: Tensor, x: Tensor) => [h.add(x), x], tensor(0), xs)).toThrow(ShapeError);
    expect(() => scan((h: Tensor, _: Tensor[]) => [h, h], tensor(0), [xs, tensor([1, 2])])).toThrow(/\(3, 2\), \(2,\)/);
  });

  test("keeps its history when only some of its outputs have a derivative", () => {
    const x = tensor([1, -2], { requiresGrad: true });
    const [sum, positive] = scan((h: Tensor, slice: Tensor) => [h.add(slice.square()), slice.gt(0)], tensor(0), x);
    sum.dataSync();
    expect(positive.arraySync()).toEqual([true, false]);
    sum.backward();
    expect(x.grad!.arraySync()).toEqual([2, -4]);
  });

  describe("with lengths", () => {
    const w = tensor([
      [0.5, -0.25],
      [0.125, 1],
    ]);
    const [T, lengths] = [4, [3, 0, 4, 1]];
    const batch = rand([T, lengths.length, 2]);
    const cell = (h: Tensor, x: Tensor): [Tensor, Tensor] => {
      const next = h.matmul(w).add(x).tanh(); // (B, 2)
      return [next, next.mul(2).sum(-1)];
    };
    /** One sequence after the other. */
    const looped = (x: Tensor, reverse: boolean): [Tensor, Tensor] => {
      const found = lengths.map((length, b): [Tensor, Tensor] => {
        let h = zeros([1, 2]);
        const ys: Tensor[] = new Array<Tensor>(T).fill(zeros([1]));
        for (let i = 0; i < length; i++) {
          const t = reverse ? length - 1 - i : i;
          [h, ys[t]] = cell(h, x.index(t, `${b}:${b + 1}`));
        }
        return [h, stack(ys)];
      });
      return [
        cat(found.map(([h]) => h)),
        cat(
          found.map(([, ys]) => ys),
          1,
        ),
      ]; // (B, 2), (T, B)
    };
    const scanned = (x: Tensor, reverse: boolean) =>
      scan(cell, zeros([lengths.length, 2]), x, { reverse, lengths: tensor(lengths, { dtype: "i32" }) });

    test.each([false, true])("is a loop over each sequence (reverse: %s), and so are its gradients", (reverse) => {
      const [h, ys] = scanned(batch, reverse);
      const [lastH, lastYs] = looped(batch, reverse);
      close(h, lastH);
      close(ys, lastYs);
      const loss = (f: typeof looped) => (x: Tensor) => {
        const [h, ys] = f(x, reverse);
        return h
          .square()
          .sum()
          .add(ys.mul(arange(4).add(1)).sum());
      };
      close(grad(loss(scanned))(batch), grad(loss(looped))(batch));
      close(compile(grad(loss(scanned)))(batch), grad(loss(looped))(batch));
    });

    test("refuses carries without the sequences' dimension", () => {
      const lengths = tensor([1, 2], { dtype: "i32" });
      expect(() => scan((h: Tensor, x: Tensor) => [h.add(x.sum()), x], tensor(0), xs, { lengths })).toThrow(ShapeError);
    });
  });
});
