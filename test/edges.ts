/** Where functions go wrong: what tests of all losses, activations and normalisations have in common. */

import { expect } from "vitest";
import { compile, grad, type Tensor, tensor } from "../src/index.ts";

export const [INF, NAN] = [Number.POSITIVE_INFINITY, Number.NaN];

export const FLOATS = ["f32", "f64"] as const;
export type Float = (typeof FLOATS)[number];

/** The names of the functions of a room, which begin with a small letter. */
export const functionsOf = (room: object): string[] =>
  Object.entries(room).flatMap(([name, value]) => (typeof value === "function" && /^[a-z]/.test(name) ? [name] : []));

/** Nested numbers as a tensor; an empty list needs `shape`. */
export function made(rows: unknown, dtype: Float, shape?: readonly number[]): Tensor {
  const sizes: number[] = [];
  for (let row = rows; Array.isArray(row); row = row[0]) sizes.push(row.length);
  const flat = (Array.isArray(rows) ? rows.flat(Number.POSITIVE_INFINITY) : [rows]) as number[];
  return tensor(flat, { dtype, shape: shape ?? sizes });
}

/** f's result and the gradients of its sum, by each of xs. */
export function withGradients(f: (...xs: Tensor[]) => Tensor, xs: readonly Tensor[]): Tensor[] {
  const argnums = [...xs.keys()];
  return [f(...xs), ...grad((...inputs: Tensor[]) => f(...inputs).sum(), { argnums })(...xs)];
}

/** Runs what makes tensors from tensors twice, compiled and not: the numbers are the same bits. */
export function bothWays(run: (...xs: Tensor[]) => readonly Tensor[]): (xs: readonly Tensor[]) => Promise<number[][]> {
  const compiled = compile((...xs: Tensor[]) => [...run(...xs)]);
  const read = (tensors: readonly Tensor[]) => Promise.all(tensors.map(async (x) => [...(await x.data())]));
  return async (xs) => {
    const eager = await read(run(...xs));
    expect(await read(compiled(...xs)), "compiled").toEqual(eager);
    return eager;
  };
}

/** Whether numbers are alike: relatively, so that 1e-30 is not 0, and beyond f32's range if `dtype` is it. */
export function expectAlike(got: readonly number[], want: readonly number[], dtype: Float, what: string): void {
  const rounded = want.map((x) => (dtype === "f32" ? Math.fround(x) : x));
  const isAlike = (a: number, b: number) =>
    Object.is(a, b) || a === b || Math.abs(a - b) <= (dtype === "f32" ? 2e-6 : 1e-12) * Math.abs(b) + 1e-44;
  const wrong = rounded.flatMap((x, i) => (isAlike(got[i], x) ? [] : [`[${i}] ${got[i]}, not ${x}`]));
  expect.soft(got, what).toHaveLength(want.length);
  expect.soft(wrong, `${what}: ${wrong.join("; ")}`).toEqual([]);
}
