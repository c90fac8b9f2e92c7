/** x times a gate that x itself opens, from 0 at −∞ to 1 at ∞: smooth rectifiers. */

import { ArgumentError } from "../../core/errors.ts";
import {
  customGrad,
  type DType,
  full,
  Parameter,
  sigmoid,
  softplus,
  type Tensor,
  tanh,
  where,
} from "../../tensor/index.ts";
import { Module } from "../module.ts";
import { Activation } from "./activation.ts";
import { hardsigmoid } from "./sigmoids.ts";

/** x, or 0 where the factor is 0, so that their product is 0 there also at ±∞: the factor vanishes faster than x grows. */
const whereAlive = (x: Tensor, factor: Tensor): Tensor => where(factor.eq(0), 0, x);

/** x·gate(x), with the derivative gate + x·gate′, where `slope` gives gate′. */
function selfGated(
  name: string,
  x: Tensor,
  gate: (x: Tensor) => Tensor,
  slope: (x: Tensor, gate: Tensor) => Tensor,
): Tensor {
  return customGrad(
    name,
    (v) => {
      const open = gate(v);
      return whereAlive(v, open).mul(open);
    },
    (g, _, v) => {
      const open = gate(v);
      const rising = slope(v, open);
      return [g.mul(open.add(whereAlive(v, rising).mul(rising)))];
    },
  )(x);
}

export interface GeluOptions {
  /** `"tanh"` is faster where erf is slow, and differs by up to 4.7e-4; `"none"` by default */
  approximate?: "none" | "tanh";
}

/**
 * x·Φ(x), where Φ(x) = (1 + erf(x/√2)) / 2 is the normal distribution's; with `approximate: "tanh"`, Φ is
 * (1 + tanh(√(2/π)·(x + 0.044715·x³))) / 2.
 *
 * Shapes: (…) ─► (…). Hendrycks and Gimpel, Gaussian error linear units (GELUs), 2016.
 *
 * ```ts
 * gelu(tensor([-1, 2])); // tensor([-0.1587,  1.9545])
 * gelu(tensor([-1, 2]), { approximate: "tanh" }); // tensor([-0.1588,  1.9546])
 * ```
 */
export function gelu(x: Tensor, options: GeluOptions = {}): Tensor {
  const { approximate = "none" } = options;
  if (approximate !== "none" && approximate !== "tanh")
    throw new ArgumentError(`gelu: approximate is "none" or "tanh", but is "${approximate}".`);
  if (approximate === "tanh") {
    const [a, b] = [2 * Math.sqrt(2 / Math.PI), 0.044715];
    return selfGated(
      "gelu",
      x,
      (v) => sigmoid(v.square().mul(b).add(1).mul(v).mul(a)), // (1 + tanh(z)) / 2 is sigmoid(2z)
      (v, gate) => {
        const peak = gate.mul(gate.neg().add(1));
        return whereAlive(v, peak)
          .square()
          .mul(3 * b)
          .add(1)
          .mul(a)
          .mul(peak);
      },
    );
  }
  return selfGated(
    "gelu",
    x,
    (v) => v.mul(Math.SQRT1_2).erf().add(1).mul(0.5),
    (v) =>
      v
        .square()
        .mul(-0.5)
        .exp()
        .mul(1 / Math.sqrt(2 * Math.PI)),
  );
}

/** `gelu` with options of its own. */
export class GELU extends Activation<GeluOptions> {
  override forward(x: Tensor): Tensor {
    return gelu(x, this.options);
  }
}

export interface SiluOptions {
  /** β, a number or one that is learned; 1 by default */
  beta?: number | Tensor;
}

/**
 * x·sigmoid(β·x): SiLU, and with another β Swish, which goes from x/2 (β = 0) to relu (β ─► ∞).
 *
 * Shapes: x (…), a β that broadcasts with it ─► (…). Elfwing, Uchibe and Doya, Sigmoid-weighted linear units for neural
 * network function approximation in reinforcement learning, 2018; Ramachandran, Zoph and Le, Searching for activation
 * functions, 2017.
 *
 * ```ts
 * silu(tensor([-1, 2])); // tensor([-0.2689,  1.7616])
 * silu(tensor([-1, 2]), { beta: 3 }); // tensor([-0.0474,  1.9951])
 * ```
 */
export function silu(x: Tensor, options: SiluOptions = {}): Tensor {
  const { beta = 1 } = options;
  if (typeof beta !== "number") {
    const gate = sigmoid(x.mul(beta));
    const open = gate.eq(1); // there x itself comes through: ∞ times the gate's derivative would be NaN
    return where(open, x, whereAlive(where(open, 0, x), gate).mul(gate));
  }
  return selfGated(
    "silu",
    x,
    (v) => sigmoid(v.mul(beta)),
    (_, gate) => gate.mul(gate.neg().add(1)).mul(beta),
  );
}

export interface SwishOptions {
  /** β, or what it is at first; 1 by default */
  beta?: number;
  /** whether β is learned; false by default */
  learned?: boolean;
  /** of a learned β; f32 by default */
  dtype?: DType;
}

/**
 * `silu` with a β of its own, fixed or learned (Swish).
 *
 * ```ts
 * const layer = new SiLU({ learned: true });
 * layer; // SiLU(beta=1, learned=true)
 * Object.keys(layer.stateDict()); // [ 'beta' ]
 * ```
 */
export class SiLU extends Module {
  readonly beta: number | Parameter;
  readonly #options: SwishOptions;

  constructor(options: SwishOptions = {}) {
    super();
    const { beta = 1, learned = false, dtype } = options;
    this.#options = options;
    this.beta = learned ? new Parameter(full([], beta, { dtype })) : beta;
  }

  override forward(x: Tensor): Tensor {
    return silu(x, { beta: this.beta });
  }

  override extraRepr(): string {
    const { beta = 1, learned = false } = this.#options;
    return `beta=${beta}, learned=${learned}`;
  }
}

/**
 * x·tanh(softplus(x)).
 *
 * Shapes: (…) ─► (…). Misra, Mish: A self regularized non-monotonic activation function, 2019.
 *
 * ```ts
 * mish(tensor([-1, 2])); // tensor([-0.3034,  1.9440])
 * ```
 */
export function mish(x: Tensor): Tensor {
  return selfGated(
    "mish",
    x,
    (v) => tanh(softplus(v)),
    (v, gate) => gate.square().neg().add(1).mul(sigmoid(v)),
  );
}

/** `mish` as a module. */
export class Mish extends Activation {
  override forward(x: Tensor): Tensor {
    return mish(x);
  }
}

/**
 * x·hardsigmoid(x), a piecewise SiLU. At its kinks ∓3 the derivative is that of the parabola between them: −1/2 and 3/2.
 *
 * Shapes: (…) ─► (…). Howard et al., Searching for MobileNetV3, 2019.
 *
 * ```ts
 * hardswish(tensor([-4, -1, 2])); // tensor([ 0.0000, -0.3333,  1.6667])
 * ```
 */
export function hardswish(x: Tensor): Tensor {
  return selfGated("hardswish", x, hardsigmoid, (v) => where(v.abs().le(3), 1 / 6, 0));
}

/** `hardswish` as a module. */
export class Hardswish extends Activation {
  override forward(x: Tensor): Tensor {
    return hardswish(x);
  }
}
