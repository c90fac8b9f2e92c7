import { ArgumentError, ShapeError } from "../../core/errors.ts";
import { numel, rowMajor, type Shape, showShape } from "../../core/shape.ts";
import { type DType, type Tensor, tensor, where } from "../../tensor/index.ts";
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

/** One of the elements along a dimension that an output reads. */
interface Tap {
  /** whole numbers, in the grid's dtype; those outside count as zeros */
  readonly at: Tensor;
  readonly weight: Tensor | undefined;
}

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
  const taps = sizes.map((n, i) => {
    const place = grid.select(-1, sizes.length - 1 - i).reshape([N, -1]); // (N, P)
    const scaled = alignCorners ? place.add(1).mul((n - 1) / 2) : place.add(1).mul(n).sub(1).div(2);
    const inside = (at: Tensor) => brought(at, n, paddingMode, alignCorners);
    if (mode === "bicubic") return fourNeighbours(scaled, inside);
    return mode === "nearest" ? [{ at: inside(scaled).round(), weight: undefined }] : twoNeighbours(inside(scaled));
  });
  const flat = x.flatten(2); // (N, C, S)
  const strides = rowMajor(sizes);
  return combinations(taps)
    .map((corner) => {
      const at = corner
        .map((tap, i) => tap.at.clamp(0, sizes[i] - 1).mul(strides[i]))
        .reduce((a, b) => a.add(b))
        .to("i32"); // (N, P)
      const known = corner
        .map((tap, i) => tap.at.ge(0).logicalAnd(tap.at.le(sizes[i] - 1)))
        .reduce((a, b) => a.logicalAnd(b));
      const read = flat.gather(2, at.unsqueeze(1).expand([N, C, numel(placed)])); // (N, C, P)
      const value = where(known.unsqueeze(1), read, 0);
      const weights = corner.flatMap(({ weight }) => (weight ? [weight] : []));
      return weights.length === 0 ? value : value.mul(weights.reduce((a, b) => a.mul(b)).unsqueeze(1));
    })
    .reduce((a, b) => a.add(b))
    .unflatten(2, placed);
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

function twoNeighbours(place: Tensor): Tap[] {
  const at = place.detach().floor();
  const t = place.sub(at);
  return [
    { at, weight: t.neg().add(1) },
    { at: at.add(1), weight: t },
  ];
}

function fourNeighbours(place: Tensor, inside: (at: Tensor) => Tensor): Tap[] {
  const at = place.detach().floor();
  const t = place.sub(at);
  return cubic(SHARP).map(([c0, c1, c2, c3], k) => ({
    at: inside(at.add(k - 1)).round(),
    weight: t.mul(c3).add(c2).mul(t).add(c1).mul(t).add(c0),
  }));
}

/** One tap of each dimension, in every way. */
const combinations = (taps: readonly (readonly Tap[])[]): Tap[][] =>
  taps.reduce<Tap[][]>((all, line) => all.flatMap((corner) => line.map((tap) => [...corner, tap])), [[]]);
