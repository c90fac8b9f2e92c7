/**
 * Index arithmetic: whole-number expressions of loop variables, kept in a normal form
 * constant + Σ coefficient · atom, in which an atom is a variable, a quotient, a remainder or a number read from data.
 *
 * Every expression knows its bounds, and that is what makes quotients and remainders disappear:
 * (4·y + x) div 4 is y once x is known to lie in 0..3.
 */

import { walkIndices } from "./expr.ts";
import type { Expr } from "./loop-ir.ts";

/** A loop variable: 0 ≤ v < size. */
export interface Var {
  readonly id: number;
  readonly name: string;
  readonly size: number;
}

export type Atom =
  | { readonly kind: "var"; readonly key: string; readonly variable: Var; readonly low: number; readonly high: number }
  | {
      readonly kind: "div" | "mod";
      readonly key: string;
      readonly of: Index;
      readonly by: number;
      readonly low: number;
      readonly high: number;
    }
  | { readonly kind: "data"; readonly key: string; readonly value: Expr; readonly low: number; readonly high: number };

export interface Term {
  readonly atom: Atom;
  readonly coefficient: number;
}

/** constant + Σ terms; terms are sorted by their atoms' keys, no coefficient is zero. low and high are inclusive. */
export interface Index {
  readonly constant: number;
  readonly terms: readonly Term[];
  readonly low: number;
  readonly high: number;
}

let nextVar = 0;
export function makeVar(name: string, size: number): Var {
  return { id: nextVar++, name, size };
}

let nextData = 0;

function make(constant: number, terms: readonly Term[]): Index {
  let low = constant;
  let high = constant;
  for (const { atom, coefficient } of terms) {
    low += coefficient * (coefficient > 0 ? atom.low : atom.high);
    high += coefficient * (coefficient > 0 ? atom.high : atom.low);
  }
  return { constant, terms, low, high };
}

export const constantIndex = (value: number): Index => ({ constant: value, terms: [], low: value, high: value });
export const ZERO: Index = constantIndex(0);

export function varIndex(variable: Var): Index {
  if (variable.size === 1) return ZERO;
  return make(0, [
    {
      atom: {
        kind: "var",
        key: `v${String(variable.id).padStart(6, "0")}`,
        variable,
        low: 0,
        high: Math.max(0, variable.size - 1),
      },
      coefficient: 1,
    },
  ]);
}

/** A number that the program reads from data; `check` expressions keep it within low..high. */
export function dataIndex(value: Expr, low: number, high: number): Index {
  return make(0, [
    { atom: { kind: "data", key: `x${String(nextData++).padStart(6, "0")}`, value, low, high }, coefficient: 1 },
  ]);
}

export function add(a: Index, b: Index): Index {
  if (a.terms.length === 0 && a.constant === 0) return b;
  if (b.terms.length === 0 && b.constant === 0) return a;
  const sums = new Map<string, Term>();
  for (const term of a.terms) sums.set(term.atom.key, term);
  for (const { atom, coefficient } of b.terms) {
    const have = sums.get(atom.key);
    sums.set(atom.key, { atom, coefficient: coefficient + (have?.coefficient ?? 0) });
  }
  return recombine(a.constant + b.constant, sums);
}

/**
 * What a reshape takes apart, the next one puts together:
 * n·(e div n) + (e mod n) is e, and n·((e div n) mod m) + (e mod n) is e mod (n·m).
 */
function recombine(constant: number, sums: Map<string, Term>): Index {
  for (const { atom, coefficient } of sums.values()) {
    if (atom.kind !== "mod" || coefficient === 0) continue;
    const quotient = `(${keyOf(atom.of)}/${atom.by})`;
    for (const other of sums.values()) {
      if (other.coefficient !== coefficient * atom.by) continue;
      let joined: Index | undefined;
      if (other.atom.key === quotient) joined = atom.of;
      else if (other.atom.kind === "mod" && keyOf(other.atom.of) === `0+1*${quotient}`)
        joined = mod(atom.of, atom.by * other.atom.by);
      if (joined === undefined) continue;
      sums.delete(atom.key);
      sums.delete(other.atom.key);
      return add(finish(constant, sums), scale(joined, coefficient));
    }
  }
  return finish(constant, sums);
}

