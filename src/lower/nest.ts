/** Segments of work over a common row space ─► one loop nest: axes split and merged, the vector loop chosen. */

import { BYTES, type DType } from "../core/dtype.ts";
import { numel, type Shape, sameShape } from "../core/shape.ts";
import { type Axes, axesOf, findMerge, findSplit, mergeAxes, type Split, splitAxis, walksAsOne } from "./axes.ts";
import { addressOf, type Location } from "./element.ts";
import { constant, indicesOf, visitStmt, walk } from "./expr.ts";
import {
  add,
  coefficientOf,
  constantIndex,
  type Index,
  laneOffsets,
  makeVar,
  substitute,
  type Var,
  varIndex,
} from "./index-expr.ts";
import type { Expr, Guard, Kernel, LoopKernel, Stmt } from "./loop-ir.ts";

/** One step of every row's work: loops over `inner`, or a reduction over `reduced`. */
export interface Segment {
  readonly inner: Shape;
  readonly reduced: Shape;
  /** more than one: a reduction whose innermost loop must stay as it is, lanes being counted along it */
  readonly lanes: number;
  /** the innermost statements, given the position in each space */
  make(row: readonly Index[], inner: readonly Index[], reduced: Axes): readonly Stmt[];
}

interface Spaces {
  rows: Axes;
  inner: Axes[];
  /** those of equal size are one, so that one pass can do several reductions */
  reduced: Axes[];
}

/**
 * Builds the kernel's loops.
 *
 * `vectorRows`: all segments' inner spaces are empty, and a row loop is the vector loop; else each segment has its own.
 */
export function buildNest(
  rows: Shape,
  segments: readonly Segment[],
  vectorRows: boolean,
): { body: Stmt[]; work: number } {
  const spaces: Spaces = {
    rows: axesOf(rows, "i"),
    inner: segments.map((s, k) => axesOf(s.inner, segments.length > 1 ? `j${k}_` : "j")),
    reduced: [],
  };
  segments.forEach((s, k) => {
    const first = segments.findIndex((other) => isSibling(other, s));
    const own = first === k ? axesOf(s.reduced, segments.length > 1 ? `r${k}_` : "r") : spaces.reduced[first];
    spaces.reduced.push(own);
  });
  const make = (): (readonly Stmt[])[] =>
    segments.map((s, k) => s.make(spaces.rows.index, spaces.inner[k].index, spaces.reduced[k]));
  let made = make();
  while (splitOnce(spaces, segments, made, vectorRows)) made = make();
  while (mergeOnce(spaces, segments, made)) made = make();
  if (vectorRows) {
    const short = findShort(spaces.rows, made.flat());
    if (short) {
      spaces.rows = mergeAxes(spaces.rows, ...short);
      made = make();
    }
  }
  const work = made.reduce(
    (sum, stmts, k) => sum + stmtWork(stmts) * numel([...rows, ...segments[k].inner, ...segments[k].reduced]),
    0,
  );
  let body: Stmt[];
  if (vectorRows) {
    body = loops(spaces.rows, chooseVector(spaces.rows.variables, made.flat()), (row) =>
      ordered(segments.flatMap((s, k) => s.make(row, spaces.inner[k].index, spaces.reduced[k]))),
    );
  } else {
    body = loops(spaces.rows, undefined, (row) => {
      const parts = segments.map((s, k) =>
        loops(spaces.inner[k], chooseVector(spaces.inner[k].variables, made[k]), (inner) =>
          ordered(s.make(row, inner, spaces.reduced[k])),
        ),
      );
      return segments.flatMap((s, k) => {
        if (k > 0 && isSibling(segments[k - 1], s)) return [];
        const next = segments.findIndex((other, i) => i > k && !isSibling(other, s));
        return ordered(parts.slice(k, next < 0 ? undefined : next).flat());
      });
    });
  }
  return { body, work };
}

/** Whether two segments are reductions over positions of the same kind, each of a number a row. */
const isSibling = (a: Segment, b: Segment): boolean =>
  a === b ||
  (a.reduced.length > 0 &&
    sameShape(a.reduced, b.reduced) &&
    a.lanes === b.lanes &&
    a.inner.length === 0 &&
    b.inner.length === 0);

/** Stores of one body stand together at its end: they act at once, when every value is known. */
export function ordered(stmts: readonly Stmt[]): Stmt[] {
  return [...stmts.filter((s) => s.kind !== "store"), ...stmts.filter((s) => s.kind === "store")];
}

