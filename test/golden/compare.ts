/** Says how two arrays differ, by the tolerances of torch.testing.assert_close. */

import type { DType } from "../../src/core/dtype.ts";
import type { Numbers } from "./cases.ts";

const TOLERANCE: Readonly<Record<DType, readonly [rtol: number, atol: number]>> = {
  f32: [1.3e-6, 1e-5],
  f64: [1e-7, 1e-7],
  i32: [0, 0],
  u32: [0, 0],
  u8: [0, 0],
  bool: [0, 0],
};

/** An optimizer's path: rounding must not add up to more than this in fifty steps of float64. */
export const PATH: readonly [rtol: number, atol: number] = [1e-9, 1e-9];

/** How far apart two numbers are, in parts of the larger of 1 and what is wanted; 0 for the same infinity or NaN. */
function errorOf(got: number, want: number): number {
  if (got === want || (Number.isNaN(got) && Number.isNaN(want))) return 0;
  const error = Math.abs(got - want) / Math.max(1, Math.abs(want));
  return Number.isNaN(error) ? Number.POSITIVE_INFINITY : error;
}

const isClose = (got: number, want: number, [rtol, atol]: readonly [number, number]): boolean =>
  errorOf(got, want) === 0 || (Number.isFinite(want) && Math.abs(got - want) <= atol + rtol * Math.abs(want));

/** How two arrays differ. */
export interface Difference {
  /** what is wrong, in one line; undefined if they are close everywhere */
  readonly wrong?: string;
  /** the largest error, in parts of the larger of 1 and what is wanted */
  readonly error: number;
}

/** Compares `got` with `want`, by default within PyTorch's tolerances for the dtype. */
export function difference(
  what: string,
  got: Numbers,
  want: Numbers,
  tolerance: readonly [rtol: number, atol: number] = TOLERANCE[want.dtype],
): Difference {
  const show = (x: Numbers) => `${x.dtype}(${x.shape.join(", ")})`;
  if (show(got) !== show(want)) {
    return { wrong: `${what} is ${show(got)}, not ${show(want)}`, error: Number.POSITIVE_INFINITY };
  }
  let error = 0;
  for (const [i, x] of want.data.entries()) error = Math.max(error, errorOf(got.data[i], x));
  const wrong = [...want.data.keys()].filter((i) => !isClose(got.data[i], want.data[i], tolerance));
  if (wrong.length === 0) return { error };
  const shown = wrong.slice(0, 4).map((i) => `[${i}] ${got.data[i]}, not ${want.data[i]}`);
  const text = `${what} differs in ${wrong.length} of ${want.data.length}: ${shown.join("; ")}${wrong.length > 4 ? "; …" : ""}`;
  return { wrong: text, error };
}
