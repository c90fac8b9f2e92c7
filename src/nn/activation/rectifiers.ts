/** Functions that leave x as it is above 0 and bend it below. */

import { ArgumentError, ShapeError } from "../../core/errors.ts";
import { sameShape, showShape } from "../../core/shape.ts";
import {
  type DType,
  full,
  type Generator,
  Parameter,
  softplus as plainSoftplus,
  rand,
  relu,
  type Tensor,
  where,
} from "../../tensor/index.ts";
import { checkCounts } from "../counts.ts";
import { Module } from "../module.ts";
import { Activation } from "./activation.ts";
import { hardtanh } from "./sigmoids.ts";

/** x above 0, f(x) elsewhere. Above 0, f sees 0: what it would overflow to there could reach the gradient as NaN. */
function bent(x: Tensor, f: (x: Tensor) => Tensor): Tensor {
  const above = x.gt(0);
  return where(above, x, f(where(above, 0, x)));
}

/** `relu` as a module. Nair and Hinton, Rectified linear units improve restricted Boltzmann machines, 2010. */
export class ReLU extends Activation {
  override forward(x: Tensor): Tensor {
    return relu(x);
  }
}

/**
 * min(max(x, 0), 6); the derivative at 0 and at 6 is 0.
 *
 * Shapes: (…) ─► (…). Krizhevsky, Convolutional deep belief networks on CIFAR-10, 2010.
 *
 * ```ts
 * relu6(tensor([-1, 2, 7])); // tensor([0., 2., 6.])
 * ```
 */
export function relu6(x: Tensor): Tensor {
  return hardtanh(x, { minVal: 0, maxVal: 6 });
}

/** `relu6` as a module. */
export class ReLU6 extends Activation {
  override forward(x: Tensor): Tensor {
    return relu6(x);
  }
}

export interface LeakyReluOptions {
  /** the derivative at and below 0; 0.01 by default */
  negativeSlope?: number;
}

/**
 * x above 0, negativeSlope · x elsewhere.
 *
 * Shapes: (…) ─► (…). Maas, Hannun and Ng, Rectifier nonlinearities improve neural network acoustic models, 2013.
 *
 * ```ts
 * leakyRelu(tensor([-2, 3]), { negativeSlope: 0.1 }); // tensor([-0.2000,  3.0000])
 * ```
 */
export function leakyRelu(x: Tensor, options: LeakyReluOptions = {}): Tensor {
  const { negativeSlope = 0.01 } = options;
  return bent(x, (v) => v.mul(negativeSlope));
}

/** `leakyRelu` with options of its own. */
export class LeakyReLU extends Activation<LeakyReluOptions> {
  override forward(x: Tensor): Tensor {
    return leakyRelu(x, this.options);
  }
}

/**
 * x above 0, weight · x elsewhere, with one weight or one a channel.
 *
 * Shapes: x (…) and weight () or (1), or x (N, C, …) and weight (C) ─► x's. Throws a ShapeError if they do not fit.
 * He et al., Delving deep into rectifiers, 2015.
 *
 * ```ts
 * prelu(tensor([[-2, -2]]), tensor([0.1, 0.5])); // tensor([[-0.2000, -1.0000]])
 * ```
 */
export function prelu(x: Tensor, weight: Tensor): Tensor {
  const single = weight.numel() === 1;
  if (!single && !(x.ndim > 1 && sameShape(weight.shape, [x.shape[1]]))) {
    throw new ShapeError(
      `prelu needs one weight or one a channel of an input (N, C, …), but got weights ${showShape(weight.shape)} and an input ${showShape(x.shape)}.`,
    );
  }
  const slope = weight.reshape(single ? [] : x.shape.map((_, i) => (i === 1 ? -1 : 1))); // (C) ─► (1, C, 1, …)
  return bent(x, (v) => v.mul(slope));
}

export interface PReluOptions {
  /** the weights at first; 0.25 by default */
  init?: number;
  /** of the weights; f32 by default */
  dtype?: DType;
}

/**
 * `prelu` with weights that are learned: one, or `numParameters` for as many channels.
 *
 * ```ts
 * const layer = new PReLU(3, { init: 0.1 });
 * layer; // PReLU(numParameters=3)
 * layer.weight.shape; // [ 3 ]
 * ```
 */
export class PReLU extends Module {
  readonly numParameters: number;
  readonly weight: Parameter;

  constructor(numParameters = 1, options: PReluOptions = {}) {
    super();
    checkCounts("PReLU", { numParameters });
    const { init = 0.25, dtype } = options;
    this.numParameters = numParameters;
    this.weight = new Parameter(full([numParameters], init, { dtype }));
  }

  override forward(x: Tensor): Tensor {
    return this.within(() => prelu(x, this.weight));
  }

  override extraRepr(): string {
    return `numParameters=${this.numParameters}`;
  }
}

export interface RReluOptions {
  /** the least slope; 1/8 by default */
  lower?: number;
  /** the greatest slope; 1/3 by default */
  upper?: number;
  /** what the slopes are drawn from; the default generator if left out */
  generator?: Generator;
}

/**
 * x above 0, a·x elsewhere: in training each element has an a of its own, drawn evenly from [lower, upper), otherwise a
 * is their mean.
 *
 * Shapes: (…) ─► (…). Throws an ArgumentError if lower > upper. Xu et al., Empirical evaluation of rectified activations
 * in convolutional network, 2015.
 *
 * ```ts
 * rrelu(tensor([-24, 3])); // tensor([-5.5000,  3.0000])
 * ```
 */
