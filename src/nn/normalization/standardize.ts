import { numel } from "../../core/shape.ts";
import { customGrad, type Tensor } from "../../tensor/index.ts";

/**
 * (x − mean) / √(variance + eps) · weight over the given dimensions, with the biased variance; the weight has 1s either
 * there or everywhere else.
 *
 * The derivative keeps nothing as large as x, and needs two sums over the dimensions: of g and of g·x̂. A weight that is
 * the same all along them stays out of the sums, which are then the gradients of the bias and of the weight.
 */
export function standardize(x: Tensor, weight: Tensor, dims: readonly number[], eps: number): Tensor {
  const others = x.shape.map((_, i) => i).filter((i) => !dims.includes(i));
  const isFactor = weight.shape.every((size, i) => size === (dims.includes(i) ? 1 : x.shape[i]));
  const count = numel(dims.map((dim) => x.shape[dim]));
  const deviation = (x: Tensor): Tensor => x.sub(x.mean(dims, { keepdim: true }));
  const scale = (x: Tensor): Tensor => x.var(dims, { correction: 0, keepdim: true }).add(eps).rsqrt();
  const sum = (y: Tensor): Tensor => y.sum(dims, { keepdim: true });
  return customGrad(
    "standardize",
    (x, weight) => deviation(x).mul(scale(x).mul(weight)),
    // With x̂ = d·r and h = g·weight: dx = (h − mean h − x̂·mean(h·x̂))·r.
    (g, _, x, weight) => {
      const [d, r] = [deviation(x), scale(x)];
      const h = isFactor ? g : g.mul(weight);
      const mean = sum(h).div(count);
      const along = sum(h.mul(d)).mul(r);
      const dx = h.sub(d.mul(along.mul(r).div(count)).add(mean)).mul(isFactor ? r.mul(weight) : r);
      const dweight = isFactor ? along : g.mul(r).mul(d).sum(others, { keepdim: true });
      return [dx.to(x.dtype), dweight.to(weight.dtype)];
    },
  )(x, weight);
}
