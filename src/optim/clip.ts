import { askedBy, indexSelect, minimum, noGrad, stack, type Tensor, zeros } from "../tensor/index.ts";
import { requireAtLeastZero } from "./group.ts";

export interface ClipGradNormOptions {
  /** p of the norm; 2 by default, Infinity is the largest magnitude */
  normType?: number;
  /** whether a norm that is NaN or infinite is an error, and the step does not happen; false by default */
  errorIfNonfinite?: boolean;
}

/**
 * Scales all gradients by min(1, maxNorm / (‖g‖ + 1e-6)), where ‖g‖ is the norm of all their numbers; gives ‖g‖.
 *
 * The norm is computed in f64, so that large gradients of f32 do not overflow, and has the first gradient's dtype; it is
 * 0 without any. Call it between `backward` and `step`, inside of `compile` too. Throws an ArgumentError if maxNorm or
 * normType is negative; with `errorIfNonfinite` an IndexError that says so, when the norm or the step is computed, and
 * then no parameter has changed.
 * Pascanu, Mikolov and Bengio, On the difficulty of training recurrent neural networks, 2013.
 *
 * ```ts
 * const w = new Parameter(tensor([3, 4]));
 * w.mul(w).sum().backward();
 * clipGradNorm([w], 1); // tensor(10.)
 * w.grad; // tensor([0.6000, 0.8000])
 * ```
 */
export function clipGradNorm(
  parameters: readonly Tensor[],
  maxNorm: number,
  options: ClipGradNormOptions = {},
): Tensor {
  const { normType = 2, errorIfNonfinite = false } = options;
  requireAtLeastZero("clipGradNorm: maxNorm", maxNorm);
  requireAtLeastZero("clipGradNorm: normType", normType);
  return noGrad(() => {
    const grads = gradsOf(parameters);
    if (grads.length === 0) return zeros([]);
    const norms = grads.map((grad) => grad.to("f64").norm(normType));
    const total = stack(norms).norm(normType); // ()
    const norm = errorIfNonfinite ? finite(total) : total;
    const scale = minimum(norm.add(1e-6).reciprocal().mul(maxNorm), 1);
    for (const parameter of parameters) {
      const { grad } = parameter;
      if (grad) parameter.grad = grad.mul(scale.to(grad.dtype));
    }
    return norm.to(grads[0].dtype);
  });
}

/**
 * Puts every number of all gradients into [−value, value]; NaN stays. Inside of `compile` too.
 *
 * Throws an ArgumentError if value is negative.
 * PyTorch documentation, torch.nn.utils.clip_grad_value_.
 *
 * ```ts
 * const w = new Parameter(tensor([0.1, -4]));
 * w.mul(w).sum().backward();
 * clipGradValue([w], 1);
 * w.grad; // tensor([ 0.2000, -1.0000])
 * ```
 */
export function clipGradValue(parameters: readonly Tensor[], value: number): void {
  requireAtLeastZero("clipGradValue: value", value);
  noGrad(() => {
    for (const parameter of parameters) parameter.grad = parameter.grad?.clamp(-value, value);
  });
}

const gradsOf = (parameters: readonly Tensor[]): Tensor[] => parameters.flatMap(({ grad }) => grad ?? []);

/** The number itself, read at a place that exists only if it is finite: programs check places, and nothing else. */
function finite(x: Tensor): Tensor {
  const place = x.isfinite().logicalNot().to("i32").reshape([1]);
  return askedBy(
    "clipGradNorm",
    () => indexSelect(x.reshape([1]), 0, place).reshape([]),
    "the norm of the gradients is not finite, and errorIfNonfinite asks for an error.",
  );
}
