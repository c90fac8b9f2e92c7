/** A stage: the computation of one realized value as loops over its shape, each element an expression or a reduction. */

import type { Node, Value } from "../core/graph.ts";
import type { ArgReduceOp, ReduceOp } from "../core/primitives.ts";
import { type ContractionPlan, contractionPlan, reductionPlan, runSizes } from "../core/reduction.ts";
import { numel, type Shape } from "../core/shape.ts";
import type { ElementReader } from "./element.ts";
import { constant } from "./expr.ts";
import { type Index, ZERO } from "./index-expr.ts";
import type { Expr, ReduceStmt } from "./loop-ir.ts";
import { isDilated, phasesOf } from "./phases.ts";
import { reshapeIndex, tapSource } from "./views.ts";

export interface Stage {
  readonly value: Value;
  /** axes of the value whose size is not 1, and their sizes: what the loops walk */
  readonly axes: readonly number[];
  readonly kept: Shape;
  readonly reduction: Reduction | undefined;
}

/** How an element of the value is reduced from others. */
export interface Reduction {
  readonly op: ReduceStmt["op"];
  readonly shape: Shape;
  readonly lanes: number;
  /** the element to reduce (and the other factor of a dot) at an output and a reduced position */
  element(
    index: readonly Index[],
    reduced: readonly Index[],
    reader: ElementReader,
  ): { value: Expr; other: Expr | undefined };
}

export function makeStage(value: Value, reduction: Reduction | undefined): Stage {
  const axes = value.shape.flatMap((size, axis) => (size === 1 ? [] : [axis]));
  return { value, axes, kept: axes.map((axis) => value.shape[axis]), reduction };
}

/** The stage of a value that loops can compute. */
export function stageOf(value: Value): Stage {
  return makeStage(value, reductionOf(value));
}

/** The position in the value's shape, from that in `kept`. */
export function fullIndex(stage: Stage, kept: readonly Index[]): Index[] {
  const index = stage.value.shape.map(() => ZERO);
  stage.axes.forEach((axis, i) => {
    index[axis] = kept[i];
  });
  return index;
}

/** The expression of an element outside reductions. */
export function mapElement(stage: Stage, index: readonly Index[], reader: ElementReader): Expr {
  return reader.compute(stage.value, index);
}

function reductionOf(value: Value): Reduction | undefined {
  const { node } = value;
  switch (node.op) {
    case "sum":
    case "prod":
    case "max":
    case "min":
    case "argmax":
    case "argmin":
      return reduceAxes(node as Node<ReduceOp | ArgReduceOp>);
    case "fold":
      return foldTaps(node as Node<"fold">);
    case "dot":
      return dotElements(node);
    case "conv":
      return convElements(node as Node<"conv">);
    default:
      return undefined;
  }
}

function reduceAxes(node: Node<ReduceOp | ArgReduceOp>): Reduction {
  const [x] = node.inputs;
  const { axes } = node.attrs;
  // the order does not matter to an extremum's position: it ties to the first
  const arg = node.op === "argmax" || node.op === "argmin";
  const { lanes, run } = arg ? { lanes: 1, run: 1 } : reductionPlan(x.shape, axes);
  const inner = axes.slice(-run).map((axis) => x.shape[axis]);
  return {
    op: node.op,
    shape: runSizes(x.shape, axes, run),
    lanes,
    element(index, reduced, reader) {
      const at = [...reduced.slice(0, -1), ...reshapeIndex(reduced.slice(-1), [numel(inner)], inner)];
      return { value: reader.read(x, interleave(x.shape.length, axes, index, at)), other: undefined };
    },
  };
}

/** A position in the input of a reduction, from those in its output and in the reduced axes. */
function interleave(
  rank: number,
  axes: readonly number[],
  index: readonly Index[],
  reduced: readonly Index[],
): Index[] {
  const at: Index[] = [];
  let kept = 0;
  let gone = 0;
  for (let axis = 0; axis < rank; axis++) at.push(axes.includes(axis) ? reduced[gone++] : index[kept++]);
  return at;
}

function foldTaps(node: Node<"fold">): Reduction | undefined {
  return {
    op: "sum",
    shape: node.attrs.size,
    lanes: 1,
    element(index, taps, reader) {
      const source = tapSource(node, index, taps);
      return { value: reader.through(source, []), other: undefined };
    },
  };
}

/** The order in which a dot or a convolution adds. */
export function planOf(node: Node): ContractionPlan {
  const [a, b] = node.inputs;
  const [{ shape, dtype }] = node.outputs;
  const outputs = numel(shape);
  if (node.op === "dot") {
    const [rows, cols] = shape.slice(-2);
    return contractionPlan("dot", dtype, { outputs, rows, cols, k: a.shape[a.shape.length - 1] });
  }
  const { featureGroups, batchGroups } = (node as Node<"conv">).attrs;
  const [channels, ...taps] = b.shape;
  const rows = channels / (featureGroups * batchGroups);
  const innermost = isDilated(node as Node<"conv">)
    ? undefined
    : { pixels: shape[shape.length - 1], taps: taps[taps.length - 1] };
  return contractionPlan("conv", dtype, { outputs, rows, cols: outputs / channels, k: numel(taps), innermost });
}

function dotElements(node: Node): Reduction {
  const [a, b] = node.inputs;
  const rank = a.shape.length;
  return {
    op: "dot",
    shape: [a.shape[rank - 1]],
    lanes: planOf(node).lanes,
    element(index, [k], reader) {
      const batch = index.slice(0, -2);
      const [m, n] = index.slice(-2);
      return { value: reader.read(a, [...batch, m, k]), other: reader.read(b, [...batch, k, n]) };
    },
  };
}

/** Where there is no dilation: outputs and taps are all of one phase. */
function convElements(node: Node<"conv">): Reduction {
  const [x, w] = node.inputs;
  const [phase] = phasesOf(node);
  return {
    op: "dot",
    shape: phase.taps,
    lanes: planOf(node).lanes,
    element([n, o, ...position], tap, reader) {
      const { image, weight } = phase.at(n, o, position, tap);
      return { value: reader.read(w, weight), other: reader.read(x, image) };
    },
  };
}

/** What a reduction over nothing gives. */
export function emptyReduction(stage: Stage): Expr | undefined {
  const { reduction, value } = stage;
  if (reduction === undefined || !reduction.shape.includes(0)) return undefined;
  return constant(reduction.op === "prod" ? 1 : 0, value.dtype);
}
