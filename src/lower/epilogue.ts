/** What follows a contraction element by element, done on each part of the result while it is in the nearest cache. */

import type { Node, Value } from "../core/graph.ts";
import { numel, rowMajor, type Shape } from "../core/shape.ts";
import { positionsIn } from "./contract.ts";
import type { Footprint } from "./fuse.ts";
import {
  add,
  atomsOf,
  coefficientOf,
  div,
  type Index,
  keyOf,
  makeVar,
  mod,
  scale,
  type Var,
  varIndex,
  ZERO,
} from "./index-expr.ts";
import type { ContractionAxis, ContractionKernel, Stmt } from "./loop-ir.ts";
import { indicesIn, loopKernel, ordered, stmtCost, stmtWork } from "./nest.ts";

/**
 * How far apart neighbours along each loop of a stage stand in the result (row-major) of a contraction that it reads;
 * undefined unless the loops visit each element of the result once.
 */
export function stridesIn(result: Value, { reads, space }: Footprint): readonly number[] | undefined {
  const found = reads.filter(({ value }) => value === result).map(({ index }) => flatten(index, result.shape));
  if (found.length === 0 || found.some((index) => keyOf(index) !== keyOf(found[0]))) return undefined;
  const [first] = found;
  const strides = space.variables.map((v) => coefficientOf(first, v) ?? 0);
  const order = space.variables
    .map((v, i) => ({ size: v.size, stride: strides[i] }))
    .sort((x, y) => x.stride - y.stride);
  let next = 1;
  for (const { size, stride } of order) {
    if (stride !== next) return undefined;
    next *= size;
  }
  const linear = first.constant === 0 && first.terms.length === order.length;
  return linear && next === numel(result.shape) ? strides : undefined;
}

function flatten(index: readonly Index[], shape: Shape): Index {
  const strides = rowMajor(shape);
  return index.reduce((sum, i, axis) => add(sum, scale(i, strides[axis])), ZERO);
}

/** The position in a shape of element `flat` of an array in which the shape's axes have these strides. */
function digits(flat: Index, shape: Shape, strides: readonly number[]): Index[] {
  const position = shape.map(() => ZERO);
  let rest = flat;
  for (const axis of [...shape.keys()].sort((a, b) => strides[a] - strides[b])) {
    position[axis] = mod(rest, shape[axis]);
    rest = div(rest, shape[axis]);
  }
  return position;
}

/**
 * The contraction with an epilogue; undefined if its indices were not linear or if it overwrote what the contraction reads.
 * `make` gives the statements of one position of the epilogue's loops, whose strides in the result are `strides`.
 */
export function withEpilogue(
  kernel: ContractionKernel,
  node: Node,
  name: string,
  rows: Shape,
  strides: readonly number[],
  make: (row: readonly Index[]) => readonly Stmt[],
): ContractionKernel | undefined {
  const [out] = node.outputs;
  const count = (axes: readonly ContractionAxis[]) => axes.reduce((n, axis) => n * axis.size, 1);
  const batch = makeVar("g", count(kernel.batch));
  const row = makeVar("m", count(kernel.rows));
  const images = node.op === "conv" ? out.shape[0] : 1;
  const pixels = count(kernel.cols) / images;
  const cols = (images > 1 ? [makeVar("n", images)] : []).concat(makeVar(images > 1 ? "p" : "n", pixels));
  const col = cols.reduce((sum, v) => add(scale(sum, v.size), varIndex(v)), ZERO);
  const flat = flatten(positionsIn(node, varIndex(batch), varIndex(row), col), out.shape);
  const stmts = ordered(make(digits(flat, rows, strides)));
  const linear = indicesIn(stmts).every((index) => [...atomsOf(index)].every((atom) => atom.kind === "var"));
  if (!linear) return undefined;
  // The vector loop runs over columns: if neighbours lie along the rows, these become the columns.
  const turn = cols.length === 1 && stmtCost(stmts, row) < stmtCost(stmts, cols[0]);
  const loops: Var[] = turn ? [cols[0], row] : [row, ...cols];
  const body = loops.reduceRight<readonly Stmt[]>(
    (inside, variable, i) => [{ kind: "loop", variable, vector: i === loops.length - 1, serial: false, body: inside }],
    stmts,
  );
  const nest = loopKernel(name, body, stmtWork(stmts) * row.size * pixels * images);
  const turned = turn ? transposed(kernel) : kernel;
  if (nest.writes.some((buffer) => buffer === kernel.out.buffer || kernel.reads.includes(buffer))) return undefined;
  return {
    ...turned,
    epilogue: { batch, row: loops[0], cols: loops.slice(1), nest },
    name: `${kernel.name} ${name}`,
    reads: [...new Set([...kernel.reads, ...nest.reads.filter((buffer) => buffer !== kernel.out.buffer)])],
    writes: [...kernel.writes, ...nest.writes],
    work: kernel.work + nest.work * batch.size,
  };
}

/** The same contraction with rows and columns, and so the operands, the other way round. */
function transposed(kernel: ContractionKernel): ContractionKernel {
  const swap = (axes: readonly ContractionAxis[]): ContractionAxis[] =>
    axes.map(({ size, strides: [a, b, out] }) => ({ size, strides: [b, a, out] }));
  return {
    ...kernel,
    batch: swap(kernel.batch),
    rows: swap(kernel.cols),
    cols: swap(kernel.rows),
    inner: swap(kernel.inner),
    a: kernel.b,
    b: kernel.a,
  };
}
