import { ArgumentError, ShapeError } from "../core/errors.ts";
import { numel, showShape } from "../core/shape.ts";
import { convolution } from "../tensor/convolution.ts";
import type { Parameter, Shape, Tensor } from "../tensor/index.ts";
import { addBias, describe, expectGroups, expectWeights } from "./convolution.ts";
import { uniformFanIn } from "./init/scaled.ts";
import type { WeightOptions } from "./linear.ts";
import { Module } from "./module.ts";
import { batched, perDimension, type Sizes } from "./spatial.ts";
import type { ReceptiveField } from "./summary.ts";

export interface ConvTransposeOptions {
  /** distance between what the input's elements spread to; 1 by default */
  stride?: Sizes;
  /** what is cut off at both ends; 0 by default */
  padding?: Sizes;
  /** what is added at the end, of sizes that the stride leaves open; below the stride or the dilation, 0 by default */
  outputPadding?: Sizes;
  /** how many parts the channels fall into, each on its own; 1 by default */
  groups?: number;
  /** distance between the kernel's taps; 1 by default */
  dilation?: Sizes;
}

export interface OutputSizeOptions {
  /** the sizes wanted, of the spatial dimensions or of all: which `outputPadding` gives them is found */
  outputSize?: Shape;
}

interface Geometry {
  readonly stride: readonly number[];
  readonly padding: readonly number[];
  readonly outputPadding: readonly number[];
  readonly dilation: readonly number[];
  readonly groups: number;
}

/** The options with a number for each of the kernel's dimensions. */
function geometry(op: string, d: number, options: ConvTransposeOptions): Geometry {
  const { groups = 1 } = options;
  if (!Number.isInteger(groups) || groups < 1)
    throw new ArgumentError(`${op}: groups must be a whole number above 0, but is ${groups}.`);
  return {
    stride: perDimension(op, "stride", options.stride ?? 1, d, 1),
    padding: perDimension(op, "padding", options.padding ?? 0, d, 0),
    outputPadding: perDimension(op, "outputPadding", options.outputPadding ?? 0, d, 0),
    dilation: perDimension(op, "dilation", options.dilation ?? 1, d, 1),
    groups,
  };
}

/** The output's sizes without output padding. */
function leastSizes(sizes: Shape, kernel: Shape, { stride, padding, dilation }: Geometry): number[] {
  return sizes.map((size, i) => (size - 1) * stride[i] - 2 * padding[i] + dilation[i] * (kernel[i] - 1) + 1);
}

function convTranspose(
  op: string,
  d: number,
  x: Tensor,
  weight: Tensor,
  bias: Tensor | undefined,
  options: ConvTransposeOptions,
): Tensor {
  expectWeights(op, d, x, weight, bias, "(in, out / groups, …)");
  const chosen = geometry(op, d, options);
  const { stride, padding, outputPadding, dilation, groups } = chosen;
  const kernel = weight.shape.slice(2);
  return batched(op, x, d, (input) => {
    expectFit(op, input, weight, chosen);
    // Solved for the output: a convolution of the input, spread by the stride, with the flipped kernel.
    const flipped = weight
      .flip(kernel.map((_, i) => i + 2))
      .unflatten(0, [groups, -1]) // (G, C / G, O / G, *K)
      .transpose(1, 2)
      .flatten(0, 1); // (O, C / G, *K)
    const y = convolution(input, flipped, {
      inputDilation: stride,
      dilation,
      groups,
      padding: kernel.map((size, i) => {
        const low = dilation[i] * (size - 1) - padding[i];
        return [low, low + outputPadding[i]];
      }),
    });
    return addBias(y, bias);
  });
}

function expectFit(op: string, x: Tensor, weight: Tensor, chosen: Geometry): void {
  const { stride, outputPadding, dilation, groups } = chosen;
  const [channels, , ...kernel] = weight.shape;
  if (x.shape[1] !== channels || channels % groups !== 0) {
    throw new ShapeError(
      `${op}: the input ${showShape(x.shape)} does not fit the weight ${showShape(weight.shape)}, (in, out / groups, …) with groups=${groups}: it takes ${channels} channels, in equal groups, but the input has ${x.shape[1]}.`,
    );
  }
  outputPadding.forEach((more, i) => {
    if (more > 0 && more >= stride[i] && more >= dilation[i]) {
      throw new ArgumentError(
        `${op}: an output padding of ${more} is not below the stride ${stride[i]} or the dilation ${dilation[i]}.`,
      );
    }
  });
  const sizes = leastSizes(x.shape.slice(2), kernel, chosen).map((size, i) => size + outputPadding[i]);
  if (sizes.some((size) => size < 1)) {
    throw new ShapeError(
      `${op}: of the input ${showShape(x.shape)} and the weight ${showShape(weight.shape)}, padding leaves the sizes ${showShape(sizes)}: take less.`,
    );
  }
}

