/** Functions that pull x towards 0, and what is small onto it. */

import { ArgumentError } from "../../core/errors.ts";
import { type Tensor, tanh, where } from "../../tensor/index.ts";
import { Activation } from "./activation.ts";

export interface ShrinkOptions {
  /** λ, at least 0; 0.5 by default */
  lambd?: number;
}

/**
 * x − λ above λ, x + λ below −λ, 0 between.
 *
 * Shapes: (…) ─► (…). Throws an ArgumentError if λ is negative. Donoho and Johnstone, Ideal spatial adaptation by wavelet
 * shrinkage, 1994.
 *
 * ```ts
 * softshrink(tensor([-2, 0.3, 1])); // tensor([-1.5000,  0.0000,  0.5000])
 * ```
 */
export function softshrink(x: Tensor, options: ShrinkOptions = {}): Tensor {
  const { lambd = 0.5 } = options;
  if (!(lambd >= 0)) throw new ArgumentError(`softshrink: lambd must be at least 0, but is ${lambd}.`);
  return x.sub(x.clamp(-lambd, lambd));
}

/** `softshrink` with options of its own. */
export class Softshrink extends Activation<ShrinkOptions> {
  override forward(x: Tensor): Tensor {
    return softshrink(x, this.options);
  }
}

/**
 * x where |x| > λ, 0 elsewhere.
 *
 * Shapes: (…) ─► (…). Donoho and Johnstone, Ideal spatial adaptation by wavelet shrinkage, 1994.
 *
 * ```ts
 * hardshrink(tensor([-2, 0.3, 1])); // tensor([-2.,  0.,  1.])
 * ```
 */
export function hardshrink(x: Tensor, options: ShrinkOptions = {}): Tensor {
  return where(x.abs().le(options.lambd ?? 0.5), 0, x);
}

/** `hardshrink` with options of its own. */
export class Hardshrink extends Activation<ShrinkOptions> {
  override forward(x: Tensor): Tensor {
    return hardshrink(x, this.options);
  }
}

/**
 * x − tanh(x), about x³/3 near 0.
 *
 * Shapes: (…) ─► (…). Collobert, Kavukcuoglu and Farabet, Torch7: A Matlab-like environment for machine learning, 2011.
 *
 * ```ts
 * tanhshrink(tensor([-2, 0.3])); // tensor([-1.0360,  0.0087])
 * ```
 */
export function tanhshrink(x: Tensor): Tensor {
  return x.sub(tanh(x));
}

/** `tanhshrink` as a module. */
export class Tanhshrink extends Activation {
  override forward(x: Tensor): Tensor {
    return tanhshrink(x);
  }
}
