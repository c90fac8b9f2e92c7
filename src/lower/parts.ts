/** Long reductions with few results: parts that threads can share, then a fold in halves. */

import type { Node, Value } from "../core/graph.ts";
import { reductionPlan } from "../core/reduction.ts";
import { COMBINE, identityOf } from "../core/scalar.ts";
import { numel } from "../core/shape.ts";
import type { ProgramBuilder } from "./builder.ts";
import { addressOf, denseLocation, ElementReader, type Location, type Scope } from "./element.ts";
import { EXPR_OPS, guarded, local, makeLocal } from "./expr.ts";
import { add, constantIndex, scale } from "./index-expr.ts";
import type { Expr, Kernel } from "./loop-ir.ts";
import { buildNest, loopKernel } from "./nest.ts";
import { fullIndex, makeStage, type Stage } from "./stage.ts";

type Splittable = keyof typeof COMBINE;

type Emit = (scope: Scope, to: Location, builder: ProgramBuilder) => Kernel[];

/** How a stage is computed in parts, if the plan of its reduction has several. */
export function splitReduction(stage: Stage): Emit | undefined {
  const { node } = stage.value;
  if (!(node.op in COMBINE)) return undefined;
  const { axes } = (node as Node<Splittable>).attrs;
  const { parts } = reductionPlan(node.inputs[0].shape, axes);
  return parts === 1
    ? undefined
    : (scope, to, builder) => emitParts(stage, node.op as Splittable, parts, scope, to, builder);
}

function emitParts(
  stage: Stage,
  op: Splittable,
  parts: number,
  scope: Scope,
  to: Location,
  builder: ProgramBuilder,
): Kernel[] {
  const reduction = stage.reduction!;
  const { value } = stage;
  const cut = reduction.shape.findIndex((size) => size !== 1);
  const length = Math.ceil(reduction.shape[cut] / parts);
  const partial = denseLocation(builder.buffer(value.dtype, parts * numel(stage.kept), "temp"), [parts, ...stage.kept]);
  const first = buildNest(
    [parts, ...stage.kept],
    [
      {
        inner: [],
        reduced: reduction.shape.map((size, i) => (i === cut ? length : size)),
        lanes: reduction.lanes,
        make([part, ...kept], _, reduced) {
          const at = reduced.index.map((r, i) => (i === cut ? add(scale(part, length), r) : r));
          // The last part may be shorter than the others.
          const guards = [{ index: at[cut], low: 0, high: reduction.shape[cut] }];
          const reader = new ElementReader(scope).under(guards);
          const element = reduction.element(fullIndex(stage, kept), at, reader).value;
          const result = makeLocal(value.dtype);
          return [
            {
              kind: "reduce",
              result,
              op,
              variables: reduced.variables,
              lanes: reduction.lanes,
              value: guarded(guards, identityOf(op, value.dtype), element),
              other: undefined,
            },
            {
              kind: "store",
              buffer: partial.buffer,
              index: addressOf(partial, [part, ...kept]),
              value: local(result),
              accumulate: false,
            },
          ];
        },
      },
    ],
    reduction.lanes === 1,
  );
  return [loopKernel(`${op} in ${parts} parts`, first.body, first.work), combineParts(op, stage, partial, to, parts)];
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
