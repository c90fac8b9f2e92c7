/** Values whose size follows from the layer's, so that neither activities nor gradients grow or vanish with depth. */

import { ArgumentError, ShapeError } from "../../core/errors.ts";
import { numel, type Shape, showShape } from "../../core/shape.ts";
import { type DType, Parameter, randn, type Variable } from "../../tensor/index.ts";
import { evenly, type InitOptions, put } from "./fill.ts";

/** What follows the layer. `"linear"` stands for convolutions and for nothing as well. */
export type Nonlinearity = "linear" | "sigmoid" | "tanh" | "relu" | "leakyRelu" | "selu";

/**
 * By how much weights are to be larger for what follows the layer: 1 for linear and sigmoid, 5/3 for tanh, √2 for ReLU,
 * √(2 / (1 + slope²)) for leaky ReLU (slope 0.01 by default), 3/4 for SELU, as in PyTorch.
 *
 * Throws an ArgumentError for another name. He et al., Delving deep into rectifiers, 2015.
 *
 * ```ts
 * init.calculateGain("relu"); // 1.4142135623730951
 * init.calculateGain("leakyRelu", 1); // 1
 * ```
 */
export function calculateGain(nonlinearity: Nonlinearity, slope = 0.01): number {
  const gains: Record<Nonlinearity, number> = {
    linear: 1,
    sigmoid: 1,
    tanh: 5 / 3,
    relu: Math.SQRT2,
    leakyRelu: Math.sqrt(2 / (1 + slope ** 2)),
    selu: 3 / 4,
  };
  if (!Object.hasOwn(gains, nonlinearity)) {
    throw new ArgumentError(
      `init.calculateGain: there is no "${nonlinearity}"; there are ${Object.keys(gains).join(", ")}.`,
    );
  }
  return gains[nonlinearity];
}

/** Inputs and outputs that each output and input of a weight (out, in, *kernel) meets. */
function fans(op: string, shape: Shape): { fanIn: number; fanOut: number } {
  if (shape.length < 2) {
    throw new ShapeError(
      `init.${op} needs a weight (out, in, …) of two dimensions or more, but got ${showShape(shape)}.`,
    );
  }
  const [out, inputs, ...kernel] = shape;
  return { fanIn: inputs * numel(kernel), fanOut: out * numel(kernel) };
}

/** Uniform numbers of a standard deviation: from ±√3·std. */
function spreadEvenly<V extends Variable>(op: string, parameter: V, std: number, { generator }: InitOptions): V {
  const bound = Math.sqrt(3) * std;
  return put(op, parameter, (shape) => evenly(shape, -bound, bound, { dtype: parameter.dtype, generator }));
}

/** Normal numbers of a standard deviation. */
function spreadNormally<V extends Variable>(op: string, parameter: V, std: number, { generator }: InitOptions): V {
  return put(op, parameter, (shape) => randn(shape, { dtype: parameter.dtype, generator }).mul(std));
}

export interface XavierOptions extends InitOptions {
  /** as `calculateGain` gives it; 1 by default */
  gain?: number;
}

function xavierStd(op: string, { shape }: Variable, gain = 1): number {
  const { fanIn, fanOut } = fans(op, shape);
  return gain * Math.sqrt(2 / (fanIn + fanOut));
}

/**
 * U(±gain·√(6 / (fanIn + fanOut))). Gives the parameter.
 *
 * The fans of a weight (out, in, *kernel) are in · |kernel| and out · |kernel|. Throws a ShapeError below two dimensions.
 * Glorot and Bengio, Understanding the difficulty of training deep feedforward neural networks, 2010.
 *
 * ```ts
 * const layer = new Linear(200, 100); // √(6 / 300) = 0.1414
 * init.xavierUniform(layer.weight).abs().amax().itemSync().toFixed(3); // "0.141"
 * ```
 */
export function xavierUniform<V extends Variable>(parameter: V, options: XavierOptions = {}): V {
  return spreadEvenly("xavierUniform", parameter, xavierStd("xavierUniform", parameter, options.gain), options);
}

