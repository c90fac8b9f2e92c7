/** The outputs of the first neurons: a threshold, and a weighted sum as it is. */

import { type Tensor, where } from "../../tensor/index.ts";
import { Activation } from "./activation.ts";

export interface StepOptions {
  /** from here on the neuron fires; 0 by default */
  threshold?: number;
}

/**
 * 1 where x ≥ threshold, 0 below; NaN stays NaN, and the derivative is 0 everywhere.
 *
 * Shapes: (…) ─► (…). Rosenblatt, The perceptron: A probabilistic model for information storage and organization in the
 * brain, 1958.
 *
 * ```ts
 * step(tensor([-1, 0, 2])); // tensor([0., 1., 1.])
 * ```
 */
export function step(x: Tensor, options: StepOptions = {}): Tensor {
  return where(x.isnan(), x, x.ge(options.threshold ?? 0).to(x.dtype));
}

/** `step` with options of its own. */
export class Step extends Activation<StepOptions> {
  override forward(x: Tensor): Tensor {
    return step(x, this.options);
  }
}

export interface LinearActivationOptions {
  /** a; 1 by default, which gives x itself */
  slope?: number;
}

/**
 * a·x: what a neuron gives that only adds up; `Identity` is the module with a = 1.
 *
 * Shapes: (…) ─► (…). Widrow and Hoff, Adaptive switching circuits, 1960.
 *
 * ```ts
 * linearActivation(tensor([-1, 2]), { slope: 3 }); // tensor([-3.,  6.])
 * ```
 */
export function linearActivation(x: Tensor, options: LinearActivationOptions = {}): Tensor {
  const { slope = 1 } = options;
  return slope === 1 ? x : x.mul(slope);
}

/** `linearActivation` with options of its own. */
export class LinearActivation extends Activation<LinearActivationOptions> {
  override forward(x: Tensor): Tensor {
    return linearActivation(x, this.options);
  }
}