function finish(constant: number, sums: Map<string, Term>): Index {
  const terms = [...sums.values()].filter((term) => term.coefficient !== 0);
  return make(
    constant,
    terms.sort((x, y) => (x.atom.key < y.atom.key ? -1 : 1)),
  );
}

export function scale(a: Index, factor: number): Index {
  if (factor === 1) return a;
  if (factor === 0) return ZERO;
  return make(
    a.constant * factor,
    a.terms.map(({ atom, coefficient }) => ({ atom, coefficient: coefficient * factor })),
  );
}

export const sub = (a: Index, b: Index): Index => add(a, scale(b, -1));
export const offset = (a: Index, by: number): Index => (by === 0 ? a : make(a.constant + by, a.terms));

/** Text that two expressions share exactly if they are equal. */
export function keyOf(a: Index): string {
  let key = String(a.constant);
  for (const { atom, coefficient } of a.terms) key += `+${coefficient}*${atom.key}`;
  return key;
}

/** Floor of a / by, by > 0. */
export function div(a: Index, by: number): Index {
  if (by === 1) return a;
  const quotient = Math.floor(a.low / by);
  if (quotient === Math.floor(a.high / by)) return constantIndex(quotient);
  const [whole, rest] = splitBy(a, by);
  if (rest.low >= 0 && rest.high < by) return whole;
  if (whole.terms.length > 0 || whole.constant !== 0) return add(whole, div(rest, by));
  // (e div n) div m is e div (n·m)
  if (a.constant === 0 && a.terms.length === 1 && a.terms[0].coefficient === 1 && a.terms[0].atom.kind === "div") {
    const { of, by: inner } = a.terms[0].atom;
    return div(of, inner * by);
  }
  // A common factor of all coefficients cancels: (2·x + 1) div 4 is x div 2.
  const common = commonFactor(a, by);
  if (common > 1) {
    const smaller = make(
      Math.floor(a.constant / common),
      a.terms.map(({ atom, coefficient }) => ({ atom, coefficient: coefficient / common })),
    );
    return div(smaller, by / common);
  }
  return atomIndex("div", a, by);
}

/** a − by · floor(a / by), in 0..by−1. */
export function mod(a: Index, by: number): Index {
  if (by === 1) return ZERO;
  const quotient = Math.floor(a.low / by);
  if (quotient === Math.floor(a.high / by)) return offset(a, -quotient * by);
  const [, rest] = splitBy(a, by);
  if (rest.low >= 0 && rest.high < by) return rest;
  if (rest.terms.length < a.terms.length || rest.constant !== a.constant) return mod(rest, by);
  return atomIndex("mod", a, by);
}

/** a as by·whole + rest, the multiples of `by` taken out term by term. */
function splitBy(a: Index, by: number): [whole: Index, rest: Index] {
  const whole: Term[] = [];
  const rest: Term[] = [];
  for (const term of a.terms) {
    if (term.coefficient % by === 0) whole.push({ atom: term.atom, coefficient: term.coefficient / by });
    else rest.push(term);
  }
  const q = Math.floor(a.constant / by);
  return [make(q, whole), make(a.constant - q * by, rest)];
}

function commonFactor(a: Index, by: number): number {
  let g = by;
  for (const { coefficient } of a.terms) g = gcd(g, Math.abs(coefficient));
  return g;
}

export function gcd(a: number, b: number): number {
  while (b !== 0) [a, b] = [b, a % b];
  return a;
}

function atomIndex(kind: "div" | "mod", of: Index, by: number): Index {
  const low = kind === "div" ? Math.floor(of.low / by) : 0;
  const high = kind === "div" ? Math.floor(of.high / by) : by - 1;
  const key = `(${keyOf(of)}${kind === "div" ? "/" : "%"}${by})`;
  return make(0, [{ atom: { kind, key, of, by, low, high }, coefficient: 1 }]);
}

