/** The loops over a shape, and how a shape's positions follow from their variables. */

import type { Shape } from "../core/shape.ts";
import {
  add,
  coefficientOf,
  div,
  type Index,
  makeVar,
  mod,
  scale,
  substitute,
  type Var,
  varIndex,
} from "./index-expr.ts";

/** Row-major loop variables and the position along every axis of the shape. */
export interface Axes {
  readonly variables: readonly Var[];
  readonly index: readonly Index[];
}

export function axesOf(shape: Shape, prefix: string): Axes {
  const all = shape.map((size, i) => makeVar(`${prefix}${i}`, size));
  return { variables: all.filter((v) => v.size !== 1), index: all.map(varIndex) };
}

const replace = (axes: Axes, old: readonly Var[], fresh: readonly Var[], at: (v: Var) => Index | undefined): Axes => ({
  variables: axes.variables.flatMap((v) => (v === old[0] ? fresh : old.includes(v) ? [] : [v])),
  index: axes.index.map((i) => substitute(i, at)),
});

/** v becomes two loops, the inner one of size `by`: quotients and remainders of v by `by` vanish. */
export function splitAxis(axes: Axes, v: Var, by: number): Axes {
  const outer = makeVar(`${v.name}o`, v.size / by);
  const inner = makeVar(`${v.name}i`, by);
  const joined = add(scale(varIndex(outer), by), varIndex(inner));
  return replace(axes, [v], [outer, inner], (u) => (u === v ? joined : undefined));
}

/** Two neighbouring loops become one. */
export function mergeAxes(axes: Axes, v: Var, w: Var): Axes {
  const merged = makeVar(`${v.name}${w.name}`, v.size * w.size);
  const index = varIndex(merged);
  return replace(axes, [v, w], [merged], (u) =>
    u === v ? div(index, w.size) : u === w ? mod(index, w.size) : undefined,
  );
}

export interface Split {
  readonly variable: Var;
  readonly by: number;
}

/** A split that frees some index of a quotient or remainder by a divisor of a variable of `axes`, and that is wanted. */
export function findSplit(
  axes: Axes,
  indices: readonly Index[],
  wanted: (split: Split) => boolean = () => true,
): Split | undefined {
  const search = (index: Index): Split | undefined => {
    for (const { atom } of index.terms) {
      if (atom.kind !== "div" && atom.kind !== "mod") continue;
      const { of, by } = atom;
      for (const term of of.terms) {
        if (term.atom.kind !== "var" || !axes.variables.includes(term.atom.variable)) continue;
        const { variable } = term.atom;
        // (c·v + …) by n: pieces of n / c of v are whole steps
        const piece = by / Math.abs(term.coefficient);
        if (!Number.isInteger(piece) || piece <= 1 || piece >= variable.size || variable.size % piece !== 0) continue;
        if (wanted({ variable, by: piece })) return { variable, by: piece };
      }
      const inner = search(of);
      if (inner) return inner;
    }
    return undefined;
  };
  for (const index of indices) {
    const found = search(index);
    if (found) return found;
  }
  return undefined;
}

/** Two neighbouring loops that every index walks through as if they were one. */
export function findMerge(axes: Axes, indices: readonly Index[], keep: Var | undefined): [Var, Var] | undefined {
  for (let i = 0; i + 1 < axes.variables.length; i++) {
    const v = axes.variables[i];
    const w = axes.variables[i + 1];
    if (v === keep || w === keep || v.size * w.size === 0) continue;
    if (indices.every((index) => walksAsOne(index, v, w))) return [v, w];
  }
  return undefined;
}

/** Whether an index walks through two loops, one inside the other, as if they were one. */
export function walksAsOne(index: Index, v: Var, w: Var): boolean {
  const cv = coefficientOf(index, v);
  const cw = coefficientOf(index, w);
  return cv !== undefined && cw !== undefined && cv === cw * w.size;
}
