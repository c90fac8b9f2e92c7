import { GradError } from "../core/errors.ts";
import type { Value } from "../core/graph.ts";
import { apply1, isGradEnabled, withGrad } from "../core/primitives.ts";
import { sameShape, showShape } from "../core/shape.ts";
import { type Tensor, wrap } from "./tensor.ts";

/** A function of tensors. */
export type TensorFunction = (...inputs: Tensor[]) => Tensor;

/** The gradient of a function's inputs from the gradient `g` of its output `y`; undefined where there is none. */
export type Vjp = (g: Tensor, y: Tensor, ...inputs: Tensor[]) => readonly (Tensor | undefined)[];

/**
 * A function with a derivative of its own: `forward` is not differentiated, `vjp` says what its gradient is.
 *
 * `vjp(g, y, ...inputs)` gives one gradient an input, in the input's shape. It is made of tensor operations, so it can
 * be differentiated again. Throws a GradError if a gradient has another shape than its input.
 *
 * ```ts
 * const straightThrough = customGrad("round", (x) => x.round(), (g) => [g]);
 * const x = tensor([0.6, 1.2], { requiresGrad: true });
 * straightThrough(x).sum().backward();
 * x.grad; // tensor([1., 1.])
 * ```
 */
export function customGrad(name: string, forward: TensorFunction, vjp: Vjp): TensorFunction {
  return (...inputs) => {
    const values = inputs.map((x) => x.value);
    const result = withGrad(false, () => forward(...values.map(wrap)));
    if (!isGradEnabled() || !values.some((value) => value.requiresGrad)) return result;
    const output: Value = apply1("custom", [result.value, ...values], {
      name,
      vjp: ([cotangent]) => {
        if (!cotangent) return [];
        const gradients = vjp(wrap(cotangent), wrap(output), ...values.map(wrap));
        gradients.forEach((gradient, i) => {
          if (gradient && !sameShape(gradient.shape, values[i].shape)) {
            throw new GradError(
              `customGrad "${name}": the gradient of input ${i}, ${showShape(values[i].shape)}, has shape ${showShape(gradient.shape)}.`,
            );
          }
        });
        return [undefined, ...gradients.map((gradient) => gradient?.value)];
      },
    });
    return wrap(output);
  };
}