/** The coefficient of a variable, where the expression is linear in it; undefined where it is not. */
export function coefficientOf(a: Index, variable: Var): number | undefined {
  let found = 0;
  for (const { atom, coefficient } of a.terms) {
    if (atom.kind === "var") {
      if (atom.variable === variable) found = coefficient;
    } else if (dependsOn(atom, variable)) return undefined;
  }
  return found;
}

function dependsOn(atom: Atom, variable: Var): boolean {
  if (atom.kind === "var") return atom.variable === variable;
  if (atom.kind === "data") return dataDependsOn(atom.value, variable);
  return atom.of.terms.some((term) => dependsOn(term.atom, variable));
}

/**
 * How far the indices of neighbours along `v` lie from the first one's, of `lanes` in all, if that is the same wherever the
 * first is a multiple of `step`: (v + 1) div 2 moves by 0, 1, 1, 2 if that is even. `varies` says which atoms change with v.
 */
export function laneOffsets(
  index: Index,
  v: Var,
  step: number,
  lanes: number,
  varies: (atom: Atom) => boolean = (atom) => dependsOn(atom, v),
): readonly number[] | undefined {
  const offsets = new Array<number>(lanes).fill(0);
  for (const { atom, coefficient } of index.terms) {
    if (!varies(atom)) continue;
    const inner = atom.kind === "var" ? offsets.map((_, lane) => lane) : roundedOffsets(atom, v, step, lanes, varies);
    if (inner === undefined) return undefined;
    for (let lane = 0; lane < lanes; lane++) offsets[lane] += coefficient * inner[lane];
  }
  return offsets;
}

function roundedOffsets(
  atom: Atom,
  v: Var,
  step: number,
  lanes: number,
  varies: (atom: Atom) => boolean,
): readonly number[] | undefined {
  if (atom.kind !== "div" && atom.kind !== "mod") return undefined;
  const { kind, of, by } = atom;
  const inner = laneOffsets(of, v, step, lanes, varies);
  // The first lane's dividend is `first` and a multiple of `known`.
  let known = by;
  for (const term of of.terms) {
    if (term.atom.kind !== "var" && varies(term.atom)) return undefined;
    known = gcd(known, Math.abs(term.coefficient) * (varies(term.atom) ? step : 1));
  }
  if (inner === undefined) return undefined;
  const first = of.constant - Math.floor(of.constant / known) * known;
  const inside = inner.every((by) => first + by >= 0 && first + by < known);
  if (known < by && !inside) return undefined;
  if (inside) return kind === "div" ? inner.map(() => 0) : inner;
  return inner.map((offset) => {
    const quotient = Math.floor((first + offset) / by);
    return kind === "div" ? quotient : offset - quotient * by;
  });
}

/** Whether a number read from data changes with a variable. */
function dataDependsOn(value: Expr, variable: Var): boolean {
  let found = false;
  walkIndices(value, (index) => {
    for (const { atom } of index.terms) if (dependsOn(atom, variable)) found = true;
  });
  return found;
}

/** The expression with each variable replaced. */
export function substitute(a: Index, replace: (variable: Var) => Index | undefined): Index {
  let out = constantIndex(a.constant);
  for (const { atom, coefficient } of a.terms) {
    out = add(out, scale(substituteAtom(atom, replace), coefficient));
  }
  return out;
}

function substituteAtom(atom: Atom, replace: (variable: Var) => Index | undefined): Index {
  switch (atom.kind) {
    case "var":
      return replace(atom.variable) ?? make(0, [{ atom, coefficient: 1 }]);
    case "div":
      return div(substitute(atom.of, replace), atom.by);
    case "mod":
      return mod(substitute(atom.of, replace), atom.by);
    case "data":
      return make(0, [{ atom, coefficient: 1 }]);
  }
}

/** All atoms, those inside quotients and remainders included. */
export function* atomsOf(a: Index): Generator<Atom> {
  for (const { atom } of a.terms) {
    yield atom;
    if (atom.kind === "div" || atom.kind === "mod") yield* atomsOf(atom.of);
  }
}
