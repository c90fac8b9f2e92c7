import { ArgumentError, ShapeError } from "../../core/errors.ts";
import { showShape } from "../../core/shape.ts";
import type { Tensor } from "../../tensor/index.ts";
import { Module } from "../module.ts";
import type { ReceptiveField } from "../summary.ts";

function expectFactor(op: string, x: Tensor, factor: number): void {
  if (!Number.isInteger(factor) || factor < 1)
    throw new ArgumentError(`${op}: the factor must be a whole number above 0, but is ${factor}.`);
  if (x.ndim < 3) throw new ShapeError(`${op} needs an input (…, C, H, W), but got ${showShape(x.shape)}.`);
}

/**
 * Channels made pixels: r² channels become r × r pixels each, y[c, h·r + i, w·r + j] = x[c·r² + i·r + j, h, w] with
 * r = `upscaleFactor`.
 *
 * Shapes: (…, C·r², H, W) ─► (…, C, H·r, W·r). Throws a ShapeError unless the channels fall into r² each. Shi et al., Real-time
 * single image and video super-resolution using an efficient sub-pixel convolutional neural network, 2016.
 *
 * ```ts
 * pixelShuffle(tensor([[[1]], [[2]], [[3]], [[4]]]), 2); // tensor([[[1., 2.], [3., 4.]]])
 * ```
 */
export function pixelShuffle(x: Tensor, upscaleFactor: number): Tensor {
  const r = upscaleFactor;
  expectFactor("pixelShuffle", x, r);
  const [C, H, W] = x.shape.slice(-3);
  const batch = x.shape.slice(0, -3);
  if (C % (r * r) !== 0)
    throw new ShapeError(`pixelShuffle: the ${C} channels of ${showShape(x.shape)} do not fall into ${r * r} each.`);
  const n = batch.length;
  return x
    .reshape([...batch, C / (r * r), r, r, H, W])
    .permute([...batch.keys(), n, n + 3, n + 1, n + 4, n + 2]) // (…, C, H, r, W, r)
    .reshape([...batch, C / (r * r), H * r, W * r]);
}

/**
 * Pixels made channels, the reverse of `pixelShuffle`.
 *
 * Shapes: (…, C, H·r, W·r) ─► (…, C·r², H, W) with r = `downscaleFactor`. Throws a ShapeError unless r divides the sizes.
 *
 * ```ts
 * pixelUnshuffle(tensor([[[1, 2], [3, 4]]]), 2).flatten(); // tensor([1., 2., 3., 4.])
 * ```
 */
export function pixelUnshuffle(x: Tensor, downscaleFactor: number): Tensor {
  const r = downscaleFactor;
  expectFactor("pixelUnshuffle", x, r);
  const [C, H, W] = x.shape.slice(-3);
  const batch = x.shape.slice(0, -3);
  if (H % r !== 0 || W % r !== 0)
    throw new ShapeError(`pixelUnshuffle: the sizes of ${showShape(x.shape)} are no multiples of ${r}.`);
  const n = batch.length;
  return x
    .reshape([...batch, C, H / r, r, W / r, r])
    .permute([...batch.keys(), n, n + 2, n + 4, n + 1, n + 3]) // (…, C, r, r, H, W)
    .reshape([...batch, C * r * r, H / r, W / r]);
}

/**
 * Channels in another order, so that each group sees some of all groups: channel g·n + i of `groups` groups of n becomes
 * channel i·groups + g.
 *
 * Shapes: (N, C, *S) ─► the same. Throws a ShapeError unless the channels fall into the groups. Zhang et al., ShuffleNet, 2018.
 *
 * ```ts
 * channelShuffle(tensor([[[1], [2], [3], [4]]]), 2).flatten(); // tensor([1., 3., 2., 4.])
 * ```
 */
export function channelShuffle(x: Tensor, groups: number): Tensor {
  if (!Number.isInteger(groups) || groups < 1)
    throw new ArgumentError(`channelShuffle: groups must be a whole number above 0, but is ${groups}.`);
  if (x.ndim < 3 || x.shape[1] % groups !== 0) {
    throw new ShapeError(
      `channelShuffle needs an input (N, C, *S) whose channels fall into ${groups} groups, but got ${showShape(x.shape)}.`,
    );
  }
  return x
    .unflatten(1, [groups, x.shape[1] / groups]) // (N, G, C / G, *S)
    .transpose(1, 2)
    .flatten(1, 2);
}

/** `pixelShuffle` with a factor of its own: (N, C·r², H, W) ─► (N, C, H·r, W·r). */
export class PixelShuffle extends Module {
  readonly upscaleFactor: number;

  constructor(upscaleFactor: number) {
    super();
    this.upscaleFactor = upscaleFactor;
  }

  override forward(x: Tensor): Tensor {
    return this.within(() => pixelShuffle(x, this.upscaleFactor));
  }

  override extraRepr(): string {
    return `upscaleFactor=${this.upscaleFactor}`;
  }

  override receptiveField(): ReceptiveField {
    const step = 1 / this.upscaleFactor;
    return { size: [1, 1], step: [step, step] };
  }
}

/** `pixelUnshuffle` with a factor of its own: (N, C, H·r, W·r) ─► (N, C·r², H, W). */
export class PixelUnshuffle extends Module {
  readonly downscaleFactor: number;

  constructor(downscaleFactor: number) {
    super();
    this.downscaleFactor = downscaleFactor;
  }

  override forward(x: Tensor): Tensor {
    return this.within(() => pixelUnshuffle(x, this.downscaleFactor));
  }

  override extraRepr(): string {
    return `downscaleFactor=${this.downscaleFactor}`;
  }

  override receptiveField(): ReceptiveField {
    const { downscaleFactor: r } = this;
    return { size: [r, r], step: [r, r] };
  }
}

/** `channelShuffle` with groups of its own: (N, C, *S) ─► the same. */
export class ChannelShuffle extends Module {
  readonly groups: number;

  constructor(groups: number) {
    super();
    this.groups = groups;
  }

  override forward(x: Tensor): Tensor {
    return this.within(() => channelShuffle(x, this.groups));
  }

  override extraRepr(): string {
    return `groups=${this.groups}`;
  }
}