/**
 * N(0, gain²·2 / (fanIn + fanOut)). Gives the parameter.
 *
 * Throws a ShapeError below two dimensions. Glorot and Bengio, 2010.
 *
 * ```ts
 * const layer = new Linear(200, 100); // √(2 / 300) = 0.0816
 * init.xavierNormal(layer.weight).std().itemSync().toFixed(2); // "0.08"
 * ```
 */
export function xavierNormal<V extends Variable>(parameter: V, options: XavierOptions = {}): V {
  return spreadNormally("xavierNormal", parameter, xavierStd("xavierNormal", parameter, options.gain), options);
}

export interface KaimingOptions extends InitOptions {
  /** the negative slope of a leaky ReLU; 0 by default */
  a?: number;
  /** whether activities (`"fanIn"`, the default) or gradients (`"fanOut"`) keep their size */
  mode?: "fanIn" | "fanOut";
  /** what follows the layer; `"leakyRelu"` by default, which with slope 0 is ReLU */
  nonlinearity?: Nonlinearity;
}

function kaimingStd(op: string, { shape }: Variable, options: KaimingOptions): number {
  const { a = 0, mode = "fanIn", nonlinearity = "leakyRelu" } = options;
  const { [mode]: fan } = fans(op, shape);
  return fan === 0 ? 0 : calculateGain(nonlinearity, a) / Math.sqrt(fan);
}

/**
 * U(±gain·√(3 / fan)) with the gain of what follows. Gives the parameter.
 *
 * Throws a ShapeError below two dimensions. He et al., Delving deep into rectifiers, 2015.
 *
 * ```ts
 * const layer = new Conv2d(16, 32, 5); // √2 · √(3 / (16 · 25)) = 0.1225
 * init.kaimingUniform(layer.weight, { nonlinearity: "relu" }).abs().amax().itemSync().toFixed(3); // "0.122"
 * ```
 */
export function kaimingUniform<V extends Variable>(parameter: V, options: KaimingOptions = {}): V {
  return spreadEvenly("kaimingUniform", parameter, kaimingStd("kaimingUniform", parameter, options), options);
}

/**
 * N(0, gain² / fan) with the gain of what follows. Gives the parameter.
 *
 * Throws a ShapeError below two dimensions. He et al., 2015.
 *
 * ```ts
 * const layer = new Linear(200, 100); // √2 / √100 = 0.1414
 * init.kaimingNormal(layer.weight, { mode: "fanOut" }).std().itemSync().toFixed(2); // "0.14"
 * ```
 */
export function kaimingNormal<V extends Variable>(parameter: V, options: KaimingOptions = {}): V {
  return spreadNormally("kaimingNormal", parameter, kaimingStd("kaimingNormal", parameter, options), options);
}

/**
 * U(±√(3 / fanIn)): the variance is 1 / fanIn, for layers that are followed by nothing, tanh or SELU. Gives the parameter.
 *
 * Throws a ShapeError below two dimensions. LeCun et al., Efficient backprop, 1998.
 */
export function lecunUniform<V extends Variable>(parameter: V, options: InitOptions = {}): V {
  return spreadEvenly("lecunUniform", parameter, 1 / Math.sqrt(fans("lecunUniform", parameter.shape).fanIn), options);
}

/**
 * N(0, 1 / fanIn), which SELU needs. Gives the parameter.
 *
 * Throws a ShapeError below two dimensions. LeCun et al., 1998; Klambauer et al., Self-normalizing neural networks, 2017.
 */
export function lecunNormal<V extends Variable>(parameter: V, options: InitOptions = {}): V {
  return spreadNormally("lecunNormal", parameter, 1 / Math.sqrt(fans("lecunNormal", parameter.shape).fanIn), options);
}

/** How layers begin, as PyTorch's do: U(±1/√fanIn), which is Kaiming's uniform initialisation with a = √5. */
export function uniformFanIn(shape: Shape, fanIn: number, dtype: DType | undefined): Parameter {
  const bound = fanIn > 0 ? 1 / Math.sqrt(fanIn) : 0;
  return new Parameter(evenly(shape, -bound, bound, { dtype }));
}
