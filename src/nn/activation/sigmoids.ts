/** S-shaped functions, which go from one level to another, their inverse and their logarithm. */

import { ArgumentError } from "../../core/errors.ts";
import {
  customGrad,
  logit,
  logSigmoid,
  sigmoid as plainSigmoid,
  tanh as plainTanh,
  type Tensor,
  where,
} from "../../tensor/index.ts";
import { Activation } from "./activation.ts";

export interface SteepnessOptions {
  /** λ: the function of λ·x, whose derivative is λ times as large; 1 by default */
  steepness?: number;
}

const steeper = (x: Tensor, { steepness = 1 }: SteepnessOptions): Tensor => (steepness === 1 ? x : x.mul(steepness));

/**
 * The logistic function of λ·x, 1 / (1 + e^(−λx)).
 *
 * Shapes: (…) ─► (…). Verhulst, Recherches mathématiques sur la loi d'accroissement de la population, 1845.
 *
 * ```ts
 * sigmoid(tensor([0, 1])); // tensor([0.5000, 0.7311])
 * sigmoid(tensor([0, 1]), { steepness: 3 }); // tensor([0.5000, 0.9526])
 * ```
 */
export function sigmoid(x: Tensor, options: SteepnessOptions = {}): Tensor {
  return plainSigmoid(steeper(x, options));
}

/** `sigmoid` with options of its own. */
export class Sigmoid extends Activation<SteepnessOptions> {
  override forward(x: Tensor): Tensor {
    return sigmoid(x, this.options);
  }
}

/**
 * The hyperbolic tangent of λ·x, (e^(λx) − e^(−λx)) / (e^(λx) + e^(−λx)).
 *
 * Shapes: (…) ─► (…). LeCun et al., Efficient backprop, 1998.
 *
 * ```ts
 * tanh(tensor([0, 1])); // tensor([0.0000, 0.7616])
 * tanh(tensor([0, 1]), { steepness: 0.5 }); // tensor([0.0000, 0.4621])
 * ```
 */
export function tanh(x: Tensor, options: SteepnessOptions = {}): Tensor {
  return plainTanh(steeper(x, options));
}

/** `tanh` with options of its own. */
export class Tanh extends Activation<SteepnessOptions> {
  override forward(x: Tensor): Tensor {
    return tanh(x, this.options);
  }
}

/** `logit` with options of its own. Berkson, Application of the logistic function to bio-assay, 1944. */
export class Logit extends Activation<{ eps?: number }> {
  override forward(x: Tensor): Tensor {
    return logit(x, this.options);
  }
}

/** `logSigmoid` as a module. PyTorch documentation, torch.nn.LogSigmoid. */
export class LogSigmoid extends Activation {
  override forward(x: Tensor): Tensor {
    return logSigmoid(x);
  }
}

export interface HardtanhOptions {
  /** the lower level; −1 by default */
  minVal?: number;
  /** the upper level; 1 by default */
  maxVal?: number;
}

/**
 * x limited to [minVal, maxVal]; unlike `clamp`'s, the derivative is 0 at the bounds.
 *
 * Shapes: (…) ─► (…). Collobert, Large scale machine learning, 2004.
 *
 * ```ts
 * hardtanh(tensor([-2, 0.5, 3])); // tensor([-1.0000,  0.5000,  1.0000])
 * ```
 */
export function hardtanh(x: Tensor, options: HardtanhOptions = {}): Tensor {
  const { minVal = -1, maxVal = 1 } = options;
  if (!(minVal <= maxVal))
    throw new ArgumentError(`hardtanh: minVal is at most maxVal, but they are ${minVal} and ${maxVal}.`);
  return where(x.le(minVal), minVal, where(x.ge(maxVal), maxVal, x));
}

/** `hardtanh` with options of its own. */
export class Hardtanh extends Activation<HardtanhOptions> {
  override forward(x: Tensor): Tensor {
    return hardtanh(x, this.options);
  }
}

/**
 * (x + 3) / 6 limited to [0, 1]; the derivative at ±3 is 0.
 *
 * Shapes: (…) ─► (…). Howard et al., Searching for MobileNetV3, 2019.
 *
 * ```ts
 * hardsigmoid(tensor([-4, 0, 1.5])); // tensor([0.0000, 0.5000, 0.7500])
 * ```
 */
export function hardsigmoid(x: Tensor): Tensor {
  return hardtanh(x, { minVal: -3, maxVal: 3 }).add(3).div(6);
}

/** `hardsigmoid` as a module. */
export class Hardsigmoid extends Activation {
  override forward(x: Tensor): Tensor {
    return hardsigmoid(x);
  }
}

// Beyond it, 1 + |x| is |x| in every dtype.
const LARGE = 1e30;

/**
 * x / (1 + |x|), ±1 at ±∞; its derivative is 1 / (1 + |x|)².
 *
 * Shapes: (…) ─► (…). Bergstra et al., Quadratic polynomials learn better image features, 2009.
 *
 * ```ts
 * softsign(tensor([-1, 0, 3])); // tensor([-0.5000,  0.0000,  0.7500])
 * ```
 */
export function softsign(x: Tensor): Tensor {
  return customGrad(
    "softsign",
    (v) => {
      const finite = v.clamp(-LARGE, LARGE);
      return finite.div(finite.abs().add(1));
    },
    (g, _, v) => [g.div(v.abs().add(1).square())],
  )(x);
}

/** `softsign` as a module. */
export class Softsign extends Activation {
  override forward(x: Tensor): Tensor {
    return softsign(x);
  }
}
