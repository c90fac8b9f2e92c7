/**
 * The order in which reductions add up, fixed by the shape alone.
 *
 * Floating-point addition does not associate, so the order is part of a program's meaning: every device,
 * any number of threads, fused or not, follows the plans below (and the interpreter checks that they do).
 */

import type { DType } from "./dtype.ts";
import { numel, type Shape } from "./shape.ts";

/** Virtual lanes of a reduction along the innermost axes. */
const LANES = 32;

/**
 * How one output element of `reduce(x, axes)` is computed.
 *
 * The last `run` reduced axes, which are the innermost of x, count as one. The outermost reduced axis is cut into `parts` contiguous runs of ⌈n / parts⌉ (the last one shorter).
 * In a part, elements are visited in row-major order of the reduced axes and
 * - "sequential": one accumulator takes them one after the other, starting from the identity;
 * - "lanes": the element at position i of the innermost reduced axis (counted within the part) goes to accumulator
 *   i mod `lanes`, each starting from the identity; then accumulators fold in halves: a[i] ∘= a[i + w] for w = lanes/2, …, 2, 1.
 * Last, the parts' results fold in halves in the same way (`parts` is a power of two; absent parts hold the identity).
 */
export interface ReductionPlan {
  readonly order: "sequential" | "lanes";
  readonly lanes: number;
  readonly parts: number;
  readonly run: number;
}

// Fewer independent outputs than this cannot keep a few threads busy; shorter reductions are not worth a second pass.
const ENOUGH_OUTPUTS = 64;
const LONG = 1 << 15;
const MAX_PARTS = 16;
// A shorter innermost axis (the taps of a window) leaves most lanes idle: better one result a lane, unless a run of axes is
// long. Many runs (the small images of a batch) are worth half the lanes: one after the other, all their elements would
// be one chain of sums, ten times as wrong and slower.
const SHORT = 8;

/** Axes of size one change nothing: the innermost axis that matters decides the order. */
export function reductionPlan(shape: Shape, axes: readonly number[]): ReductionPlan {
  const outputs = numel(shape.filter((_, i) => !axes.includes(i)));
  let outside = shape.length;
  while (outside > 0 && (shape[outside - 1] === 1 || axes.includes(outside - 1))) outside--;
  const inside = axes.filter((axis) => axis >= outside);
  const innermost = inside.map((axis) => shape[axis]).filter((size) => size !== 1);
  const run = Math.max(1, inside.length);
  const along = reducedSizes(shape, axes, run);
  const parts = partsFor(outputs, numel(along), along[0] ?? 1);
  // A single reduced axis that is cut into parts leaves each part with its share.
  const last = along.length === 1 ? Math.ceil(along[0] / parts) : along[along.length - 1];
  const enough = along.length > 1 ? LANES / 2 : LANES;
  const long = innermost.length > 0 && (innermost[innermost.length - 1] >= SHORT || numel(innermost) >= enough);
  if (long && last >= SHORT) return { order: "lanes", lanes: Math.min(LANES, powerOfTwoFrom(last)), parts, run };
  const [outermost = 1] = reducedSizes(shape, axes, 1);
  return { order: "sequential", lanes: 1, parts: partsFor(outputs, numel(along), outermost), run: 1 };
}

/** The sizes of the reduced axes, the last `run` of them as one, without those of size one. */
export function reducedSizes(shape: Shape, axes: readonly number[], run: number): number[] {
  return runSizes(shape, axes, run).filter((size) => size !== 1);
}

/** The sizes of the reduced axes, the last `run` of them as one. */
export function runSizes(shape: Shape, axes: readonly number[], run: number): number[] {
  const sizes = axes.map((axis) => shape[axis]);
  return sizes.length === 0 ? [] : [...sizes.slice(0, -run), numel(sizes.slice(-run))];
}

/**
 * How one output element of `dot` or `conv` is computed: Σ a·b over k positions. (The plan is made for all taps of a
 * convolution; where a dilated input leaves some out, k is the number of the others.)
 *
 * - "blocked" (f32): ascending in each of the `parts` runs of ⌈k / parts⌉, acc = fma(a, b, acc) where the device fuses;
 * - "lanes": matrix × vector, and one channel's derivative by a kernel that is smaller than the image. The reduction of
 *   the products along k as above; position i of a part goes to lane (i mod `run`) mod `lanes`;
 * - "sequential": ascending.
 * In the latter two each product and each sum rounds, on every device.
 *
 * The order of a `dot` does not depend on its rows (below 2¹⁵ terms): one row alone has the bits that it has among others,
 * so that a sequence which is continued token by token is the one that is computed at once.
 */
export interface ContractionPlan {
  readonly order: "blocked" | "lanes" | "sequential";
  readonly lanes: number;
  /** positions along the innermost axis */
  readonly run: number;
  readonly parts: number;
}

/** The sizes of a contraction. */
export interface ContractionSizes {
  /** elements of the result */
  readonly outputs: number;
  /** those of one matrix of it; of a convolution, channels of a group and pixels */
  readonly rows: number;
  readonly cols: number;
  readonly k: number;
  /** of a convolution without dilated input: pixels and taps along the innermost axis */
  readonly innermost?: { readonly pixels: number; readonly taps: number };
}

// Below this plain loops are faster than packing: products of a convolution, elements of the second matrix of a `dot`.
const SMALL = 1 << 14;
const SMALL_MATRIX = 1 << 9;

export function contractionPlan(
  op: "dot" | "conv",
  dtype: DType,
  { outputs, rows, cols, k, innermost }: ContractionSizes,
): ContractionPlan {
  if (op === "dot" && cols === 1 && k >= LANES) {
    return { order: "lanes", lanes: LANES, run: k, parts: partsFor(outputs, k, k) };
  }
  if (innermost && rows === 1 && innermost.taps >= SHORT && innermost.taps > innermost.pixels) {
    return { order: "lanes", lanes: Math.min(LANES, powerOfTwoFrom(innermost.taps)), run: innermost.taps, parts: 1 };
  }
  // Wide enough to share, or too short to cut?
  const parts = dtype === "f32" && outputs * 16 <= k ? partsFor(1, k, k) : 1;
  const large = op === "dot" ? cols * k >= SMALL_MATRIX : outputs * k >= SMALL && rows > 1;
  const blocked = dtype === "f32" && large;
  return { order: parts > 1 || blocked ? "blocked" : "sequential", lanes: 1, run: k, parts };
}

function partsFor(outputs: number, length: number, outermost: number): number {
  if (outputs >= ENOUGH_OUTPUTS || length < LONG) return 1;
  let parts = 1;
  while (parts < MAX_PARTS && parts * 2 <= outermost && length / (parts * 2) >= LONG / 4) parts *= 2;
  return parts;
}

function powerOfTwoFrom(n: number): number {
  let p = 1;
  while (p < n) p *= 2;
  return p;
}