/** The innermost variable of a reduction in lanes: positions are counted along it, so it keeps its size. */
const laneVariable = (axes: Axes, segment: Segment): Var | undefined =>
  segment.lanes > 1 ? axes.variables.at(-1) : undefined;

/** All indices of statements, those inside expressions included. */
export function indicesIn(stmts: readonly Stmt[]): Index[] {
  const found: Index[] = [];
  const seen = new Set<Expr>();
  const inside = (e: Expr) => walk(e, (inner) => found.push(...indicesOf(inner)), seen);
  for (const s of stmts) visitStmt(s, inside, (index) => found.push(index));
  return found;
}

function splitOnce(
  spaces: Spaces,
  segments: readonly Segment[],
  made: readonly (readonly Stmt[])[],
  vectorRows: boolean,
): boolean {
  const all = made.flatMap(indicesIn);
  const rows = findSplit(spaces.rows, all, (split) => !vectorRows || !isFollowed(split, spaces.rows, made.flat()));
  if (rows) {
    spaces.rows = splitAxis(spaces.rows, rows.variable, rows.by);
    return true;
  }
  for (let k = 0; k < segments.length; k++) {
    const mine = indicesIn(made[k]);
    const inner = findSplit(spaces.inner[k], mine, (split) => !isFollowed(split, spaces.inner[k], made[k]));
    if (inner) {
      spaces.inner[k] = splitAxis(spaces.inner[k], inner.variable, inner.by);
      return true;
    }
    // Runs of whole rounds of the lanes leave every position in its lane.
    const lane = laneVariable(spaces.reduced[k], segments[k]);
    const { lanes } = segments[k];
    const reduced = findSplit(spaces.reduced[k], mine, ({ variable, by }) => variable !== lane || by % lanes === 0);
    if (reduced) {
      replaceAll(spaces.reduced, spaces.reduced[k], splitAxis(spaces.reduced[k], reduced.variable, reduced.by));
      return true;
    }
  }
  return false;
}

/** Vectors of every device follow quotients by as little as this: a loop of so few iterations would fill none. */
const FEW_LANES = 8;
/** The narrowest and the widest vector. */
const NARROW = 4;
const WIDE = 16;

/** Whether vectors along the innermost variable read what it does without being split: within a vector or in even steps. */
function isFollowed({ variable, by }: Split, { variables }: Axes, stmts: readonly Stmt[]): boolean {
  if (variable !== variables.at(-1) || by > FEW_LANES || !Number.isInteger(Math.log2(by))) return false;
  const seen = new Set<Expr>();
  const loads: Index[] = [];
  const others: Index[] = [];
  const inside = (e: Expr) =>
    walk(
      e,
      (inner) => {
        if (inner.op === "load") loads.push(inner.index);
        others.push(...indicesOf(inner).slice(inner.op === "load" ? 1 : 0));
      },
      seen,
    );
  const stores: Index[] = [];
  for (const s of stmts) visitStmt(s, inside, (index) => stores.push(index));
  return (
    stores.every((index) => coefficientOf(index, variable) === 1) &&
    loads.every((index) => coefficientOf(index, variable) !== undefined || isNear(index, variable)) &&
    others.every((index) => laneOffsets(index, variable, NARROW, NARROW) && laneOffsets(index, variable, WIDE, WIDE))
  );
}

/** Whether the lanes of a vector read within a vector of the first one. */
const isNear = (index: Index, v: Var): boolean =>
  [NARROW, WIDE].every((lanes) => laneOffsets(index, v, lanes, lanes)?.every((by) => by >= 0 && by < lanes));

/**
 * The two innermost loops, if the last is too short to fill a vector and whatever is read and written is walked through as
 * if they were one: then vectors go over its end, and only the guards (of a border) look at the quotient and remainder.
 */
function findShort({ variables }: Axes, stmts: readonly Stmt[]): [Var, Var] | undefined {
  const [v, w] = variables.slice(-2);
  if (w === undefined || w.size > FEW_LANES || !Number.isInteger(Math.log2(w.size))) return undefined;
  const seen = new Set<Expr>();
  const walked: Index[] = [];
  const guards: Index[] = [];
  const inside = (e: Expr) =>
    walk(
      e,
      (inner) => {
        if ("guards" in inner) guards.push(...inner.guards.map(({ index }) => index));
        walked.push(...indicesOf(inner).filter((index) => !guards.includes(index)));
      },
      seen,
    );
  for (const s of stmts) visitStmt(s, inside, (index) => walked.push(index));
  const areOfVariables = guards.every((index) => [v, w].every((u) => coefficientOf(index, u) !== undefined));
  return areOfVariables && walked.every((index) => walksAsOne(index, v, w)) ? [v, w] : undefined;
}

