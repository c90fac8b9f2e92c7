import { ShapeError } from "../../core/errors.ts";
import { numel, type Shape, sameShape, showShape } from "../../core/shape.ts";
import { customGrad, onesLike, type Tensor, zeros } from "../../tensor/index.ts";
import { batched, perDimension, type Sizes } from "../spatial.ts";
import type { ReceptiveField } from "../summary.ts";
import type { OutputSizeOptions } from "../transposed-convolution.ts";
import { Pool } from "./windowing.ts";

export interface UnpoolingOptions {
  /** distance between the windows; the kernel's size by default */
  stride?: Sizes;
  /** what the pooling had at both ends; 0 by default */
  padding?: Sizes;
}

export type MaxUnpoolOptions = UnpoolingOptions & OutputSizeOptions;

function maxUnpool(
  op: string,
  d: number,
  input: Tensor,
  indices: Tensor,
  kernelSize: Sizes,
  options: MaxUnpoolOptions,
): Tensor {
  if (!sameShape(input.shape, indices.shape)) {
    throw new ShapeError(
      `${op} needs an index for each element, but got ${showShape(input.shape)} and the indices ${showShape(indices.shape)}.`,
    );
  }
  return batched(op, input, d, (x) => {
    const sizes = sizesOf(op, x, d, kernelSize, options);
    const at = indices.reshape(x.shape).flatten(2).to("i32"); // (N, C, n)
    return unpooled(numel(sizes))(x.flatten(2), at).unflatten(2, sizes); // (N, C, *S)
  });
}

/** (N, C, n) at its places among m: (N, C, m). Windows that overlap may have the same element, which has the mean of them. */
const unpooled = (m: number) =>
  customGrad(
    "maxUnpool",
    (x, at) => {
      const nothing = zeros([...x.shape.slice(0, 2), m], { dtype: x.dtype });
      const times = nothing.scatterAdd(2, at, onesLike(x));
      return nothing.scatterAdd(2, at, x).div(times.clamp(1));
    },
    (g, _y, _x, at) => [g.gather(2, at), undefined],
  );

function sizesOf(op: string, x: Tensor, d: number, kernelSize: Sizes, options: MaxUnpoolOptions): Shape {
  const kernel = perDimension(op, "kernelSize", kernelSize, d, 1);
  const stride = perDimension(op, "stride", options.stride ?? kernel, d, 1);
  const padding = perDimension(op, "padding", options.padding ?? 0, d, 0);
  const usual = kernel.map((size, i) => (x.shape[2 + i] - 1) * stride[i] - 2 * padding[i] + size);
  const { outputSize } = options;
  if (!outputSize) return usual;
  const wanted = outputSize.slice(-d);
  if (wanted.length !== d || wanted.some((size, i) => Math.abs(size - usual[i]) >= stride[i])) {
    throw new ShapeError(
      `${op}: outputSize must lie within the stride ${showShape(stride)} of ${showShape(usual)}, but is ${showShape(outputSize)}.`,
    );
  }
  return wanted;
}

/**
 * The reverse of `maxPool1d`: each element at the index that pooling gave, and zeros elsewhere. An index that is there
 * several times, as of windows that overlap, has the mean of its elements, which in pooled values are the same, and gives
 * each the whole gradient, as in PyTorch.
 *
 * Shapes: x and indices (N, C, L) or (C, L) ─► (N, C, L′) with L′ = (L − 1)·stride − 2·padding + size, or `outputSize`, whose
 * last dimensions count: several sizes pool to one. Throws a ShapeError if they do not fit. Zeiler and Fergus, Visualizing
 * and understanding convolutional networks, 2014.
 *
 * ```ts
 * const { values, indices } = maxPool1d(tensor([[[1, 4, 3, 2]]]), 2, { returnIndices: true });
 * maxUnpool1d(values, indices, 2); // tensor([[[0., 4., 3., 0.]]])
 * ```
 */
export function maxUnpool1d(x: Tensor, indices: Tensor, kernelSize: Sizes, options: MaxUnpoolOptions = {}): Tensor {
  return maxUnpool("maxUnpool1d", 1, x, indices, kernelSize, options);
}

/** The reverse of `maxPool2d`: (N, C, H, W) or (C, H, W) ─► (N, C, H′, W′), as `maxUnpool1d`. */
export function maxUnpool2d(x: Tensor, indices: Tensor, kernelSize: Sizes, options: MaxUnpoolOptions = {}): Tensor {
  return maxUnpool("maxUnpool2d", 2, x, indices, kernelSize, options);
}

/** The reverse of `maxPool3d`: (N, C, D, H, W) ─► (N, C, D′, H′, W′), as `maxUnpool1d`. */
export function maxUnpool3d(x: Tensor, indices: Tensor, kernelSize: Sizes, options: MaxUnpoolOptions = {}): Tensor {
  return maxUnpool("maxUnpool3d", 3, x, indices, kernelSize, options);
}

abstract class MaxUnpool extends Pool<UnpoolingOptions> {
  constructor(kernelSize: Sizes, options: UnpoolingOptions = {}) {
    super(kernelSize, options);
  }

  /** At most one input, and neighbours look 1 / stride apart. */
  override receptiveField(input: Shape): ReceptiveField {
    const { step } = super.receptiveField(input);
    return { size: step.map(() => 1), step: step.map((s) => 1 / s) };
  }
}

/** The reverse of `MaxPool1d`, of its values and indices: (N, C, L) ─► (N, C, L′), as `maxUnpool1d`. */
export class MaxUnpool1d extends MaxUnpool {
  override forward(x: Tensor, indices: Tensor, options: OutputSizeOptions = {}): Tensor {
    return this.within(() => maxUnpool1d(x, indices, this.kernelSize, { ...this.options, ...options }));
  }
}

/** The reverse of `MaxPool2d`, of its values and indices: (N, C, H, W) ─► (N, C, H′, W′), as `maxUnpool2d`. */
export class MaxUnpool2d extends MaxUnpool {
  override forward(x: Tensor, indices: Tensor, options: OutputSizeOptions = {}): Tensor {
    return this.within(() => maxUnpool2d(x, indices, this.kernelSize, { ...this.options, ...options }));
  }
}

/** The reverse of `MaxPool3d`, of its values and indices: (N, C, D, H, W) ─► (N, C, D′, H′, W′), as `maxUnpool3d`. */
export class MaxUnpool3d extends MaxUnpool {
  override forward(x: Tensor, indices: Tensor, options: OutputSizeOptions = {}): Tensor {
    return this.within(() => maxUnpool3d(x, indices, this.kernelSize, { ...this.options, ...options }));
  }
}
