import { numel } from "../../core/shape.ts";
import { customGrad, type Tensor, where } from "../../tensor/index.ts";

export interface StandardizeOptions {
  /** bool, broadcast to x: what it leaves out is in no mean and comes out as 0 */
  mask?: Tensor;
  /** whether the mean is taken off, and the variance about it; true by default */
  centred?: boolean;
}

interface Averaging {
  readonly kept: (y: Tensor) => Tensor;
  readonly sum: (y: Tensor) => Tensor;
  readonly count: Tensor | number;
  readonly divisor: Tensor | number;
  readonly average: (y: Tensor) => Tensor;
}

/** The mean over `dims`, kept as 1s, and of how many values it is; of those where the mask holds, if there is one. */
export function averaging(shape: readonly number[], dims: readonly number[], mask?: Tensor): Averaging {
  const kept = (y: Tensor): Tensor => (mask ? where(mask, y, 0) : y);
  const sum = (y: Tensor): Tensor => y.sum(dims, { keepdim: true });
  const count = mask ? sum(mask.expand(shape)) : numel(dims.map((dim) => shape[dim]));
  const divisor = typeof count === "number" ? count : count.clamp(1); // a sum of nothing is 0, and so is its mean
  return { kept, sum, count, divisor, average: (y: Tensor): Tensor => sum(kept(y)).div(divisor) };
}

/**
 * (x − mean) / √(variance + eps) · weight over the given dimensions, with the biased variance; the weight broadcasts to x
 * and has as many dimensions.
 *
 * The derivative keeps nothing as large as x, and needs two sums over the dimensions: of g and of g·x̂. A weight that is
 * the same all along them stays out of the sums, which are then the gradients of the bias and of the weight.
 */
export function standardize(
  x: Tensor,
  weight: Tensor,
  dims: readonly number[],
  eps: number,
  options: StandardizeOptions = {},
): Tensor {
  const { mask, centred = true } = options;
  const isFactor = weight.shape.every((size, i) => size === (dims.includes(i) ? 1 : x.shape[i]));
  const shared = weight.shape.flatMap((size, i) => (size === 1 ? [i] : []));
  const { kept, sum, divisor, average } = averaging(x.shape, dims, mask);
  const deviation = (x: Tensor): Tensor => kept(centred ? x.sub(average(x)) : x);
  const scale = (d: Tensor): Tensor => average(d.mul(d)).add(eps).rsqrt();
  return customGrad(
    "standardize",
    (x, weight) => {
      const d = deviation(x);
      return d.mul(scale(d).mul(weight));
    },
    // With x̂ = d·r and h = g·weight: dx = (h − mean h − x̂·mean(h·x̂))·r.
    (g, _, x, weight) => {
      const d = deviation(x);
      const r = scale(d);
      const h = kept(isFactor ? g : g.mul(weight));
      const mean = sum(h).div(divisor);
      const along = sum(h.mul(d)).mul(r);
      const shift = d.mul(along.mul(r).div(divisor));
      const dx = h.sub(centred ? shift.add(mean) : shift).mul(isFactor ? r.mul(weight) : r);
      const dweight = isFactor ? along : g.mul(r).mul(d).sum(shared, { keepdim: true });
      return [kept(dx).to(x.dtype), dweight.to(weight.dtype)];
    },
  )(x, weight);
}