function replaceAll(all: Axes[], old: Axes, fresh: Axes): void {
  all.forEach((axes, i) => {
    if (axes === old) all[i] = fresh;
  });
}

function mergeOnce(spaces: Spaces, segments: readonly Segment[], made: readonly (readonly Stmt[])[]): boolean {
  const rows = findMerge(spaces.rows, made.flatMap(indicesIn), undefined);
  if (rows) {
    spaces.rows = mergeAxes(spaces.rows, ...rows);
    return true;
  }
  for (let k = 0; k < segments.length; k++) {
    const mine = indicesIn(made[k]);
    const inner = findMerge(spaces.inner[k], mine, undefined);
    if (inner) {
      spaces.inner[k] = mergeAxes(spaces.inner[k], ...inner);
      return true;
    }
    const shared = made.filter((_, i) => spaces.reduced[i] === spaces.reduced[k]);
    const reduced = findMerge(
      spaces.reduced[k],
      shared.flatMap(indicesIn),
      laneVariable(spaces.reduced[k], segments[k]),
    );
    if (reduced) {
      replaceAll(spaces.reduced, spaces.reduced[k], mergeAxes(spaces.reduced[k], ...reduced));
      return true;
    }
  }
  return false;
}

/** The variable along which most accesses are neighbours. */
function chooseVector(variables: readonly Var[], stmts: readonly Stmt[]): Var | undefined {
  let best: Var | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const v of variables) {
    if (v.size < 2) continue;
    const filled = (Math.ceil(v.size / 4) * 4) / v.size;
    const cost = stmtCost(stmts, v) * filled;
    // Later variables win ties: their neighbours are nearer.
    if (cost <= least) {
      least = cost;
      best = v;
    }
  }
  return best;
}

// A vector load takes one instruction, a splat a little less, a gather one a lane and the address of each.
function strideCost(index: Index, v: Var, bytes: number): number {
  const c = coefficientOf(index, v);
  if (c === 0) return 0.5;
  if (c === 1) return 1;
  if (c === undefined) return isNear(index, v) ? 2 : 12;
  return 6 + bytes / 8;
}

/** What the loads in expressions cost where `v` runs over the lanes. */
export function accessCost(roots: readonly Expr[], v: Var): number {
  let cost = 0;
  const seen = new Set<Expr>();
  for (const root of roots) {
    walk(
      root,
      (e) => {
        if (e.op === "load") cost += strideCost(e.index, v, BYTES[e.dtype]);
        for (const index of e.op === "load" ? e.guards.map((g) => g.index) : indicesOf(e)) {
          // (Loops are cut at guards on their variable alone.)
          if (coefficientOf(index, v) === 0) continue;
          cost += e.op === "index" || isAlone(v, index) || laneOffsets(index, v, NARROW, NARROW) ? 1 : 12;
        }
      },
      seen,
    );
  }
  return cost;
}

/** What the accesses of statements cost where `v` runs over the lanes. */
export function stmtCost(stmts: readonly Stmt[], v: Var): number {
  let cost = 1;
  const roots: Expr[] = [];
  for (const s of stmts)
    visitStmt(
      s,
      (e) => roots.push(e),
      (index) => {
        cost += strideCost(index, v, 4);
      },
    );
  return cost + accessCost(roots, v);
}

/**
 * Loops over the variables of `axes` around what `make` gives for a position: the vector loop innermost, a long one
 * outermost, so that threads can share it. Inner loops are cut where a guard begins or ceases to hold.
 */
function loops(axes: Axes, vector: Var | undefined, make: (index: readonly Index[]) => readonly Stmt[]): Stmt[] {
  const order = axes.variables.filter((v) => v !== vector);
  if (order.length > 1 && order[0].size < 8) {
    const longest = order.reduce((a, b) => (b.size > a.size ? b : a));
    order.splice(order.indexOf(longest), 1);
    order.unshift(longest);
  }
  if (vector) order.push(vector);
  const guarded =
    order.length > 1 && guardsIn(make(axes.index)).some(({ index }) => order.some((v) => isAlone(v, index)));
  const inside = (depth: number, index: readonly Index[]): readonly Stmt[] => {
    if (depth === order.length) return make(index);
    const old = order[depth];
    const bounds = guarded && depth > 0 ? cutsOf(old, make(index)) : [0, old.size];
    return bounds.slice(1).flatMap((end, i) => {
      const begin = bounds[i];
      const variable = bounds.length === 2 ? old : makeVar(old.name, end - begin);
      const position = add(varIndex(variable), constantIndex(begin));
      const moved =
        variable === old ? index : index.map((at) => substitute(at, (v) => (v === old ? position : undefined)));
      const body = inside(depth + 1, moved);
      if (variable.size === 1 && variable !== old) return body;
      return [{ kind: "loop", variable, vector: old === vector, serial: false, body } satisfies Stmt];
    });
  };
  return [...inside(0, axes.index)];
}

