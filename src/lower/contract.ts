/** Matmul and convolution as one blocked contraction: which operands it can read in place, and its axes and strides. */

import { InternalError } from "../core/errors.ts";
import type { Node, Value } from "../core/graph.ts";
import { PRIMITIVES } from "../core/primitives.ts";
import { numel, rowMajor, type Shape } from "../core/shape.ts";
import { type Axes, axesOf, findSplit, splitAxis } from "./axes.ts";
import type { ProgramBuilder } from "./builder.ts";
import { addressOf, denseLocation, type Location, type Scope } from "./element.ts";
import { mayFail } from "./expr.ts";
import { add, atomsOf, coefficientOf, div, type Index, mod, scale, sub, type Var, ZERO } from "./index-expr.ts";
import type { ContractionAxis, ContractionKernel, ContractionOperand, Kernel } from "./loop-ir.ts";
import { storeZeros } from "./nest.ts";
import { foldParts } from "./parts.ts";
import { isDilated, type Phase, phasesOf } from "./phases.ts";
import { planOf } from "./stage.ts";
import { sourceOf } from "./views.ts";

/** Whether a node goes through the blocked template; the others are reductions like any other. */
export function isContraction(node: Node): boolean {
  if (node.op !== "dot" && node.op !== "conv") return false;
  const empty = node.outputs.concat(node.inputs).some(({ shape }) => numel(shape) === 0);
  return !empty && planOf(node).order === "blocked";
}

interface Shapes {
  readonly batch: Shape;
  readonly rows: Shape;
  readonly cols: Shape;
  readonly inner: Shape;
}

interface Positions {
  readonly a: readonly Index[];
  readonly b: readonly Index[];
  readonly out: readonly Index[];
}

/** The four spaces of a contraction, and where operands and result stand at a position of each. */
interface Product {
  readonly shapes: Shapes;
  readonly a: Value;
  readonly b: Value;
  at(batch: readonly Index[], rows: readonly Index[], cols: readonly Index[], inner: readonly Index[]): Positions;
}

/** The products that a node takes: one, or of a dilated convolution one for each phase that has any taps. */
function productsOf(node: Node): Product[] {
  if (node.op === "conv") {
    const phases = phasesOf(node as Node<"conv">).filter(({ taps }) => numel(taps) > 0);
    return phases.map((phase) => phaseProduct(node as Node<"conv">, phase));
  }
  const [a, b] = node.inputs;
  const rank = a.shape.length;
  return [
    {
      shapes: {
        batch: a.shape.slice(0, -2),
        rows: [a.shape[rank - 2]],
        cols: [b.shape[rank - 1]],
        inner: [a.shape[rank - 1]],
      },
      a,
      b,
      at: (batch, [m], [n], [k]) => ({ a: [...batch, m, k], b: [...batch, k, n], out: [...batch, m, n] }),
    },
  ];
}

function phaseProduct(node: Node<"conv">, phase: Phase): Product {
  const [x, w] = node.inputs;
  const [out] = node.outputs;
  const { featureGroups, batchGroups } = node.attrs;
  const groups = featureGroups * batchGroups;
  const perGroup = w.shape[0] / groups;
  return {
    // rows are output channels, columns are pixels: neighbours in memory
    shapes: { batch: [groups], rows: [perGroup], cols: [out.shape[0], ...phase.positions], inner: phase.taps },
    a: w,
    b: x,
    at([group], [row], [n, ...position], tap) {
      const o = add(scale(group, perGroup), row);
      const { image, weight, out } = phase.at(n, o, position, tap);
      return { a: weight, b: image, out };
    },
  };
}

/** Whether the node is one kernel, which others may follow element by element. */
export const isOneKernel = (node: Node): boolean =>
  planOf(node).parts === 1 && !(node.op === "conv" && isDilated(node as Node<"conv">));

/** Where the element at a position (of each space, flattened) of the result of one kernel stands. */
export function positionsIn(node: Node, batch: Index, row: Index, col: Index): readonly Index[] {
  const [{ shapes, at }] = productsOf(node);
  const zero = shapes.inner.map(() => ZERO);
  return at(unflatten(batch, shapes.batch), unflatten(row, shapes.rows), unflatten(col, shapes.cols), zero).out;
}

function unflatten(flat: Index, shape: Shape): Index[] {
  const strides = rowMajor(shape);
  return shape.map((size, axis) => mod(div(flat, strides[axis]), size));
}

interface Spaces {
  batch: Axes;
  rows: Axes;
  cols: Axes;
  inner: Axes;
}
const SPACES = ["batch", "rows", "cols", "inner"] as const;

function openSpaces({ batch, rows, cols, inner }: Shapes): Spaces {
  return { batch: axesOf(batch, "g"), rows: axesOf(rows, "m"), cols: axesOf(cols, "n"), inner: axesOf(inner, "k") };
}

/** Splits axes until every index is a sum of strides; false if some index never is. */
function makeAffine(spaces: Spaces, indices: () => readonly Index[]): boolean {
  for (;;) {
    const all = indices();
    if (all.every((index) => [...atomsOf(index)].every((atom) => atom.kind === "var"))) return true;
    let split = false;
    for (const name of SPACES) {
      const found = findSplit(spaces[name], all);
      if (!found) continue;
      spaces[name] = splitAxis(spaces[name], found.variable, found.by);
      split = true;
      break;
    }
    if (!split) return false;
  }
}

