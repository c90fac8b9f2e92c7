import { ArgumentError, DTypeError, ShapeError } from "../core/errors.ts";
import { numel, showShape } from "../core/shape.ts";
import { convolution } from "../tensor/convolution.ts";
import type { Parameter, Shape, Tensor } from "../tensor/index.ts";
import { checkCounts } from "./counts.ts";
import { uniformFanIn } from "./init/scaled.ts";
import type { WeightOptions } from "./linear.ts";
import { Module } from "./module.ts";
import { batched, perDimension, type Sizes } from "./spatial.ts";
import type { ReceptiveField } from "./summary.ts";

export interface ConvOptions {
  /** distance between the windows; 1 by default */
  stride?: Sizes;
  /** at both ends of each dimension; `"same"` keeps the sizes (stride 1 only), `"valid"` is 0, the default */
  padding?: Sizes | "same" | "valid";
  /** distance between the kernel's taps; 1 by default */
  dilation?: Sizes;
  /** how many parts the channels fall into, each convolved on its own; 1 by default */
  groups?: number;
  /** what the padding holds; zeros by default */
  paddingMode?: "zeros" | "reflect" | "replicate" | "circular";
}

type Geometry = ReturnType<typeof geometry>;

/** The options with a number for each of the kernel's dimensions. */
function geometry(op: string, kernel: readonly number[], options: ConvOptions) {
  const d = kernel.length;
  const stride = perDimension(op, "stride", options.stride ?? 1, d, 1);
  const dilation = perDimension(op, "dilation", options.dilation ?? 1, d, 1);
  const { padding = 0, groups = 1, paddingMode = "zeros" } = options;
  if (!Number.isInteger(groups) || groups < 1)
    throw new ArgumentError(`${op}: groups must be a whole number above 0, but is ${groups}.`);
  if (padding === "same" && stride.some((s) => s !== 1)) {
    throw new ArgumentError(`${op}: padding "same" is for stride 1, but the stride is [${stride.join(", ")}].`);
  }
  const ends = (): [low: number, high: number][] => {
    // An even kernel reaches one further behind, as in PyTorch.
    const reach = kernel.map((k, i) => (k - 1) * dilation[i]);
    if (padding === "same") return reach.map((total) => [Math.floor(total / 2), Math.ceil(total / 2)]);
    return perDimension(op, "padding", padding === "valid" ? 0 : padding, d, 0).map((p) => [p, p]);
  };
  return { stride, dilation, groups, paddingMode, padding: ends() };
}

/** Throws unless the weight has as many dimensions as its `layout` names, and all are of one float dtype. */
export function expectWeights(
  op: string,
  d: number,
  x: Tensor,
  weight: Tensor,
  bias: Tensor | undefined,
  layout: string,
): void {
  if (weight.ndim !== d + 2) {
    throw new ShapeError(`${op} needs a weight of ${d + 2} dimensions, ${layout}, but got ${showShape(weight.shape)}.`);
  }
  for (const y of bias ? [weight, bias] : [weight]) {
    if (x.isFloatingPoint() && y.dtype === x.dtype) continue;
    throw new DTypeError(
      `${op} needs an input, a weight and a bias of one float dtype, but got ${x.dtype} and ${y.dtype}: convert them with .to("f32").`,
    );
  }
}

/** y + b: (O) ─► (O, 1, …), where there is a bias. */
export const addBias = (y: Tensor, bias: Tensor | undefined): Tensor =>
  bias ? y.add(bias.reshape([-1, ...y.shape.slice(2).map(() => 1)])) : y;

function convolve(
  op: string,
  d: number,
  x: Tensor,
  weight: Tensor,
  bias: Tensor | undefined,
  options: ConvOptions,
): Tensor {
  expectWeights(op, d, x, weight, bias, "(out, in / groups, …)");
  const kernel = weight.shape.slice(2);
  const { padding, paddingMode, ...rest } = geometry(op, kernel, options);
  return batched(op, x, d, (input) => {
    expectFit(op, input, weight, { padding, paddingMode, ...rest });
    const y =
      paddingMode === "zeros"
        ? convolution(input, weight, { ...rest, padding })
        : convolution(input.pad([...padding].reverse().flat(), { mode: paddingMode }), weight, rest);
    return addBias(y, bias);
  });
}

