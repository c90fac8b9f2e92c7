/** Attention as one kernel: where its operands' rows stand. */

import { InternalError } from "../core/errors.ts";
import type { Node, Value } from "../core/graph.ts";
import { type AttentionAttrs, maskAndState } from "../core/primitives.ts";
import { dropsBelow } from "../core/random.ts";
import { numel } from "../core/shape.ts";
import { type Axes, axesOf, findSplit, splitAxis } from "./axes.ts";
import { joined, strideOf, throughViews, withoutVariables } from "./contract.ts";
import { addressOf, type Scope } from "./element.ts";
import { atomsOf, type Index, ZERO } from "./index-expr.ts";
import { ATTENTION_OPERANDS, type AttentionKernel, type AttentionOperand, type AttentionRows } from "./loop-ir.ts";

/** The widest rows that the kernel takes (native/abi.h). */
const WIDEST = 256;

/** Whether a node goes through the kernel; the others are spelled out before they come here. */
export function isAttention(node: Node): boolean {
  if (node.op !== "attention" && node.op !== "attentionGrad") return false;
  const [q, , v] = node.inputs;
  const widths = [q, v].map(({ shape }) => shape[shape.length - 1]);
  return (
    q.dtype === "f32" && widths.every((width) => width <= WIDEST) && node.inputs.every(({ shape }) => numel(shape))
  );
}

type Operands = { readonly [name in AttentionOperand]?: Value };

function operandsOf({ op, inputs, attrs, outputs }: Node): Operands {
  const [q, k, v] = inputs;
  const [mask, state] = maskAndState(inputs.slice(op === "attention" ? 3 : 6), attrs as AttentionAttrs);
  const given = { q, k, v, mask, state };
  if (op === "attention") return { ...given, out: outputs[0], lse: outputs[1] };
  const [out, lse, grad] = inputs.slice(3);
  const [dq, dk, dv] = outputs;
  return { ...given, out, lse, grad, dq, dk, dv };
}

const named = (operands: Operands): [AttentionOperand, Value][] =>
  ATTENTION_OPERANDS.flatMap((name) => (operands[name] ? [[name, operands[name]] as [AttentionOperand, Value]] : []));

/** Positions in the batch, and those of rows and of elements of a row. */
interface Spaces {
  batch: Axes;
  readonly queries: Axes;
  readonly keys: Axes;
  readonly width: Axes;
  readonly valueWidth: Axes;
}

function openSpaces({ inputs: [q, , v] }: Node): Spaces {
  const [queries, width] = q.shape.slice(-2);
  const [keys, valueWidth] = v.shape.slice(-2);
  return {
    batch: axesOf(q.shape.slice(0, -2), "g"),
    queries: axesOf([queries], "m"),
    keys: axesOf([keys], "n"),
    width: axesOf([width], "e"),
    valueWidth: axesOf([valueWidth], "v"),
  };
}

function rowsOf({ queries, keys }: Spaces, name: AttentionOperand): Axes {
  return name === "k" || name === "v" || name === "dk" || name === "dv" ? keys : queries;
}

function columnsOf({ keys, width, valueWidth }: Spaces, name: AttentionOperand): Axes {
  if (name === "lse") return NO_AXES;
  if (name === "state") return STATE;
  if (name === "mask") return keys;
  return name === "q" || name === "k" || name === "dq" || name === "dk" ? width : valueWidth;
}

const NO_AXES: Axes = { variables: [], index: [] };
const STATE = axesOf([4], "s");

/** The operand's index at a position; an axis of size 1 broadcasts. */
function indexAt(spaces: Spaces, name: AttentionOperand, { shape }: Value): Index[] {
  if (name === "state") return [...STATE.index];
  const all = [...spaces.batch.index, ...rowsOf(spaces, name).index, ...columnsOf(spaces, name).index];
  return all.map((index, axis) => (shape[axis] === 1 ? ZERO : index));
}

/** Splits the batch's axes until every index is a sum of strides; false if some index never is. */
function makeAffine(spaces: Spaces, indices: () => readonly Index[]): boolean {
  for (;;) {
    const all = indices();
    if (all.every((index) => [...atomsOf(index)].every((atom) => atom.kind === "var"))) return true;
    const found = findSplit(spaces.batch, all);
    if (!found) return false;
    spaces.batch = splitAxis(spaces.batch, found.variable, found.by);
  }
}