export function rrelu(x: Tensor, options: RReluOptions & { training?: boolean } = {}): Tensor {
  const { lower = 1 / 8, upper = 1 / 3, training = false, generator } = options;
  if (!(lower <= upper)) throw new ArgumentError(`rrelu: slopes from ${lower} to ${upper} are none: swap the bounds.`);
  if (!training) return leakyRelu(x, { negativeSlope: (lower + upper) / 2 });
  const slope = rand(x.shape, { dtype: x.dtype, generator })
    .mul(upper - lower)
    .add(lower);
  return bent(x, (v) => v.mul(slope));
}

/** `rrelu` with options of its own: random in training, the mean slope in evaluation. */
export class RReLU extends Activation<RReluOptions> {
  override forward(x: Tensor): Tensor {
    return rrelu(x, { ...this.options, training: this.training });
  }
}

export interface EluOptions {
  /** α: what x is bent to is −α; 1 by default */
  alpha?: number;
}

/**
 * x above 0, α·(eˣ − 1) elsewhere.
 *
 * Shapes: (…) ─► (…). Clevert, Unterthiner and Hochreiter, Fast and accurate deep network learning by exponential linear
 * units (ELUs), 2016.
 *
 * ```ts
 * elu(tensor([-1, 2])); // tensor([-0.6321,  2.0000])
 * ```
 */
export function elu(x: Tensor, options: EluOptions = {}): Tensor {
  const { alpha = 1 } = options;
  return bent(x, (v) => v.expm1().mul(alpha));
}

/** `elu` with options of its own. */
export class ELU extends Activation<EluOptions> {
  override forward(x: Tensor): Tensor {
    return elu(x, this.options);
  }
}

/**
 * x above 0, α·(e^(x/α) − 1) elsewhere: ELU with a derivative of 1 at 0 for every α.
 *
 * Shapes: (…) ─► (…). Throws an ArgumentError if α is 0. Barron, Continuously differentiable exponential linear units,
 * 2017.
 *
 * ```ts
 * celu(tensor([-1, 2]), { alpha: 2 }); // tensor([-0.7869,  2.0000])
 * ```
 */
export function celu(x: Tensor, options: EluOptions = {}): Tensor {
  const { alpha = 1 } = options;
  if (alpha === 0) throw new ArgumentError("celu divides by alpha, which is 0: relu is the limit.");
  return bent(x, (v) => v.div(alpha).expm1().mul(alpha));
}

/** `celu` with options of its own. */
export class CELU extends Activation<EluOptions> {
  override forward(x: Tensor): Tensor {
    return celu(x, this.options);
  }
}

// The fixed point: with these, inputs of mean 0 and variance 1 give outputs of mean 0 and variance 1.
const SELU_ALPHA = 1.6732632423543772;
const SELU_SCALE = 1.0507009873554805;

/**
 * λ·x above 0, λ·α·(eˣ − 1) elsewhere, with α = 1.6733 and λ = 1.0507, which keep mean 0 and variance 1.
 *
 * Shapes: (…) ─► (…). Klambauer et al., Self-normalizing neural networks, 2017.
 *
 * ```ts
 * selu(tensor([-1, 2])); // tensor([-1.1113,  2.1014])
 * ```
 */
export function selu(x: Tensor): Tensor {
  return elu(x, { alpha: SELU_ALPHA }).mul(SELU_SCALE);
}

/** `selu` as a module. */
export class SELU extends Activation {
  override forward(x: Tensor): Tensor {
    return selu(x);
  }
}

export interface SoftplusOptions {
  /** β: how sharply it bends; 1 by default */
  beta?: number;
  /** beyond this β·x counts as a straight line; never by default, since nothing overflows */
  threshold?: number;
}

/**
 * log(1 + e^(βx)) / β, a smooth rectifier; its derivative is sigmoid(βx).
 *
 * Shapes: (…) ─► (…). PyTorch's threshold of 20 changes the value by 2e-9 at most. Dugas et al., Incorporating
 * second-order functional knowledge for better option pricing, 2001.
 *
 * ```ts
 * softplus(tensor([0, 1])); // tensor([0.6931, 1.3133])
 * softplus(tensor([0, 1]), { beta: 10 }); // tensor([0.0693, 1.0000])
 * ```
 */
export function softplus(x: Tensor, options: SoftplusOptions = {}): Tensor {
  const { beta = 1, threshold } = options;
  const y = beta === 1 ? plainSoftplus(x) : plainSoftplus(x.mul(beta)).div(beta);
  return threshold === undefined ? y : where(x.mul(beta).gt(threshold), x, y);
}

/** `softplus` with options of its own. */
export class Softplus extends Activation<SoftplusOptions> {
  override forward(x: Tensor): Tensor {
    return softplus(x, this.options);
  }
}

/**
 * x above the threshold, `value` elsewhere.
 *
 * Shapes: (…) ─► (…). `relu` is threshold(x, 0, 0).
 * PyTorch documentation, torch.nn.Threshold.
 *
 * ```ts
 * threshold(tensor([0.5, 1, 3]), 1, -7); // tensor([-7., -7.,  3.])
 * ```
 */
export function threshold(x: Tensor, threshold: number, value: number): Tensor {
  return where(x.le(threshold), value, x);
}

/**
 * `threshold` with a threshold and a value of its own.
 *
 * ```ts
 * new Threshold(1, -7).forward(tensor([0.5, 3])); // tensor([-7.,  3.])
 * ```
 */
export class Threshold extends Module {
  readonly threshold: number;
  readonly value: number;

  constructor(threshold: number, value: number) {
    super();
    this.threshold = threshold;
    this.value = value;
  }

  override forward(x: Tensor): Tensor {
    return threshold(x, this.threshold, this.value);
  }

  override extraRepr(): string {
    return `threshold=${this.threshold}, value=${this.value}`;
  }
}