function expectFit(op: string, x: Tensor, weight: Tensor, { padding, dilation, groups }: Geometry): void {
  const [, channels, ...sizes] = x.shape;
  const [out, perGroup, ...kernel] = weight.shape;
  const shapes = `the input ${showShape(x.shape)} does not fit the weight ${showShape(weight.shape)}`;
  if (channels !== perGroup * groups || out % groups !== 0) {
    throw new ShapeError(
      `${op}: ${shapes}, (out, in / groups, …) with groups=${groups}: it takes ${perGroup * groups} channels, but the input has ${channels}.`,
    );
  }
  kernel.forEach((size, i) => {
    const padded = sizes[i] + padding[i][0] + padding[i][1];
    const span = (size - 1) * dilation[i] + 1;
    if (span > padded) {
      throw new ShapeError(
        `${op}: ${shapes}: a kernel that spans ${span} is larger than the padded size ${padded} of spatial dimension ${i}.`,
      );
    }
  });
}

/**
 * Convolution over one dimension (cross-correlation, as usual):
 * y[n, o, s] = b[o] + Σ x[n, c, s·stride + t·dilation − padding] · w[o, c, t].
 *
 * Shapes: x (N, C, L) or (C, L), weight (O, C / groups, K), bias (O) ─► (N, O, L′) with
 * L′ = ⌊(L + 2·padding − dilation·(K − 1) − 1) / stride⌋ + 1. Throws a ShapeError if they do not fit.
 *
 * ```ts
 * conv1d(tensor([[[1, 2, 3, 4]]]), tensor([[[1, 10]]])); // tensor([[[21., 32., 43.]]])
 * ```
 */
export function conv1d(x: Tensor, weight: Tensor, bias?: Tensor, options: ConvOptions = {}): Tensor {
  return convolve("conv1d", 1, x, weight, bias, options);
}

/**
 * Convolution over two dimensions.
 *
 * Shapes: x (N, C, H, W) or (C, H, W), weight (O, C / groups, KH, KW), bias (O) ─► (N, O, H′, W′); sizes and errors as
 * in `conv1d`.
 *
 * ```ts
 * conv2d(ones([1, 1, 3, 3]), ones([1, 1, 2, 2])); // tensor([[[[4., 4.], [4., 4.]]]])
 * ```
 */
export function conv2d(x: Tensor, weight: Tensor, bias?: Tensor, options: ConvOptions = {}): Tensor {
  return convolve("conv2d", 2, x, weight, bias, options);
}

/**
 * Convolution over three dimensions.
 *
 * Shapes: x (N, C, D, H, W) or (C, D, H, W), weight (O, C / groups, KD, KH, KW), bias (O) ─► (N, O, D′, H′, W′); sizes
 * and errors as in `conv1d`.
 */
export function conv3d(x: Tensor, weight: Tensor, bias?: Tensor, options: ConvOptions = {}): Tensor {
  return convolve("conv3d", 3, x, weight, bias, options);
}

/** What a convolution prints: what differs from the default, beyond channels, kernel and stride. */
export function describe(layer: {
  readonly inChannels: number;
  readonly outChannels: number;
  readonly kernelSize: readonly number[];
  readonly stride: readonly number[];
  readonly padding: Exclude<ConvOptions["padding"], undefined>;
  readonly outputPadding?: readonly number[];
  readonly dilation: readonly number[];
  readonly groups: number;
  readonly bias: Parameter | undefined;
  readonly paddingMode?: Exclude<ConvOptions["paddingMode"], undefined>;
}): string {
  const { padding, outputPadding = [], dilation, groups, paddingMode = "zeros" } = layer;
  const unusual = [
    typeof padding === "string" && `padding="${padding}"`,
    Array.isArray(padding) && padding.some((n) => n !== 0) && `padding=${showShape(padding)}`,
    outputPadding.some((n) => n !== 0) && `outputPadding=${showShape(outputPadding)}`,
    dilation.some((n) => n !== 1) && `dilation=${showShape(dilation)}`,
    groups !== 1 && `groups=${groups}`,
    !layer.bias && "bias=false",
    paddingMode !== "zeros" && `paddingMode="${paddingMode}"`,
  ].filter((text) => text);
  const [kernel, stride] = [`kernelSize=${showShape(layer.kernelSize)}`, `stride=${showShape(layer.stride)}`];
  return [layer.inChannels, layer.outChannels, kernel, stride, ...unusual].join(", ");
}