/** Follows views that cost nothing, down to a value that has (or can have) a buffer. */
export function throughViews(
  value: Value,
  index: readonly Index[],
  realized: (value: Value) => boolean,
): { value: Value; index: readonly Index[] } {
  let at = { value, index };
  while (!realized(at.value) && PRIMITIVES[at.value.node.op].kind === "movement" && at.value.node.op !== "concat") {
    const source = sourceOf(at.value.node, at.index);
    if (source.guards.some(mayFail)) break;
    at = { value: source.value, index: source.index };
  }
  return at;
}

/** Operands that need a buffer so that the contraction can walk them in strides. */
export function contractionOperands(node: Node, realized: ReadonlySet<Value>): readonly Value[] {
  return productsOf(node).flatMap((product) => operandsOf(product, realized));
}

function operandsOf({ shapes, a, b, at }: Product, realized: ReadonlySet<Value>): Value[] {
  const spaces = openSpaces(shapes);
  const needed: Value[] = [];
  // Both operands must agree on how the axes are split: the second one gives way.
  const walked: (() => readonly Index[])[] = [];
  for (const [side, operand] of [["a", a] as const, ["b", b] as const]) {
    const seen = () => throughViews(operand, at(...indicesOf(spaces))[side], (v) => realized.has(v));
    const affine = makeAffine(spaces, () => [...walked, () => seen().index].flatMap((indices) => indices()));
    if (affine) walked.push(() => seen().index);
    const value = affine ? seen().value : operand;
    if (!realized.has(value)) needed.push(value);
  }
  return needed;
}

const indicesOf = (s: Spaces): [readonly Index[], readonly Index[], readonly Index[], readonly Index[]] => [
  s.batch.index,
  s.rows.index,
  s.cols.index,
  s.inner.index,
];

/** The contraction: one kernel; or those of its phases, after zeros for outputs without taps; if it has parts, last what folds them. */
export function lowerContraction(node: Node, scope: Scope, to: Location, builder: ProgramBuilder): Kernel[] {
  const [out] = node.outputs;
  const { parts } = planOf(node);
  const partial = parts === 1 ? to : denseLocation(builder.buffer("f32", parts * numel(out.shape), "temp"), out.shape);
  const kernels: Kernel[] = productsOf(node).map((product) => lowerProduct(node, product, scope, partial));
  if (node.op === "conv" && phasesOf(node as Node<"conv">).length > kernels.length) {
    const all = { ...partial, strides: [numel(out.shape), ...partial.strides] };
    kernels.unshift(...storeZeros([parts, ...out.shape], "f32", all));
  }
  return parts === 1 ? kernels : [...kernels, foldParts(out, partial, to, parts)];
}

function lowerProduct(node: Node, { shapes, a, b, at }: Product, scope: Scope, to: Location): ContractionKernel {
  const [out] = node.outputs;
  const spaces = openSpaces(shapes);
  const located = (value: Value) => scope.locate(value) !== undefined;
  const operands = () => {
    const positions = at(...indicesOf(spaces));
    return [
      throughViews(a, positions.a, located),
      throughViews(b, positions.b, located),
      { value: out, index: positions.out },
    ] as const;
  };
  const addresses = (): Index[] => {
    const [left, right, result] = operands();
    return [
      addressOf(scope.locate(left.value)!, left.index),
      addressOf(scope.locate(right.value)!, right.index),
      addressOf(to, result.index),
    ];
  };
  makeAffine(spaces, addresses);
  const all = addresses();
  const variables = SPACES.flatMap((name) => spaces[name].variables);
  const axes = (name: (typeof SPACES)[number]): ContractionAxis[] =>
    joined(spaces[name].variables.map((v) => ({ size: v.size, strides: all.map((index) => strideOf(index, v)) })));
  const operand = (buffer: number, index: Index): ContractionOperand => ({
    buffer,
    offset: withoutVariables(index, variables),
  });
  const [left, right] = operands().map(({ value }) => (value === out ? to : scope.locate(value)!).buffer);
  return {
    kind: "contraction",
    name: node.op,
    batch: axes("batch"),
    rows: axes("rows"),
    cols: axes("cols"),
    inner: axes("inner"),
    a: operand(left, all[0]),
    b: operand(right, all[1]),
    out: operand(to.buffer, all[2]),
    parts: planOf(node).parts,
    partStride: numel(out.shape),
    reads: [left, right],
    writes: [to.buffer],
    work: SPACES.reduce((work, name) => work * numel(shapes[name]), 1),
  };
}

export function strideOf(index: Index, v: Var): number {
  const stride = coefficientOf(index, v);
  if (stride === undefined) throw new InternalError(`A contraction cannot walk ${v.name} in strides.`);
  return stride;
}

/** Neighbouring axes that every operand walks as if they were one become one. */
export function joined(axes: readonly ContractionAxis[]): ContractionAxis[] {
  const out: ContractionAxis[] = [];
  for (const axis of axes) {
    const last = out.at(-1);
    if (last?.strides.every((stride, i) => stride === axis.strides[i] * axis.size)) {
      out[out.length - 1] = { size: last.size * axis.size, strides: axis.strides };
    } else out.push(axis);
  }
  return out;
}

/** What is left of an address at position zero: a constant, and the position of a scan that the contraction stands in. */
export function withoutVariables(index: Index, variables: readonly Var[]): Index {
  let rest = index;
  for (const { atom, coefficient } of index.terms) {
    if (atom.kind === "var" && variables.includes(atom.variable))
      rest = sub(
        rest,
        scale({ constant: 0, terms: [{ atom, coefficient: 1 }], low: atom.low, high: atom.high }, coefficient),
      );
  }
  return rest;
}
