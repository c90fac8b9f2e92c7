import { expect, test } from "vitest";
import { grad, scan, type Tensor, tensor, zeros } from "../../src/index.ts";
import type { ScanKernel } from "../../src/lower/loop-ir.ts";
import { lower } from "../../src/lower/lower.ts";
import { trace } from "../kernels/trace.ts";

const [rows, width] = [20, 32];
type Step = (h: Tensor, x: Tensor) => Tensor;

/** In how many parts threads may take the scans of a recurrence, forward and backward. */
function rowsOfScans(step: Step): number[] {
  const loss = (xs: Tensor): Tensor =>
    scan(
      (h: Tensor, x: Tensor) => {
        const next = step(h, x);
        return [next, next];
      },
      zeros([rows, width]),
      xs,
    )[1]
      .square()
      .sum();
  const { traced } = trace({ f: (xs: Tensor) => grad(loss)(xs), inputs: [zeros([3, rows, width]).add(0.5)] });
  const { kernels } = lower(traced, { fuse: true, epilogues: true });
  return kernels.filter((kernel): kernel is ScanKernel => kernel.kind === "scan").map((kernel) => kernel.rows);
}

const weight = zeros([width, width]).add(0.01);
const order = tensor(
  Array.from({ length: rows }, (_, i) => (i + 1) % rows),
  { dtype: "i32" },
);

test.each<[string, Step, number]>([
  ["products and gates", (h, x) => h.matmul(weight).add(x).tanh().mul(h.sigmoid()), rows],
  ["softmax of each row", (h, x) => h.matmul(weight).softmax(1).add(x), rows],
  ["several products", (h, x) => h.matmul(weight).tanh().matmul(weight).add(x), rows],
  ["rows in another order", (h, x) => h.indexSelect(0, order).matmul(weight).add(x), 1],
  ["each row's neighbour", (h, x) => h.roll(1, 0).mul(0.5).add(x), 1],
  ["the mean of all rows", (h, x) => h.sub(h.mean(0)).matmul(weight).add(x), 1],
  ["a product with what it carries", (h, x) => x.matmul(h.slice("0:20").t()).matmul(h), 1],
])("%s: threads may share rows of a scan or not", (_, step, expected) => {
  expect(rowsOfScans(step)).toEqual([expected, expected]);
});
