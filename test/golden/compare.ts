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

function close(got: number, want: number, rtol: number, atol: number): boolean {
  if (Number.isNaN(want)) return Number.isNaN(got);
  return got === want || Math.abs(got - want) <= atol + rtol * Math.abs(want);
}

/** What is wrong with `got`, in one line; undefined if it is close to `want` everywhere. */
export function difference(what: string, got: Numbers, want: Numbers): string | undefined {
  const show = (x: Numbers) => `${x.dtype}(${x.shape.join(", ")})`;
  if (got.dtype !== want.dtype || show(got) !== show(want)) return `${what} is ${show(got)}, not ${show(want)}`;
  const [rtol, atol] = TOLERANCE[want.dtype];
  const wrong = [...want.data.keys()].filter((i) => !close(got.data[i], want.data[i], rtol, atol));
  if (wrong.length === 0) return undefined;
  const shown = wrong.slice(0, 4).map((i) => `[${i}] ${got.data[i]}, not ${want.data[i]}`);
  return `${what} differs in ${wrong.length} of ${want.data.length}: ${shown.join("; ")}${wrong.length > 4 ? "; …" : ""}`;
}
