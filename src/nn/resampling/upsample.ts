import type { Shape, Tensor } from "../../tensor/index.ts";
import { Module } from "../module.ts";
import { showOptions } from "../spatial.ts";
import type { ReceptiveField } from "../summary.ts";
import { type InterpolateOptions, interpolate } from "./interpolate.ts";

export type UpsampleOptions = Omit<InterpolateOptions, "antialias">;

/**
 * `interpolate` with options of its own.
 *
 * ```ts
 * const up = new Upsample({ scaleFactor: 2, mode: "bilinear" });
 * up; // Upsample(scaleFactor=2, mode=bilinear)
 * up.forward(zeros([8, 3, 16, 16])).shape; // [ 8, 3, 32, 32 ]
 * ```
 */
export class Upsample extends Module {
  readonly options: UpsampleOptions;

  constructor(options: UpsampleOptions) {
    super();
    this.options = options;
  }

  override forward(x: Tensor): Tensor {
    return this.within(() => interpolate(x, this.options));
  }

  override extraRepr(): string {
    return showOptions(this.options);
  }

  override receptiveField(input: Shape, output: Shape): ReceptiveField {
    const { mode = "nearest" } = this.options;
    const step = input.slice(2).map((length, i) => length / output[2 + i]);
    const taps = mode === "bicubic" ? 4 : mode.endsWith("linear") ? 2 : 1;
    return { size: step.map((s) => (mode === "area" ? Math.ceil(s) : taps)), step };
  }
}

type SizeOrFactor = Pick<InterpolateOptions, "size" | "scaleFactor">;

/** `Upsample` of pictures by the nearest element. */
export class UpsamplingNearest2d extends Upsample {
  constructor({ size, scaleFactor }: SizeOrFactor) {
    super({ size, scaleFactor, mode: "nearest" });
  }
}

/** `Upsample` of pictures by the four neighbours, with `alignCorners`. */
export class UpsamplingBilinear2d extends Upsample {
  constructor({ size, scaleFactor }: SizeOrFactor) {
    super({ size, scaleFactor, mode: "bilinear", alignCorners: true });
  }
}