/** Throws an ArgumentError unless channels are whole numbers above 0 that fall into the groups. */
export function expectGroups(op: string, inChannels: number, outChannels: number, groups: number): void {
  checkCounts(op, { inChannels, outChannels });
  if (!(groups >= 1) || inChannels % groups !== 0 || outChannels % groups !== 0) {
    throw new ArgumentError(
      `${op}: ${inChannels} and ${outChannels} channels do not fall into ${groups} equal groups.`,
    );
  }
}

abstract class Conv extends Module {
  readonly inChannels: number;
  readonly outChannels: number;
  readonly kernelSize: readonly number[];
  readonly stride: readonly number[];
  readonly padding: Exclude<ConvOptions["padding"], undefined>;
  readonly dilation: readonly number[];
  readonly groups: number;
  readonly paddingMode: Exclude<ConvOptions["paddingMode"], undefined>;
  readonly weight: Parameter;
  readonly bias: Parameter | undefined;

  constructor(
    d: number,
    inChannels: number,
    outChannels: number,
    kernelSize: Sizes,
    options: ConvOptions & WeightOptions,
  ) {
    super();
    const op = this.constructor.name;
    const { bias = true, dtype, padding = 0, groups = 1, paddingMode = "zeros" } = options;
    expectGroups(op, inChannels, outChannels, groups);
    this.inChannels = inChannels;
    this.outChannels = outChannels;
    this.kernelSize = perDimension(op, "kernelSize", kernelSize, d, 1);
    const { stride, dilation } = geometry(op, this.kernelSize, options);
    this.stride = stride;
    this.dilation = dilation;
    this.padding = typeof padding === "string" ? padding : perDimension(op, "padding", padding, d, 0);
    this.groups = groups;
    this.paddingMode = paddingMode;
    const fanIn = (inChannels / groups) * numel(this.kernelSize);
    this.weight = uniformFanIn([outChannels, inChannels / groups, ...this.kernelSize], fanIn, dtype);
    this.bias = bias ? uniformFanIn([outChannels], fanIn, dtype) : undefined;
  }

  override forward(x: Tensor): Tensor {
    const d = this.kernelSize.length;
    return this.within(() => convolve(`conv${d}d`, d, x, this.weight, this.bias, this));
  }

  override extraRepr(): string {
    return describe(this);
  }

  override multiplyAdds(output: Shape): number {
    return numel(output) * (this.inChannels / this.groups) * numel(this.kernelSize);
  }

  override receptiveField(): ReceptiveField {
    return { size: this.kernelSize.map((k, i) => (k - 1) * this.dilation[i] + 1), step: this.stride };
  }
}

/**
 * A convolution over one dimension with a learned kernel; weights and biases begin as U(±1/√(C / groups · K)).
 *
 * Shapes: (N, C, L) ─► (N, O, L′), weight (O, C / groups, K), bias (O); sizes as in `conv1d`.
 *
 * ```ts
 * new Conv1d(2, 4, 3, { padding: 1 }).forward(zeros([8, 2, 10])).shape; // [ 8, 4, 10 ]
 * ```
 */
export class Conv1d extends Conv {
  constructor(inChannels: number, outChannels: number, kernelSize: Sizes, options: ConvOptions & WeightOptions = {}) {
    super(1, inChannels, outChannels, kernelSize, options);
  }
}

/**
 * A convolution over two dimensions with a learned kernel; weights and biases begin as U(±1/√(C / groups · KH · KW)).
 *
 * Shapes: (N, C, H, W) ─► (N, O, H′, W′), weight (O, C / groups, KH, KW), bias (O); sizes as in `conv1d`.
 *
 * ```ts
 * const layer = new Conv2d(3, 16, 3, { stride: 2, padding: 1 });
 * layer; // Conv2d(3, 16, kernelSize=(3, 3), stride=(2, 2), padding=(1, 1))
 * layer.forward(zeros([8, 3, 32, 32])).shape; // [ 8, 16, 16, 16 ]
 * ```
 */
export class Conv2d extends Conv {
  constructor(inChannels: number, outChannels: number, kernelSize: Sizes, options: ConvOptions & WeightOptions = {}) {
    super(2, inChannels, outChannels, kernelSize, options);
  }
}

/** A convolution over three dimensions with a learned kernel: (N, C, D, H, W) ─► (N, O, D′, H′, W′), as `Conv2d`. */
export class Conv3d extends Conv {
  constructor(inChannels: number, outChannels: number, kernelSize: Sizes, options: ConvOptions & WeightOptions = {}) {
    super(3, inChannels, outChannels, kernelSize, options);
  }
}
