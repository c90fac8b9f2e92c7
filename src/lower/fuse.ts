/**
 * Stages ─► groups: stages that share their outer loops.
 *
 * A group has a row space. Its stages compute one row after another, so that what one leaves (a row's maximum, a row of
 * exponentials) the next finds in a register or in the nearest cache. Fusion changes which loop an operation stands in,
 * never its operands or their order, and so never a bit.
 */

import type { Node, Value } from "../core/graph.ts";
import { numel, type Shape, sameShape } from "../core/shape.ts";
import { type Axes, axesOf } from "./axes.ts";
import { ElementReader } from "./element.ts";
import { type Index, keyOf } from "./index-expr.ts";
import { emptyReduction, fullIndex, mapElement, type Stage } from "./stage.ts";

/** Something that runs as a whole: a group of stages, or a node with a kernel of its own. */
export interface Unit {
  readonly id: number;
  readonly group: Group | undefined;
  readonly node: Node | undefined;
  /** maps that a contraction does on each part of its result */
  epilogue: Group | undefined;
  readonly values: Value[];
  /** realized values that it reads */
  readonly reads: Set<Value>;
}

export interface Group {
  rows: Shape;
  /** all stages have the row space as their shape, and one of its loops is the vector loop */
  vectorRows: boolean;
  readonly segments: Stage[][];
}

/** A read of a realized value, as positions in its kept axes; `key` compares positions. */
interface Read {
  readonly value: Value;
  readonly index: readonly Index[];
  readonly keys: readonly string[];
}

/** A stage's reads, and its own positions in the same terms. */
export interface Footprint {
  readonly reads: readonly Read[];
  /** the loops over the stage's kept axes, in whose variables the reads' indices are */
  readonly space: Axes;
  readonly own: readonly string[];
  readonly checks: boolean;
}

/** Dry run of a stage: which realized values it reads, and where relative to its own position. */
export function footprint(stage: Stage, isRealized: (value: Value) => boolean): Footprint {
  const space = axesOf(stage.kept, "i");
  const reduced = axesOf(stage.reduction?.shape ?? [], "r");
  const reads: Read[] = [];
  let checks = false;
  const reader = new ElementReader({
    locate: (value) => (isRealized(value) ? NOWHERE : undefined),
    onRead: (value, index) =>
      reads.push({ value, index, keys: value.shape.flatMap((size, axis) => (size === 1 ? [] : [keyOf(index[axis])])) }),
    code: () => {
      checks = true;
      return 1;
    },
  });
  const index = fullIndex(stage, space.index);
  if (emptyReduction(stage) === undefined) {
    if (stage.reduction) stage.reduction.element(index, reduced.index, reader);
    else mapElement(stage, index, reader);
  }
  return { reads, space, own: space.index.map(keyOf), checks };
}

const NOWHERE = { buffer: -1, offset: { constant: 0, terms: [], low: 0, high: 0 }, strides: [] };

// A row must be worth a loop of its own, and there must be rows enough to share among threads.
const SHORT_ROW = 8;
const FEW_ROWS = 16;
const MUCH_WORK = 1 << 16;
// Longer bodies run out of registers.
const MOST_STAGES = 24;

export function newGroup(stage: Stage): Group {
  return { rows: stage.kept, vectorRows: (stage.reduction?.lanes ?? 1) === 1, segments: [[stage]] };
}

/**
 * Adds a stage to a group, if the group can compute it in the same pass over its rows; `stageFor` finds the stage of a
 * realized value in the group. Whether the order of units allows it is the caller's to know.
 */