/**
 * Transposed convolution over one dimension, the gradient of `conv1d` by its input: each element of the input adds the
 * kernel, times itself, where it lies in the output: y[n, o, s·stride + t·dilation − padding] += x[n, c, s] · w[c, o, t].
 *
 * Shapes: x (N, C, L) or (C, L), weight (C, O / groups, K), bias (O) ─► (N, O, L′) with
 * L′ = (L − 1)·stride − 2·padding + dilation·(K − 1) + outputPadding + 1. Throws a ShapeError if they do not fit.
 * Zeiler et al., Deconvolutional networks, 2010.
 *
 * ```ts
 * convTranspose1d(tensor([[[1, 2]]]), tensor([[[1, 10]]]), undefined, { stride: 2 }); // tensor([[[ 1., 10.,  2., 20.]]])
 * ```
 */
export function convTranspose1d(x: Tensor, weight: Tensor, bias?: Tensor, options: ConvTransposeOptions = {}): Tensor {
  return convTranspose("convTranspose1d", 1, x, weight, bias, options);
}

/**
 * Transposed convolution over two dimensions.
 *
 * Shapes: x (N, C, H, W) or (C, H, W), weight (C, O / groups, KH, KW), bias (O) ─► (N, O, H′, W′); sizes and errors as in
 * `convTranspose1d`.
 *
 * ```ts
 * convTranspose2d(ones([1, 1, 2, 2]), ones([1, 1, 2, 2])).squeeze(); // tensor([[1., 2., 1.], [2., 4., 2.], [1., 2., 1.]])
 * ```
 */
export function convTranspose2d(x: Tensor, weight: Tensor, bias?: Tensor, options: ConvTransposeOptions = {}): Tensor {
  return convTranspose("convTranspose2d", 2, x, weight, bias, options);
}

/**
 * Transposed convolution over three dimensions.
 *
 * Shapes: x (N, C, D, H, W) or (C, D, H, W), weight (C, O / groups, KD, KH, KW), bias (O) ─► (N, O, D′, H′, W′); sizes and
 * errors as in `convTranspose1d`.
 */
export function convTranspose3d(x: Tensor, weight: Tensor, bias?: Tensor, options: ConvTransposeOptions = {}): Tensor {
  return convTranspose("convTranspose3d", 3, x, weight, bias, options);
}

abstract class ConvTranspose extends Module {
  readonly inChannels: number;
  readonly outChannels: number;
  readonly kernelSize: readonly number[];
  readonly stride: readonly number[];
  readonly padding: readonly number[];
  readonly outputPadding: readonly number[];
  readonly dilation: readonly number[];
  readonly groups: number;
  readonly weight: Parameter;
  readonly bias: Parameter | undefined;

  constructor(
    d: number,
    inChannels: number,
    outChannels: number,
    kernelSize: Sizes,
    options: ConvTransposeOptions & WeightOptions,
  ) {
    super();
    const op = this.constructor.name;
    const { bias = true, dtype, groups = 1 } = options;
    expectGroups(op, inChannels, outChannels, groups);
    this.inChannels = inChannels;
    this.outChannels = outChannels;
    this.kernelSize = perDimension(op, "kernelSize", kernelSize, d, 1);
    const { stride, padding, outputPadding, dilation } = geometry(op, d, options);
    this.stride = stride;
    this.padding = padding;
    this.outputPadding = outputPadding;
    this.dilation = dilation;
    this.groups = groups;
    const fan = (outChannels / groups) * numel(this.kernelSize);
    this.weight = uniformFanIn([inChannels, outChannels / groups, ...this.kernelSize], fan, dtype);
    this.bias = bias ? uniformFanIn([outChannels], fan, dtype) : undefined;
  }

