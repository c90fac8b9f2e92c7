import { ArgumentError, ShapeError } from "../../core/errors.ts";
import { numel, rowMajor, type Shape, showShape } from "../../core/shape.ts";
import { arange, type DType, type Tensor, tensor, where } from "../../tensor/index.ts";
import { cubic, SHARP } from "./cubic.ts";

export interface AffineGridOptions {
  /** whether ±1 are the centres of the outer elements, instead of their edges; false by default */
  alignCorners?: boolean;
}

export interface GridSampleOptions extends AffineGridOptions {
  /** which elements count: 2 a dimension (`"bilinear"`, the default, also for volumes), the nearest, or 4 (`"bicubic"`) */
  mode?: "bilinear" | "nearest" | "bicubic";
  /** what lies outside: zeros (the default), the nearest element of the border, or the picture mirrored */
  paddingMode?: "zeros" | "border" | "reflection";
}

/**
 * Where each element of an output lies in the input, after an affine map: for `gridSample`. The grid holds θ·(x, y, 1) of
 * the output's places (x, y), which go from −1 to 1.
 *
 * Shapes: theta (N, 2, 3) and `size` (N, C, H, W) ─► (N, H, W, 2), or (N, 3, 4) and (N, C, D, H, W) ─► (N, D, H, W, 3).
 * Throws a ShapeError for others. Jaderberg et al., Spatial transformer networks, 2015.
 *
 * ```ts
 * const half = tensor([[[0.5, 0, 0], [0, 1, 0]]]); // the middle half of each row
 * affineGrid(half, [1, 1, 1, 2], { alignCorners: true }); // tensor([[[[-0.5000,  0.0000], [ 0.5000,  0.0000]]]])
 * ```
 */
export function affineGrid(theta: Tensor, size: Shape, options: AffineGridOptions = {}): Tensor {
  const sizes = size.slice(2);
  const d = sizes.length;
  const fits = theta.ndim === 3 && theta.shape[0] === size[0] && theta.shape[1] === d && theta.shape[2] === d + 1;
  if ((d !== 2 && d !== 3) || !fits || sizes.some((n) => n < 1)) {
    throw new ShapeError(
      `affineGrid takes theta (N, 2, 3) with a size (N, C, H, W), or (N, 3, 4) with (N, C, D, H, W), but got ${showShape(theta.shape)} and ${showShape(size)}.`,
    );
  }
  const places = basis(sizes, options.alignCorners ?? false, theta.dtype);
  return places.matmul(theta.transpose(1, 2)).reshape([size[0], ...sizes, d]); // (P, d + 1) × (N, d + 1, d)
}

/** (x, y, …, 1) of every place, row by row: (P, d + 1). */
function basis(sizes: Shape, alignCorners: boolean, dtype: DType): Tensor {
  const lines = sizes.map((n) =>
    Array.from({ length: n }, (_, i) => {
      if (alignCorners) return n > 1 ? (2 * i) / (n - 1) - 1 : 0;
      return (2 * i + 1) / n - 1;
    }),
  );
  const strides = rowMajor(sizes);
  const rows = Array.from({ length: numel(sizes) }, (_, place) => [
    ...lines.map((line, i) => line[Math.floor(place / strides[i]) % line.length]).reverse(),
    1,
  ]);
  return tensor(rows, { dtype });
}

/** The elements along a dimension that count for each place: (N, taps, P). */
interface Taps {
  /** which elements: whole numbers, of which those outside count as zeros */
  readonly at: Tensor;
  readonly weights: Tensor;
}

/** The weights of neighbours in each mode: polynomials of the distance behind the first, or for the cubic the second. */
const WEIGHTS = {
  nearest: [[1]],
  bilinear: [
    [1, -1],
    [0, 1],
  ],
  bicubic: cubic(SHARP),
};

/**
 * What pictures hold at the places of a grid, between their elements: the last dimension of the grid is (x, y) or (x, y, z),
 * from −1 to 1 over the picture.
 *
 * Shapes: x (N, C, H, W) and grid (N, H′, W′, 2) ─► (N, C, H′, W′), or (N, C, D, H, W) and (N, D′, H′, W′, 3) ─►
 * (N, C, D′, H′, W′), where mode `"bicubic"` is for pictures only. Both have gradients, but the grid none in mode
 * `"nearest"`. Throws a ShapeError if they do not fit. Jaderberg et al., Spatial transformer networks, 2015.
 *
 * ```ts
 * const x = tensor([[[[1, 2], [3, 4]]]]);
 * gridSample(x, tensor([[[[0, 0], [1, 0]]]]), { alignCorners: true }); // tensor([[[[2.5000, 3.0000]]]])
 * ```
 */