/** Whether the elements of an operand's rows must be neighbours. */
const isDense = (name: AttentionOperand): boolean => name !== "mask" && name !== "lse";

/** Operands that need a buffer so that the kernel finds rows in them. */
export function attentionOperands(node: Node, realized: ReadonlySet<Value>): readonly Value[] {
  const spaces = openSpaces(node);
  const needed: Value[] = [];
  const walked: (() => readonly Index[])[] = [];
  for (const [name, value] of named(operandsOf(node))) {
    if (value.node === node) continue;
    const seen = () => throughViews(value, indexAt(spaces, name, value), (v) => realized.has(v));
    const affine = makeAffine(spaces, () => [...walked, () => seen().index].flatMap((indices) => indices()));
    if (affine) walked.push(() => seen().index);
    const fits = affine && (!isDense(name) || endsWithColumn(seen().index, columnsOf(spaces, name)));
    const found = fits ? seen().value : value;
    if (!realized.has(found)) needed.push(found);
  }
  return needed;
}

/** Whether the last index is the column's, and no other has to do with it. */
function endsWithColumn(index: readonly Index[], { variables: [column] }: Axes): boolean {
  if (column === undefined) return true;
  const uses = index.map(({ terms }) =>
    terms.filter(({ atom }) => atom.kind === "var" && atom.variable === column).map(({ coefficient }) => coefficient),
  );
  const last = uses.pop();
  return last?.[0] === 1 && uses.every((others) => others.length === 0);
}

/** Whether an output that is stored in the order of the node which reads it still has its rows' elements side by side. */
export function storesRows({ shape }: Value, reader: Node<"permute">): boolean {
  return reader.attrs.perm.at(-1) === shape.length - 1;
}

export function lowerAttention(node: Node, scope: Scope): AttentionKernel {
  const { causal, scale, dropout = 0 } = node.attrs as AttentionAttrs;
  const all = named(operandsOf(node));
  const spaces = openSpaces(node);
  const address = (name: AttentionOperand, value: Value): { buffer: number; index: Index } => {
    const at = throughViews(value, indexAt(spaces, name, value), (v) => scope.locate(v) !== undefined);
    const location = scope.locate(at.value)!;
    return { buffer: location.buffer, index: addressOf(location, at.index) };
  };
  makeAffine(spaces, () => all.map(([name, value]) => address(name, value).index));
  const addresses = new Map(all.map(([name, value]) => [name, address(name, value)]));
  const step = (name: AttentionOperand, { variables: [variable] }: Axes): number => {
    const found = addresses.get(name);
    return found && variable ? strideOf(found.index, variable) : 0;
  };
  const operands: { [name in AttentionOperand]?: AttentionRows } = {};
  for (const [name, { buffer, index }] of addresses) {
    const [rows, columns] = [rowsOf(spaces, name), columnsOf(spaces, name)];
    if (isDense(name) && columns.variables.length > 0 && step(name, columns) !== 1)
      throw new InternalError(`Attention cannot read the rows of its ${name}.`);
    const own = [spaces.batch, rows, columns].flatMap(({ variables }) => variables);
    operands[name] = { buffer, offset: withoutVariables(index, own), row: step(name, rows) };
  }
  const batch = spaces.batch.variables.map((variable) => ({
    size: variable.size,
    strides: ATTENTION_OPERANDS.map((name) => step(name, { variables: [variable], index: [] })),
  }));
  const buffersOf = (values: readonly Value[]): number[] => [
    ...new Set(all.flatMap(([name, value]) => (values.includes(value) ? [addresses.get(name)!.buffer] : []))),
  ];
  const [q, , v] = node.inputs;
  const [queries, width] = q.shape.slice(-2);
  const [keys, valueWidth] = v.shape.slice(-2);
  const gradient = node.op === "attentionGrad";
  const products = gradient ? 3 * width + 2 * valueWidth : width + valueWidth;
  return {
    kind: "attention",
    name: gradient ? "attention gradient" : "attention",
    gradient,
    batch: joined(batch),
    queries,
    keys,
    width,
    valueWidth,
    causal,
    scale,
    dropsBelow: dropsBelow(dropout),
    kept: 1 / (1 - dropout),
    maskColumn: step("mask", spaces.keys),
    operands,
    reads: buffersOf(node.inputs),
    writes: buffersOf(node.outputs),
    work: (numel(q.shape) / width) * keys * products * (causal ? 0.5 : 1),
  };
}
