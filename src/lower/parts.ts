/** Long reductions with few results: parts that threads can share, then a fold in halves. */

import type { Node, Value } from "../core/graph.ts";
import { reductionPlan } from "../core/reduction.ts";
import { COMBINE, identityOf } from "../core/scalar.ts";
import { numel } from "../core/shape.ts";
import { axesOf } from "./axes.ts";
import type { ProgramBuilder } from "./builder.ts";
import { addressOf, denseLocation, ElementReader, type Location, type Scope } from "./element.ts";
import { EXPR_OPS, guarded, local, makeLocal } from "./expr.ts";
import { add, constantIndex, type Index, scale, type Var } from "./index-expr.ts";
import type { Expr, Kernel } from "./loop-ir.ts";
import { accessCost, buildNest, loopKernel } from "./nest.ts";
import { fullIndex, makeStage, planOf, type Stage } from "./stage.ts";

type Splittable = keyof typeof COMBINE;

/** Makes the kernels of a stage that is computed in pieces. */
export type Emit = (scope: Scope, to: Location, builder: ProgramBuilder) => Kernel[];

/** Pieces of a reduction that have results of their own: how many, how long, and which position of `cut` stands where. */
interface Pieces {
  readonly count: number;
  readonly cut: number;
  readonly length: number;
  readonly lanes: number;
  at(piece: Index, r: Index): Index;
}

/** How a stage is computed in pieces, if that is its reduction's plan, or lets a product with a matrix read along its rows. */
export function splitReduction(stage: Stage, isRealized: (value: Value) => boolean): Emit | undefined {
  const { reduction, value } = stage;
  const { node } = value;
  if (reduction === undefined || reduction.shape.includes(0)) return undefined;
  const { op, lanes, shape } = reduction;
  const cut = shape.findIndex((size) => size !== 1);
  const parts = partsOf(node);
  if (parts > 1) {
    const length = Math.ceil(shape[cut] / parts);
    const at = (part: Index, r: Index) => add(scale(part, length), r);
    return emitter(stage, op === "dot" ? "sum" : (op as Splittable), { count: parts, cut, length, lanes, at });
  }
  if (node.op === "dot" && lanes > 1 && readsAcross(stage, isRealized)) {
    const at = (lane: Index, r: Index) => add(scale(r, lanes), lane);
    return emitter(stage, "sum", { count: lanes, cut, length: Math.ceil(shape[cut] / lanes), lanes: 1, at });
  }
  return undefined;
}

function partsOf(node: Node): number {
  if (node.op === "dot") return planOf(node).parts;
  if (!(node.op in COMBINE)) return 1;
  return reductionPlan(node.inputs[0].shape, (node as Node<Splittable>).attrs.axes).parts;
}

/** Whether neighbours of an operand lie along an axis that stays: then each lane is a row of partial results. */
function readsAcross(stage: Stage, isRealized: (value: Value) => boolean): boolean {
  const kept = axesOf(stage.kept, "i");
  const reduced = axesOf(stage.reduction!.shape, "r");
  const reader = new ElementReader({
    locate: (value) => (isRealized(value) ? denseLocation(0, value.shape) : undefined),
    code: () => 1,
  });
  const { value, other } = stage.reduction!.element(fullIndex(stage, kept.index), reduced.index, reader);
  const cost = (v: Var) => accessCost([value, other!], v);
  return kept.variables.some((v) => v.size >= 4 && cost(v) < cost(reduced.variables[0]));
}

const emitter =
  (stage: Stage, op: Splittable, pieces: Pieces): Emit =>
  (scope, to, builder) =>
    emitPieces(stage, op, pieces, scope, to, builder);

function emitPieces(
  stage: Stage,
  op: Splittable,
  { count, cut, length, lanes, at }: Pieces,
  scope: Scope,
  to: Location,
  builder: ProgramBuilder,
): Kernel[] {
  const reduction = stage.reduction!;
  const { value } = stage;
  const partial = denseLocation(builder.buffer(value.dtype, count * numel(stage.kept), "temp"), [count, ...stage.kept]);
  const first = buildNest(
    [count, ...stage.kept],
    [
      {
        inner: [],
        reduced: reduction.shape.map((size, i) => (i === cut ? length : size)),
        lanes,
        make([piece, ...kept], _, reduced) {
          const position = reduced.index.map((r, i) => (i === cut ? at(piece, r) : r));
          // The last piece may be shorter than the others.
          const guards = [{ index: position[cut], low: 0, high: reduction.shape[cut] }];
          const reader = new ElementReader(scope).under(guards);
          const element = reduction.element(fullIndex(stage, kept), position, reader);
          const fill = identityOf(op, value.dtype);
          const result = makeLocal(value.dtype);
          return [
            {
              kind: "reduce",
              result,
              op: reduction.op,
              variables: reduced.variables,
              lanes,
              value: guarded(guards, fill, element.value),
              other: element.other && guarded(guards, fill, element.other),
            },
            {
              kind: "store",
              buffer: partial.buffer,
              index: addressOf(partial, [piece, ...kept]),
              value: local(result),
              accumulate: false,
            },
          ];
        },
      },
    ],
    lanes === 1,
  );
  const what = reduction.lanes === lanes ? "parts" : "lanes";
  return [
    loopKernel(`${reduction.op} in ${count} ${what}`, first.body, first.work),
    combineParts(op, stage, partial, to, count),
  ];
}

/** The parts of a contraction, each a dense copy of the result, added up. */
export function foldParts(value: Value, partial: Location, to: Location, parts: number): Kernel {
  const stage = makeStage(value, undefined);
  const strides = stage.axes.map((axis) => partial.strides[axis]);
  return combineParts("sum", stage, { ...partial, strides: [numel(value.shape), ...strides] }, to, parts);
}

/** to = the parts folded in halves: part p and part p + half, until one is left. */
function combineParts(op: Splittable, stage: Stage, partial: Location, to: Location, parts: number): Kernel {
  const { body, work } = buildNest(
    stage.kept,
    [
      {
        inner: [],
        reduced: [],
        lanes: 1,
        make(kept) {
          let sums: Expr[] = Array.from({ length: parts }, (_, p) => {
            const index = addressOf(partial, [constantIndex(p), ...kept]);
            return { op: "load", dtype: stage.value.dtype, buffer: partial.buffer, index, guards: [], fill: 0 };
          });
          while (sums.length > 1) {
            const half = sums.length / 2;
            sums = sums.slice(0, half).map((s, i) => EXPR_OPS.binary(COMBINE[op], s, sums[i + half]));
          }
          return [
            {
              kind: "store",
              buffer: to.buffer,
              index: addressOf(to, fullIndex(stage, kept)),
              value: sums[0],
              accumulate: false,
            },
          ];
        },
      },
    ],
    true,
  );
  return loopKernel(`${op} of the parts`, body, work);
}
