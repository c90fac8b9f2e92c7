import { Conv2d, Module } from "../../nn/index.ts";
import type { Tensor } from "../../tensor/index.ts";
import { DoubleConv, UNetDown, UNetUp, type UNetUpOptions } from "../blocks/index.ts";

export interface UNetOptions extends UNetUpOptions {
  /** 3 by default */
  inChannels?: number;
  /** 2 by default */
  numClasses?: number;
  /** channels at full size, which double at each step down; 64 by default */
  width?: number;
  /** steps down, and up again; 4 by default */
  depth?: number;
}

/**
 * A network that says of every pixel what it belongs to: down to small pictures of many channels, and up again beside
 * what the way down has seen at each size.
 *
 * Shapes: (N, inChannels, H, W) ─► (N, numClasses, H, W), logits; H and W are at least 2^depth. Ronneberger et al., U-Net:
 * convolutional networks for biomedical image segmentation, 2015; with padding and batch normalisation.
 *
 * ```ts
 * const model = new UNet({ inChannels: 1, numClasses: 11, width: 8, depth: 2 });
 * model.forward(zeros([1, 1, 16, 18])).shape; // [ 1, 11, 16, 18 ]
 * ```
 */
export class UNet extends Module {
  readonly inc: DoubleConv;
  readonly down: readonly UNetDown[];
  readonly up: readonly UNetUp[];
  readonly outc: Conv2d;

  constructor(options: UNetOptions = {}) {
    super();
    const { inChannels = 3, numClasses = 2, width = 64, depth = 4 } = options;
    const channels = Array.from({ length: depth + 1 }, (_, level) => width * 2 ** level);
    this.inc = new DoubleConv(inChannels, width);
    this.down = channels.slice(1).map((wide) => new UNetDown(wide / 2, wide));
    this.up = channels
      .slice(0, -1)
      .reverse()
      .map((narrow) => new UNetUp(2 * narrow, narrow, narrow, options));
    this.outc = new Conv2d(width, numClasses, 1);
  }

  override forward(x: Tensor): Tensor {
    const seen = [this.inc.forward(x)]; // (N, width · 2^i, H / 2^i, W / 2^i)
    for (const step of this.down) seen.push(step.forward(seen[seen.length - 1]));
    const [deepest, ...skips] = seen.reverse();
    const full = this.up.reduce((y, step, i) => step.forward(y, skips[i]), deepest); // (N, width, H, W)
    return this.outc.forward(full);
  }
}