export function joinGroup(
  group: Group,
  stage: Stage,
  reads: Footprint,
  stageFor: (value: Value) => Stage | undefined,
): boolean {
  if (group.segments.flat().length >= MOST_STAGES || numel(stage.kept) === 0 || stage.reduction?.shape.includes(0))
    return false;
  const { rows } = group;
  const lanes = (stage.reduction?.lanes ?? 1) > 1;
  const same = sameShape(stage.kept, rows);
  if (group.vectorRows && same && !lanes) {
    if (!readsAtOwnPosition(reads, stageFor, rows.length)) return false;
    group.segments[0].push(stage);
    return true;
  }
  // From here on the group works row by row.
  const shared = sharedRows(group, stage);
  if (shared === undefined || (numel(shared) < FEW_ROWS && workOf(group, stage) > MUCH_WORK)) return false;
  if (!readsAtOwnPosition(reads, stageFor, shared.length)) return false;
  group.rows = shared;
  group.vectorRows = false;
  const inner = stage.kept.slice(shared.length);
  const last = group.segments[group.segments.length - 1];
  const sibling = group.segments.findLastIndex(([first]) => isSibling(first, stage));
  // One pass does both, if the group's own values are not needed for the second.
  if (sibling >= 0 && !reads.reads.some(({ value }) => stageFor(value))) {
    group.segments.splice(sibling + 1, 0, [stage]);
    return true;
  }
  if (stage.reduction === undefined && joinsLoop(last, inner, shared.length, reads)) last.push(stage);
  else group.segments.push([stage]);
  return true;
}

/** Whether two stages reduce the same positions in the same order, each to an element of its own. */
export const isSibling = (a: Stage, b: Stage): boolean =>
  a.reduction !== undefined &&
  b.reduction !== undefined &&
  sameShape(a.kept, b.kept) &&
  sameShape(a.reduction.shape, b.reduction.shape) &&
  a.reduction.lanes === b.reduction.lanes;

/** The rows that group and stage can have in common; undefined if there are none worth it. */
function sharedRows(group: Group, stage: Stage): Shape | undefined {
  const stages = group.segments.flat();
  const isMap = (s: Stage) => s.reduction === undefined;
  if (!group.vectorRows) {
    if (!startsWith(stage.kept, group.rows)) return undefined;
    const inner = numel(stage.kept.slice(group.rows.length));
    if (stage.reduction) return inner === 1 ? group.rows : undefined;
    return inner === 1 || inner >= SHORT_ROW ? group.rows : undefined;
  }
  // A group of maps becomes the first segment of a reduction's rows …
  if ((stage.reduction?.lanes ?? 1) > 1) {
    const inner = numel(group.rows.slice(stage.kept.length));
    return startsWith(group.rows, stage.kept) && stages.every(isMap) && (inner >= SHORT_ROW || inner === 1)
      ? stage.kept
      : undefined;
  }
  // … and what is known of a row joins the loop over the row's elements.
  if (!isMap(stage) || !startsWith(stage.kept, group.rows) || !stages.every(isMap)) return undefined;
  return numel(stage.kept.slice(group.rows.length)) >= 4 * SHORT_ROW ? group.rows : undefined;
}

const startsWith = (shape: Shape, prefix: Shape): boolean =>
  prefix.length <= shape.length && prefix.every((size, i) => size === shape[i]);

const workOf = (group: Group, stage: Stage): number =>
  [...group.segments.flat(), stage].reduce((sum, s) => sum + numel(s.kept) * numel(s.reduction?.shape ?? []), 0);

/** Whether everything that the stage reads from the group belongs to the stage's own row. */
function readsAtOwnPosition(
  { reads, own }: Footprint,
  stageFor: (value: Value) => Stage | undefined,
  rows: number,
): boolean {
  return reads.every(({ value, keys }) => {
    if (stageFor(value) === undefined) return true;
    for (let i = 0; i < rows; i++) if (keys[i] !== own[i]) return false;
    return true;
  });
}

/** Whether a map can stand in the inner loop of the maps of `segment`. */
function joinsLoop(segment: readonly Stage[], inner: Shape, rows: number, { reads, own }: Footprint): boolean {
  if (segment.some((s) => s.reduction !== undefined || !sameShape(s.kept.slice(rows), inner))) return false;
  return reads.every(({ value, keys }) => {
    if (!segment.some((s) => s.value === value)) return true;
    return keys.length === own.length && keys.every((key, i) => key === own[i]);
  });
}