export function gridSample(x: Tensor, grid: Tensor, options: GridSampleOptions = {}): Tensor {
  const { mode = "bilinear", paddingMode = "zeros", alignCorners = false } = options;
  expectFit(x, grid, mode, paddingMode);
  const [N, C, ...sizes] = x.shape;
  const placed = grid.shape.slice(1, -1);
  const lines = sizes.map((n, i) => {
    const scaled = grid
      .select(-1, sizes.length - 1 - i)
      .reshape([N, 1, -1]) // (N, 1, P)
      .add(1);
    const place = alignCorners ? scaled.mul((n - 1) / 2) : scaled.mul(n).sub(1).div(2);
    return tapsOf(place, mode, (at) => brought(at, n, paddingMode, alignCorners));
  });
  const each = (f: (taps: Taps, i: number) => Tensor, join: (a: Tensor, b: Tensor) => Tensor): Tensor =>
    lines.map(f).reduce((a, b) => join(a.unsqueeze(2), b.unsqueeze(1)).flatten(1, 2)); // (N, T, P): every combination
  const strides = rowMajor(sizes);
  const known = each(
    ({ at }, i) => at.ge(0).logicalAnd(at.le(sizes[i] - 1)),
    (a, b) => a.logicalAnd(b),
  );
  const at = each(
    (taps, i) => taps.at.clamp(0, sizes[i] - 1).mul(strides[i]),
    (a, b) => a.add(b),
  ).to("i32");
  const weights = each(
    (taps) => taps.weights,
    (a, b) => a.mul(b),
  );
  const index = at.reshape([N, 1, -1]).expand([N, C, at.shape[1] * at.shape[2]]); // (N, C, T · P)
  const read = x.flatten(2).gather(2, index).unflatten(2, at.shape.slice(1)); // (N, C, T, P)
  return where(known.unsqueeze(1), read, 0)
    .mul(weights.unsqueeze(1))
    .sum(2) // (N, C, P)
    .unflatten(2, placed);
}

/** The elements that count for places (N, 1, P); `inside` brings what lies outside in. */
function tapsOf(place: Tensor, mode: keyof typeof WEIGHTS, inside: (at: Tensor) => Tensor): Taps {
  const polynomials = WEIGHTS[mode];
  const brought = mode === "bicubic" ? place : inside(place);
  const first = mode === "nearest" ? brought.detach().round() : brought.detach().floor();
  const t = brought.sub(first);
  const lists = polynomials[0].map((_, power) => {
    const coefficients = polynomials.map((polynomial) => polynomial[power]);
    return tensor(coefficients, { dtype: place.dtype }).unsqueeze(1); // (taps, 1)
  });
  const weights = lists.reduceRight((sum, coefficients) => sum.mul(t).add(coefficients)); // (N, taps, P)
  const start = mode === "bicubic" ? -1 : 0;
  const neighbours = arange(start, start + polynomials.length, { dtype: place.dtype }).unsqueeze(1); // (taps, 1)
  const at = first.add(neighbours);
  return { at: mode === "bicubic" ? inside(at).round() : at, weights };
}

function expectFit(x: Tensor, grid: Tensor, mode: string, paddingMode: string): void {
  const d = x.ndim - 2;
  if (!["bilinear", "nearest", "bicubic"].includes(mode) || !["zeros", "border", "reflection"].includes(paddingMode))
    throw new ArgumentError(`gridSample: there is no mode "${mode}" with padding "${paddingMode}".`);
  if (mode === "bicubic" && d === 3)
    throw new ShapeError(`gridSample: mode "bicubic" is for pictures (N, C, H, W), but got ${showShape(x.shape)}.`);
  const fits = grid.ndim === x.ndim && grid.shape[0] === x.shape[0] && grid.shape[grid.ndim - 1] === d;
  if ((d !== 2 && d !== 3) || !fits || x.shape.slice(2).includes(0)) {
    throw new ShapeError(
      `gridSample takes x (N, C, H, W) with a grid (N, H′, W′, 2), or (N, C, D, H, W) with (N, D′, H′, W′, 3), but got ${showShape(x.shape)} and ${showShape(grid.shape)}.`,
    );
  }
  if (x.dtype !== grid.dtype) {
    throw new ArgumentError(
      `gridSample needs a picture and a grid of one dtype, but got ${x.dtype} and ${grid.dtype}: convert with .to().`,
    );
  }
}

/** Places among n elements, those outside brought in as the padding says; at the bounds no gradient passes. */
function brought(at: Tensor, n: number, paddingMode: GridSampleOptions["paddingMode"], alignCorners: boolean): Tensor {
  if (paddingMode === "zeros") return at;
  const mirrored = paddingMode === "reflection" ? reflected(at, n, alignCorners) : at;
  const within = mirrored.gt(0).logicalAnd(mirrored.lt(n - 1));
  return where(within, mirrored, mirrored.detach().clamp(0, n - 1));
}

/** Places mirrored, as often as needed, at the centres of the outer elements or at their edges. */
function reflected(at: Tensor, n: number, alignCorners: boolean): Tensor {
  const [low, span] = alignCorners ? [0, n - 1] : [-0.5, n];
  if (span === 0) return at.mul(0);
  const distance = at.sub(low).abs();
  const turns = distance.detach().div(span, { rounding: "floor" });
  const rest = distance.sub(turns.mul(span));
  const even = turns.remainder(2).eq(0);
  return where(even, rest, rest.neg().add(span)).add(low);
}
