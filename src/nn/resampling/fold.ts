import { ShapeError } from "../../core/errors.ts";
import { numel, showShape } from "../../core/shape.ts";
import { foldWindows, windows } from "../../tensor/convolution.ts";
import type { Tensor } from "../../tensor/index.ts";
import { Module } from "../module.ts";
import { batched, perDimension, type Sizes, showOptions } from "../spatial.ts";

export interface UnfoldOptions {
  /** distance between a window's elements; 1 by default */
  dilation?: Sizes;
  /** zeros at both ends; 0 by default */
  padding?: Sizes;
  /** distance between the windows; 1 by default */
  stride?: Sizes;
}

/** The options with two numbers each, and how many windows of a picture of these sizes there are. */
function geometry(op: string, [H, W]: readonly number[], kernelSize: Sizes, options: UnfoldOptions) {
  const kernel = perDimension(op, "kernelSize", kernelSize, 2, 1);
  const dilation = perDimension(op, "dilation", options.dilation ?? 1, 2, 1);
  const padding = perDimension(op, "padding", options.padding ?? 0, 2, 0);
  const stride = perDimension(op, "stride", options.stride ?? 1, 2, 1);
  const padded = [H + 2 * padding[0], W + 2 * padding[1]];
  const counts = padded.map((size, i) => Math.floor((size - dilation[i] * (kernel[i] - 1) - 1) / stride[i]) + 1);
  if (counts.some((count) => count < 1)) {
    throw new ShapeError(
      `${op}: windows of ${showShape(kernel)} do not fit the sizes ${showShape([H, W])}: take a smaller kernel, or pad.`,
    );
  }
  return { kernel, dilation, padding, stride, padded, counts };
}

/**
 * The windows of pictures as columns (im2col): what a convolution with a matrix as its kernel multiplies.
 *
 * Shapes: (N, C, H, W) or (C, H, W) ─► (N, C·KH·KW, L), with a column for each of the L places of the kernel, row by row.
 * Throws a ShapeError if the kernel does not fit. Chellapilla et al., High performance convolutional neural networks for
 * document processing, 2006.
 *
 * ```ts
 * unfold(tensor([[[1, 2, 3], [4, 5, 6]]]), 2); // tensor([[1., 2.], [2., 3.], [4., 5.], [5., 6.]])
 * ```
 */
export function unfold(x: Tensor, kernelSize: Sizes, options: UnfoldOptions = {}): Tensor {
  return batched("unfold", x, 2, (input) => {
    const [N, C, ...sizes] = input.shape;
    const { kernel, dilation, padding, stride, counts } = geometry("unfold", sizes, kernelSize, options);
    const [rows, columns] = padding;
    const padded = rows + columns > 0 ? input.pad([columns, columns, rows, rows]) : input;
    return windows(padded, kernel, { stride, dilation }) // (N, C, *count, *K)
      .permute([0, 1, 4, 5, 2, 3])
      .reshape([N, C * numel(kernel), numel(counts)]); // (N, C · K, L)
  });
}

/**
 * Columns added up where their windows lie in a picture (col2im), the transpose of `unfold`.
 *
 * Shapes: (N, C·KH·KW, L) or (C·KH·KW, L) ─► (N, C, *outputSize). Throws a ShapeError unless L windows fit there.
 *
 * ```ts
 * fold(tensor([[1, 2], [2, 3], [4, 5], [5, 6]]), [2, 3], 2); // tensor([[[ 1.,  4.,  3.], [ 4., 10.,  6.]]])
 * ```
 */
export function fold(x: Tensor, outputSize: Sizes, kernelSize: Sizes, options: UnfoldOptions = {}): Tensor {
  return batched("fold", x, 1, (input) => {
    const sizes = perDimension("fold", "outputSize", outputSize, 2, 1);
    const { kernel, dilation, padding, stride, padded, counts } = geometry("fold", sizes, kernelSize, options);
    const [N, channels, L] = input.shape;
    if (channels % numel(kernel) !== 0 || L !== numel(counts)) {
      throw new ShapeError(
        `fold: ${showShape(sizes)} takes ${numel(counts)} columns of ${numel(kernel)} elements a channel, but the input is ${showShape(x.shape)}, (N, C·K, L).`,
      );
    }
    const taps = input.reshape([N, channels / numel(kernel), ...kernel, ...counts]).permute([0, 1, 4, 5, 2, 3]); // (N, C, *count, *K)
    const [rows, columns] = padding;
    const whole = foldWindows(taps, padded, { stride, dilation });
    return rows + columns > 0 ? whole.pad([-columns, -columns, -rows, -rows]) : whole;
  });
}

abstract class Sliding extends Module {
  readonly kernelSize: Sizes;
  readonly options: UnfoldOptions;

  constructor(kernelSize: Sizes, options: UnfoldOptions = {}) {
    super();
    this.kernelSize = kernelSize;
    this.options = options;
  }

  override extraRepr(): string {
    return showOptions({ kernelSize: this.kernelSize, ...this.options });
  }
}

/** `unfold` with a kernel of its own: (N, C, H, W) ─► (N, C·KH·KW, L). */
export class Unfold extends Sliding {
  override forward(x: Tensor): Tensor {
    return this.within(() => unfold(x, this.kernelSize, this.options));
  }
}

/** `fold` with sizes of its own: (N, C·KH·KW, L) ─► (N, C, *outputSize). */
export class Fold extends Sliding {
  readonly outputSize: Sizes;

  constructor(outputSize: Sizes, kernelSize: Sizes, options: UnfoldOptions = {}) {
    super(kernelSize, options);
    this.outputSize = outputSize;
  }

  override forward(x: Tensor): Tensor {
    return this.within(() => fold(x, this.outputSize, this.kernelSize, this.options));
  }

  override extraRepr(): string {
    return `${showOptions({ outputSize: this.outputSize })}, ${super.extraRepr()}`;
  }
}
