import { ArgumentError } from "../core/errors.ts";
import { showShape } from "../core/shape.ts";
import type { PadOptions, Tensor } from "../tensor/index.ts";
import { Module } from "./module.ts";
import { batched, type Sizes } from "./spatial.ts";

/** A frame around d spatial dimensions, by `pad`. */
abstract class Padding extends Module {
  readonly padding: readonly number[];
  readonly #d: number;
  readonly #options: PadOptions;

  constructor(d: number, padding: Sizes, options: PadOptions) {
    super();
    const ends = typeof padding === "number" ? new Array<number>(2 * d).fill(padding) : padding;
    if (ends.length !== 2 * d || !ends.every(Number.isInteger)) {
      throw new ArgumentError(
        `${this.constructor.name}: padding must be ${2 * d} whole numbers, two a dimension from the last, but is [${ends.join(", ")}].`,
      );
    }
    this.padding = ends;
    this.#d = d;
    this.#options = options;
  }

  override forward(x: Tensor): Tensor {
    const name = this.constructor.name;
    return this.within(() => batched(name, x, this.#d, (input) => input.pad(this.padding, this.#options)));
  }

  override extraRepr(): string {
    const { value } = this.#options;
    return `padding=${showShape(this.padding)}${value === undefined ? "" : `, value=${value}`}`;
  }
}

/**
 * Zeros around the input, before and behind by `padding`: (N, C, L) ─► (N, C, L′).
 *
 * ```ts
 * new ZeroPad1d(1).forward(tensor([[1, 2, 3]])); // tensor([[0., 1., 2., 3., 0.]])
 * ```
 */
export class ZeroPad1d extends Padding {
  constructor(padding: Sizes) {
    super(1, padding, {});
  }
}

/** Zeros around the input, left, right, above, below by `padding`: (N, C, H, W) ─► (N, C, H′, W′), as `ZeroPad1d`. */
export class ZeroPad2d extends Padding {
  constructor(padding: Sizes) {
    super(2, padding, {});
  }
}

/** Zeros around the input, left, right, above, below, in front, behind by `padding`: (N, C, D, H, W) ─► (N, C, D′, H′, W′), as `ZeroPad1d`. */
export class ZeroPad3d extends Padding {
  constructor(padding: Sizes) {
    super(3, padding, {});
  }
}

/**
 * One value around the input, before and behind by `padding`: (N, C, L) ─► (N, C, L′).
 *
 * ```ts
 * new ConstantPad1d([0, 1], 9).forward(tensor([[1, 2, 3]])); // tensor([[1., 2., 3., 9.]])
 * ```
 */
export class ConstantPad1d extends Padding {
  constructor(padding: Sizes, value: number) {
    super(1, padding, { value });
  }
}

/** One value around the input, left, right, above, below by `padding`: (N, C, H, W) ─► (N, C, H′, W′), as `ConstantPad1d`. */
export class ConstantPad2d extends Padding {
  constructor(padding: Sizes, value: number) {
    super(2, padding, { value });
  }
}

/** One value around the input, left, right, above, below, in front, behind by `padding`: (N, C, D, H, W) ─► (N, C, D′, H′, W′), as `ConstantPad1d`. */
export class ConstantPad3d extends Padding {
  constructor(padding: Sizes, value: number) {
    super(3, padding, { value });
  }
}

/**
 * The input mirrored at its outer elements, which do not repeat, below the input's size, before and behind by `padding`: (N, C, L) ─► (N, C, L′).
 *
 * ```ts
 * new ReflectionPad1d(2).forward(tensor([[1, 2, 3]])); // tensor([[3., 2., 1., 2., 3., 2., 1.]])
 * ```
 */
export class ReflectionPad1d extends Padding {
  constructor(padding: Sizes) {
    super(1, padding, { mode: "reflect" });
  }
}

/** The input mirrored at its outer elements, which do not repeat, below the input's size, left, right, above, below by `padding`: (N, C, H, W) ─► (N, C, H′, W′), as `ReflectionPad1d`. */
export class ReflectionPad2d extends Padding {
  constructor(padding: Sizes) {
    super(2, padding, { mode: "reflect" });
  }
}

/** The input mirrored at its outer elements, which do not repeat, below the input's size, left, right, above, below, in front, behind by `padding`: (N, C, D, H, W) ─► (N, C, D′, H′, W′), as `ReflectionPad1d`. */
export class ReflectionPad3d extends Padding {
  constructor(padding: Sizes) {
    super(3, padding, { mode: "reflect" });
  }
}

/**
 * The outer elements repeated, before and behind by `padding`: (N, C, L) ─► (N, C, L′).
 *
 * ```ts
 * new ReplicationPad1d(1).forward(tensor([[1, 2, 3]])); // tensor([[1., 1., 2., 3., 3.]])
 * ```
 */
export class ReplicationPad1d extends Padding {
  constructor(padding: Sizes) {
    super(1, padding, { mode: "replicate" });
  }
}

/** The outer elements repeated, left, right, above, below by `padding`: (N, C, H, W) ─► (N, C, H′, W′), as `ReplicationPad1d`. */
export class ReplicationPad2d extends Padding {
  constructor(padding: Sizes) {
    super(2, padding, { mode: "replicate" });
  }
}

/** The outer elements repeated, left, right, above, below, in front, behind by `padding`: (N, C, D, H, W) ─► (N, C, D′, H′, W′), as `ReplicationPad1d`. */
export class ReplicationPad3d extends Padding {
  constructor(padding: Sizes) {
    super(3, padding, { mode: "replicate" });
  }
}

/**
 * The other end of the input, at most all of it, before and behind by `padding`: (N, C, L) ─► (N, C, L′).
 *
 * ```ts
 * new CircularPad1d(1).forward(tensor([[1, 2, 3]])); // tensor([[3., 1., 2., 3., 1.]])
 * ```
 */
export class CircularPad1d extends Padding {
  constructor(padding: Sizes) {
    super(1, padding, { mode: "circular" });
  }
}

/** The other end of the input, at most all of it, left, right, above, below by `padding`: (N, C, H, W) ─► (N, C, H′, W′), as `CircularPad1d`. */
export class CircularPad2d extends Padding {
  constructor(padding: Sizes) {
    super(2, padding, { mode: "circular" });
  }
}

/** The other end of the input, at most all of it, left, right, above, below, in front, behind by `padding`: (N, C, D, H, W) ─► (N, C, D′, H′, W′), as `CircularPad1d`. */
export class CircularPad3d extends Padding {
  constructor(padding: Sizes) {
    super(3, padding, { mode: "circular" });
  }
}