  /** With an `outputSize` that the stride allows, between the least size and stride − 1 more, instead of `outputPadding`. */
  override forward(x: Tensor, options: OutputSizeOptions = {}): Tensor {
    const d = this.kernelSize.length;
    return this.within(() => {
      const { outputSize } = options;
      const outputPadding = outputSize ? this.#paddingFor(x, outputSize) : this.outputPadding;
      return convTranspose(`convTranspose${d}d`, d, x, this.weight, this.bias, { ...this, outputPadding });
    });
  }

  #paddingFor(x: Tensor, outputSize: Shape): number[] {
    const d = this.kernelSize.length;
    const least = leastSizes(x.shape.slice(-d), this.kernelSize, this);
    const wanted = outputSize.slice(-d);
    const more = wanted.map((size, i) => size - least[i]);
    if (![d, x.ndim].includes(outputSize.length) || more.some((n, i) => n < 0 || n >= this.stride[i])) {
      const most = least.map((size, i) => size + this.stride[i] - 1);
      throw new ShapeError(
        `outputSize must lie between ${showShape(least)} and ${showShape(most)} for the input ${showShape(x.shape)}, but is ${showShape(outputSize)}.`,
      );
    }
    return more;
  }

  override extraRepr(): string {
    return describe(this);
  }

  override multiplyAdds(output: Shape): number {
    const { stride, padding, outputPadding, dilation, kernelSize } = this;
    const d = kernelSize.length;
    const inputs = output.slice(-d).map((size, i) => {
      const spread = size - 1 + 2 * padding[i] - dilation[i] * (kernelSize[i] - 1) - outputPadding[i];
      return Math.floor(spread / stride[i]) + 1;
    });
    const perElement = (numel(output.slice(0, -d)) / this.groups) * numel(kernelSize);
    return numel(inputs) * this.inChannels * perElement;
  }

  /** The most that an output sees: ⌈span / stride⌉ inputs; neighbours look 1 / stride apart. */
  override receptiveField(): ReceptiveField {
    const { kernelSize, stride, dilation } = this;
    const spans = kernelSize.map((k, i) => (k - 1) * dilation[i] + 1);
    return { size: spans.map((span, i) => Math.ceil(span / stride[i])), step: stride.map((s) => 1 / s) };
  }
}

/**
 * A transposed convolution over one dimension with a learned kernel; weights and biases begin as
 * U(±1/√(O / groups · K)).
 *
 * Shapes: (N, C, L) ─► (N, O, L′), weight (C, O / groups, K), bias (O); sizes as in `convTranspose1d`.
 */
export class ConvTranspose1d extends ConvTranspose {
  constructor(
    inChannels: number,
    outChannels: number,
    kernelSize: Sizes,
    options: ConvTransposeOptions & WeightOptions = {},
  ) {
    super(1, inChannels, outChannels, kernelSize, options);
  }
}

/**
 * A transposed convolution over two dimensions with a learned kernel; weights and biases begin as
 * U(±1/√(O / groups · KH · KW)).
 *
 * Shapes: (N, C, H, W) ─► (N, O, H′, W′), weight (C, O / groups, KH, KW), bias (O); sizes as in `convTranspose1d`. With a
 * stride, several sizes come from one: `outputSize` says which, as of the picture that a convolution made smaller.
 *
 * ```ts
 * const up = new ConvTranspose2d(16, 8, 3, { stride: 2, padding: 1 });
 * up; // ConvTranspose2d(16, 8, kernelSize=(3, 3), stride=(2, 2), padding=(1, 1))
 * up.forward(zeros([4, 16, 5, 5])).shape; // [ 4, 8, 9, 9 ]
 * up.forward(zeros([4, 16, 5, 5]), { outputSize: [10, 10] }).shape; // [ 4, 8, 10, 10 ]
 * ```
 */
export class ConvTranspose2d extends ConvTranspose {
  constructor(
    inChannels: number,
    outChannels: number,
    kernelSize: Sizes,
    options: ConvTransposeOptions & WeightOptions = {},
  ) {
    super(2, inChannels, outChannels, kernelSize, options);
  }
}

/** A transposed convolution over three dimensions with a learned kernel: (N, C, D, H, W) ─► (N, O, D′, H′, W′), as `ConvTranspose2d`. */
export class ConvTranspose3d extends ConvTranspose {
  constructor(
    inChannels: number,
    outChannels: number,
    kernelSize: Sizes,
    options: ConvTransposeOptions & WeightOptions = {},
  ) {
    super(3, inChannels, outChannels, kernelSize, options);
  }
}
