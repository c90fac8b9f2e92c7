/**
 * What a scan's step computes from values of that step alone can be computed once the loop is over, from those values
 * stacked: one large contraction instead of many small ones.
 */

import { type Node, topological, type Value } from "../core/graph.ts";
import { apply1 } from "../core/primitives.ts";
import type { Shape } from "../core/shape.ts";

/** Computes something when the loop is over; `stacked` gives a step's value for all steps (T, …). */
export type After = (stacked: (value: Value) => Value) => Value;

/** The step's graph: which of its inputs are other values in each step, and which values the loop stacks in any case. */
export interface Step {
  readonly varies: (value: Value) => boolean;
  readonly length: number;
  /** asks for a value to be stacked */
  readonly want: (value: Value) => void;
  /** whether a value is stacked anyway, so that one more use of it costs no memory */
  readonly has: (value: Value) => boolean;
}

/** Which values depend on some inputs. */
export function dependents(outputs: readonly Value[], inputs: readonly Value[]): (value: Value) => boolean {
  const found = new Set<Value>(inputs);
  for (const { inputs, outputs: results } of topological(outputs)) {
    if (inputs.some((value) => found.has(value))) for (const value of results) found.add(value);
  }
  return (value) => found.has(value);
}

const reshape = (x: Value, shape: Shape): Value => apply1("reshape", [x], { shape });
const permute = (x: Value, perm: readonly number[]): Value => apply1("permute", [x], { perm });
const dot = (a: Value, b: Value): Value => apply1("dot", [a, b], {});
const add = (a: Value, b: Value): Value => apply1("add", [a, b], {});

/** A value as permutations and reshapes of another. */
interface Moved {
  readonly base: Value;
  readonly moves: readonly Node[];
}

function moved(value: Value): Moved {
  const moves: Node[] = [];
  let base = value;
  for (;;) {
    const { node } = base;
    // An alias that stops derivatives must stay.
    if (node.op === "alias" && base.requiresGrad) base = node.inputs[0];
    else if (node.op === "permute" || node.op === "reshape") {
      moves.unshift(node);
      base = node.inputs[0];
    } else return { base, moves };
  }
}

/** The same moves of another value, or of the values of all steps. */
function replay(moves: readonly Node[], x: Value, length?: number): Value {
  const all = length !== undefined;
  return moves.reduce((now, node) => {
    if (node.op === "permute") {
      const { perm } = (node as Node<"permute">).attrs;
      return permute(now, all ? [0, ...perm.map((p) => p + 1)] : perm);
    }
    const { shape } = node.outputs[0];
    return reshape(now, all ? [length, ...shape] : shape);
  }, x);
}

/** A value for all steps: stacked is what it is moved from. */
function stackedValue(value: Value, { want, length }: Step): After {
  const { base, moves } = moved(value);
  want(base);
  return (stacked) => replay(moves, stacked(base), length);
}

/** The sum of a value over the steps: what comes after the loop, and what is left to be added up in it. */
export interface Split {
  readonly after: After | undefined;
  readonly inLoop: Value | undefined;
}

const both = <T>(a: T | undefined, b: T | undefined, join: (a: T, b: T) => T): T | undefined =>
  a !== undefined && b !== undefined ? join(a, b) : (a ?? b);

/**
 * Σ over steps of a value that is linear in products of two of the step's values: Σₜ aₜ·bₜ is the product of all aₜ side by
 * side and all bₜ one below the other.
 */
export function splitSum(value: Value, step: Step): Split {
  const { node } = value;
  const inLoop: Split = { after: undefined, inLoop: value };
  switch (node.op) {
    case "add": {
      const [x, y] = node.inputs.map((input) => splitSum(input, step));
      return {
        after: both(x.after, y.after, (f, g) => (stacked) => add(f(stacked), g(stacked))),
        inLoop: x.inLoop === node.inputs[0] && y.inLoop === node.inputs[1] ? value : both(x.inLoop, y.inLoop, add),
      };
    }
    case "neg":
    case "permute":
    case "reshape":
    case "pad":
    case "slice":
    case "flip": {
      const { after, inLoop: rest } = splitSum(node.inputs[0], step);
      if (after === undefined || rest !== undefined || isBordered(node)) return inLoop;
      return {
        after: (stacked) => apply1(node.op as "neg", [after(stacked)], node.attrs as object),
        inLoop: undefined,
      };
    }
    case "sum": {
      const { axes } = (node as Node<"sum">).attrs;
      const [x] = node.inputs;
      const { after, inLoop: rest } = splitSum(x, step);
      if (after !== undefined && rest === undefined)
        return { after: (stacked) => apply1("sum", [after(stacked)], { axes }), inLoop: undefined };
      if (!step.has(moved(x).base)) return inLoop;
      const all = stackedValue(x, step);
      return {
        after: (stacked) => apply1("sum", [all(stacked)], { axes: [0, ...axes.map((axis) => axis + 1)] }),
        inLoop: undefined,
      };
    }
    case "dot": {
      if (!node.inputs.every(step.varies)) return inLoop;
      const [a, b] = node.inputs.map((input) => stackedValue(input, step));
      return { after: (stacked) => dot(sideBySide(a(stacked)), oneBelowTheOther(b(stacked))), inLoop: undefined };
    }
    default:
      return inLoop;
  }
}

const isBordered = (node: Node): boolean => node.op === "pad" && (node as Node<"pad">).attrs.value !== 0;

/** (T, …, M, K) ─► (…, M, T·K) */
function sideBySide(a: Value): Value {
  const [t, ...shape] = a.shape;
  const rank = shape.length;
  const perm = [...shape.slice(0, -1).keys()].map((axis) => axis + 1);
  return reshape(permute(a, [...perm, 0, rank]), [...shape.slice(0, -1), t * shape[rank - 1]]);
}

/** (T, …, K, N) ─► (…, T·K, N) */
function oneBelowTheOther(b: Value): Value {
  const [t, ...shape] = b.shape;
  const rank = shape.length;
  const batch = [...shape.slice(0, -2).keys()].map((axis) => axis + 1);
  const rows = permute(b, [...batch, 0, rank - 1, rank]);
  return reshape(rows, [...shape.slice(0, -2), t * shape[rank - 2], shape[rank - 1]]);
}

/**
 * A value for all steps as one product, if it is one of a matrix of the step (M, K) and of a constant (K, N);
 * `around` gives the constant from outside of the scan.
 */
export function productAfter(
  value: Value,
  step: Step,
  around: (constant: Value) => Value | undefined,
): After | undefined {
  const { base, moves } = moved(value);
  const { node } = base;
  if (node.op !== "dot" || base.shape.length !== 2 || !step.varies(node.inputs[0]) || step.varies(node.inputs[1]))
    return undefined;
  const right = moved(node.inputs[1]);
  const constant = around(right.base);
  if (constant === undefined) return undefined;
  const left = stackedValue(node.inputs[0], step);
  const [m, n] = base.shape;
  return (stacked) => {
    const rows = left(stacked); // (T, M, K)
    const [t, , k] = rows.shape;
    const product = dot(reshape(rows, [t * m, k]), replay(right.moves, constant)); // (T·M, N)
    return replay(moves, reshape(product, [t, m, n]), t);
  };
}
