import { substitute } from "../autodiff/scan.ts";
import { ArgumentError, ShapeError } from "../core/errors.ts";
import { topological, type Value } from "../core/graph.ts";
import { apply, isGradEnabled, placeholder } from "../core/primitives.ts";
import { sameShape, showShape } from "../core/shape.ts";
import { iota } from "./creation.ts";
import { where } from "./elementwise.ts";
import { Tensor, wrap } from "./tensor.ts";
import { mapTree } from "./tree.ts";
import type { Operand } from "./values.ts";

export interface ScanOptions {
  /** walk from the last slice to the first; what is stacked stays in the slices' order */
  reverse?: boolean;
  /** how many slices each sequence of a batch has (i32): beyond them its carry stays as it was, and its ys are zero */
  lengths?: Tensor;
}

/**
 * A loop over the slices of `xs` that carries a state: carryₜ₊₁, yₜ = step(carryₜ, xₜ). Gives the last carry and the ys stacked.
 *
 * Carry, slices and ys are tensors, or arrays and plain objects of tensors. The step is traced once, whatever the number
 * of slices, and may use any tensor around it; random numbers are not drawn anew for each slice, so pass them as slices.
 * Shapes: xs (T, …), so that a slice is (…); ys (T, …); a carry keeps its shape and dtype. With `lengths` (B), carries
 * and ys of a step are (B, …). Throws a ShapeError otherwise.
 *
 * ```ts
 * const running = (total: Tensor, x: Tensor): [Tensor, Tensor] => [total.add(x), total.mul(x)];
 * const [total, products] = scan(running, tensor(0), tensor([1, 2, 3]));
 * total; // tensor(6.)
 * products; // tensor([0., 2., 9.])
 * const batch = tensor([[1, 10], [2, 20], [3, 30]]); // two sequences, side by side
 * scan(running, zeros([2]), batch, { lengths: tensor([3, 1], { dtype: "i32" }) })[0]; // tensor([ 6., 10.])
 * ```
 */
export function scan<C, X, Y>(
  step: (carry: C, x: X) => readonly [C, Y],
  init: C,
  xs: X,
  options: ScanOptions = {},
): [C, Y] {
  const { lengths, reverse = false } = options;
  const carries = leavesOf(init);
  const slices = leavesOf(xs);
  if (slices.length === 0) throw new ArgumentError("scan needs at least one tensor to walk over.");
  const length = slices[0].shape[0];
  for (const x of slices) {
    if (x.ndim === 0 || x.shape[0] !== length) {
      throw new ShapeError(
        `scan walks over first dimensions of equal size, but got ${slices.map((s) => showShape(s.shape)).join(", ")}.`,
      );
    }
  }
  if (lengths) {
    const times = iota([length], 0);
    const ragged = (carry: C, [x, t]: readonly [X, Tensor]) => stopping(step(carry, x), carry, t.lt(lengths));
    return scan(ragged, init, [xs, times] as const, { reverse });
  }
  // Everything made before these placeholders is from around the step.
  const carryIn = carries.map((x) => placeholder(x, isGradEnabled()));
  const sliceIn = slices.map(({ shape, dtype }) => placeholder({ shape: shape.slice(1), dtype }, isGradEnabled()));
  const [carryTree, yTree] = step(planted(init, carryIn) as C, planted(xs, sliceIn) as X);
  const carryOut = leavesOf(carryTree);
  checkCarries(carries, carryOut);
  const outputs = [...carryOut, ...leavesOf(yTree)].map((x) => x.value);

  const own = new Set<Value>([...carryIn, ...sliceIn]);
  const around = valuesAround(outputs, own);
  const consts = around.map((value) => placeholder(value, value.requiresGrad));
  const body = {
    inputs: [...consts, ...carryIn, ...sliceIn],
    outputs: substitute(outputs, new Map(around.map((value, i) => [value, consts[i]]))),
  };
  const inputs = [...around, ...carries.map((x) => x.value), ...slices.map((x) => x.value)];
  const attrs = { body, length, consts: consts.length, carries: carries.length, reverse };
  const results = apply("scan", inputs, attrs).outputs;
  return [
    planted(carryTree, results.slice(0, carries.length)) as C,
    planted(yTree, results.slice(carries.length)) as Y,
  ];
}

/** What a step gives where its sequence goes on; else the carry that came in, and zeros. */
function stopping<C, Y>([carry, y]: readonly [C, Y], before: C, goesOn: Tensor): [C, Y] {
  const choose = (x: Tensor, otherwise: Operand): Tensor => {
    const { shape } = goesOn; // (B)
    if (!sameShape(x.shape.slice(0, shape.length), shape)) {
      throw new ShapeError(
        `scan with lengths ${showShape(shape)} needs carries and ys of these leading sizes, but got ${showShape(x.shape)}.`,
      );
    }
    return where(goesOn.reshape([...shape, ...x.shape.slice(shape.length).map(() => 1)]), x, otherwise); // (B, …)
  };
  const old = leavesOf(before);
  const now = leavesOf(carry);
  checkCarries(old, now);
  const kept = now.map((x, i) => choose(x, old[i]).value);
  return [
    planted(carry, kept) as C,
    planted(
      y,
      leavesOf(y).map((x) => choose(x, 0).value),
    ) as Y,
  ];
}

function leavesOf(tree: unknown): Tensor[] {
  const leaves: Tensor[] = [];
  mapTree(tree, (x) => x instanceof Tensor && leaves.push(x));
  return leaves;
}

/** The tree with other tensors in the places of its own, in order. */
function planted(tree: unknown, values: readonly Value[]): unknown {
  let next = 0;
  return mapTree(tree, (x) => (x instanceof Tensor ? wrap(values[next++]) : x));
}

/** The values from outside on which the step depends: those made before it, and state that it reads. */
function valuesAround(outputs: readonly Value[], own: ReadonlySet<Value>): Value[] {
  const begin = Math.min(...[...own].map(({ node }) => node.id));
  const isAround = (value: Value): boolean =>
    value.node.id < begin || value.storage !== undefined || value.node.op === "input" || isVariable(value);
  const stops = (value: Value): boolean => own.has(value) || isAround(value);
  const found = new Set<Value>();
  const visit = (value: Value) => {
    if (!own.has(value) && isAround(value)) found.add(value);
  };
  for (const output of outputs) visit(output);
  for (const node of topological(outputs, stops)) for (const input of node.inputs) visit(input);
  return [...found];
}

/** Where derivatives begin to flow: the leaf of a parameter. */
function isVariable({ node, requiresGrad }: Value): boolean {
  return node.op === "alias" && requiresGrad && !node.inputs.some((input) => input.requiresGrad);
}

function checkCarries(before: readonly Tensor[], after: readonly Tensor[]): void {
  const fits =
    before.length === after.length &&
    before.every((x, i) => sameShape(x.shape, after[i].shape) && x.dtype === after[i].dtype);
  if (fits) return;
  const show = (tensors: readonly Tensor[]) =>
    tensors.map(({ shape, dtype }) => `${dtype}${showShape(shape)}`).join(", ") || "nothing";
  throw new ShapeError(
    `scan: the carry comes in as ${show(before)} and leaves as ${show(after)}: it keeps its shape and dtype.`,
  );
}