// More pieces than a few make more code than they save.
const MOST_PIECES = 8;

/** Where, from 0 to its size, guards on a variable alone begin or cease to hold. */
function cutsOf(v: Var, stmts: readonly Stmt[]): number[] {
  const cuts = new Set([0, v.size]);
  for (const { index, low, high } of guardsIn(stmts)) {
    if (!isAlone(v, index)) continue;
    const { coefficient } = index.terms[0];
    // low ≤ coefficient·v + constant < high
    for (const bound of [low, high]) {
      const zero = (bound - index.constant) / coefficient;
      const at = coefficient > 0 ? Math.ceil(zero) : Math.floor(zero) + 1;
      if (at > 0 && at < v.size) cuts.add(at);
    }
  }
  return cuts.size - 1 > MOST_PIECES ? [0, v.size] : [...cuts].sort((a, b) => a - b);
}

const isAlone = (v: Var, { terms }: Index): boolean =>
  terms.length === 1 && terms[0].atom.kind === "var" && terms[0].atom.variable === v;

function guardsIn(stmts: readonly Stmt[]): Guard[] {
  const found: Guard[] = [];
  const seen = new Set<Expr>();
  const inside = (e: Expr) => walk(e, (inner) => "guards" in inner && found.push(...inner.guards), seen);
  for (const s of stmts) visitStmt(s, inside, () => {});
  return found;
}

/** Scalar operations in one pass of the statements. */
export function stmtWork(stmts: readonly Stmt[]): number {
  let work = 0;
  const seen = new Set<Expr>();
  for (const s of stmts) {
    visitStmt(
      s,
      (e) =>
        walk(
          e,
          () => {
            work += 1;
          },
          seen,
        ),
      () => {
        work += 1;
      },
    );
  }
  return work;
}

/** Buffers that statements read and write. */
function accessesOf(body: readonly Stmt[]): { reads: number[]; writes: number[] } {
  const reads = new Set<number>();
  const writes = new Set<number>();
  visitAccesses(body, ({ buffer, accumulate }) => {
    if (accumulate !== undefined) writes.add(buffer);
    if (accumulate !== false) reads.add(buffer);
  });
  return { reads: [...reads], writes: [...writes] };
}

/** Where statements load and store; a load does not say whether it accumulates. */
export function visitAccesses(
  body: readonly Stmt[],
  visit: (access: { readonly buffer: number; readonly index: Index; readonly accumulate?: boolean }) => void,
): void {
  const seen = new Set<Expr>();
  const load = (e: Expr) =>
    walk(
      e,
      (inner) => {
        if (inner.op === "load") visit({ buffer: inner.buffer, index: inner.index });
      },
      seen,
    );
  const store = (s: Stmt) => {
    if (s.kind === "loop") s.body.forEach(store);
    if (s.kind === "store") visit(s);
    if (s.kind === "cumulate") visit(s.store);
  };
  for (const s of body) {
    store(s);
    visitStmt(s, load, ({ terms }) => {
      for (const { atom } of terms) if (atom.kind === "data") load(atom.value);
    });
  }
}

export function loopKernel(name: string, body: readonly Stmt[], work: number): LoopKernel {
  return { kind: "loops", name, body, work, ...accessesOf(body) };
}

/** One store for every position of a shape. */
export function storeEach(
  name: string,
  shape: Shape,
  store: (index: readonly Index[]) => { at: Index; buffer: number; value: Expr },
): Kernel[] {
  if (numel(shape) === 0) return [];
  const { body, work } = buildNest(
    shape,
    [
      {
        inner: [],
        reduced: [],
        lanes: 1,
        make(index) {
          const { at, buffer, value } = store(index);
          return [{ kind: "store", buffer, index: at, value, accumulate: false }];
        },
      },
    ],
    true,
  );
  return [loopKernel(name, body, work)];
}

export const storeZeros = (shape: Shape, dtype: DType, to: Location): Kernel[] =>
  storeEach("zeros", shape, (index) => ({ buffer: to.buffer, at: addressOf(to, index), value: constant(0, dtype) }));
