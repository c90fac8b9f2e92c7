import { ArgumentError, ShapeError } from "../../core/errors.ts";
import { showShape } from "../../core/shape.ts";
import { cat, type DType, stack, type Tensor, tensor } from "../../tensor/index.ts";
import { checkCounts } from "../counts.ts";
import { Module } from "../module.ts";
import { type PositionsOptions, rowsAt } from "./positions.ts";

export interface RotaryOptions {
  /** the slowest pair turns by about 1 / base at each position; 10000 by default */
  base?: number;
  /** of the sequences; 2048 by default */
  maxLength?: number;
  /** pairs are features (2i, 2i + 1), as in RoFormer and GPT-J, instead of (i, i + d/2), as in Llama; false by default */
  interleaved?: boolean;
  /** of the table; f32 by default */
  dtype?: DType;
}

/**
 * Turns pairs of features by an angle that grows with the position, θᵢ = t·base^(−2i/d): (a, b) becomes
 * (a·cos θᵢ − b·sin θᵢ, b·cos θᵢ + a·sin θᵢ). The product of a query and a key that were turned depends on how far apart
 * they stand, not on where.
 *
 * Shapes: (…, L, d), kept; `positions` (…, L) of integers, where tokens do not stand at 0 to L − 1. For heads
 * (N, H, L, d) that stand elsewhere in each sequence they are (N, 1, L). Throws a ShapeError for others, an ArgumentError
 * for an odd d or more than maxLength tokens, and an IndexError, when it is computed, for a position outside.
 * Su et al., RoFormer: enhanced transformer with rotary position embedding, 2021.
 *
 * ```ts
 * const rotary = new RotaryEmbedding(2);
 * rotary.forward(tensor([[1, 0], [1, 0]])); // tensor([[1.0000, 0.0000], [0.5403, 0.8415]])
 * ```
 */
export class RotaryEmbedding extends Module {
  readonly dim: number;
  readonly base: number;
  readonly interleaved: boolean;
  readonly #cos: Tensor; // (maxLength, d/2)
  readonly #sin: Tensor;

  constructor(dim: number, options: RotaryOptions = {}) {
    super();
    const { base = 10000, maxLength = 2048, interleaved = false, dtype = "f32" } = options;
    checkCounts("RotaryEmbedding", { dim, maxLength });
    if (dim % 2 !== 0) throw new ArgumentError(`RotaryEmbedding turns pairs, but ${dim} features are odd in number.`);
    this.dim = dim;
    this.base = base;
    this.interleaved = interleaved;
    const [half, shape] = [dim / 2, [maxLength, dim / 2]];
    const table = (f: (angle: number) => number): Tensor => {
      const angles = Float64Array.from(
        { length: maxLength * half },
        (_, at) => Math.floor(at / half) * base ** ((-2 * (at % half)) / dim),
      );
      return tensor(angles.map(f), { shape, dtype });
    };
    this.#cos = table(Math.cos);
    this.#sin = table(Math.sin);
  }

  override forward(x: Tensor, options: PositionsOptions = {}): Tensor {
    const [length, dim] = x.shape.slice(-2);
    if (x.ndim < 2 || dim !== this.dim) {
      throw new ShapeError(`RotaryEmbedding needs features (…, L, ${this.dim}), but got ${showShape(x.shape)}.`);
    }
    const [cos, sin] = [this.#cos, this.#sin].map((table) => rowsAt("RotaryEmbedding", table, length, options));
    const turned = (a: Tensor, b: Tensor) => [a.mul(cos).sub(b.mul(sin)), b.mul(cos).add(a.mul(sin))];
    if (!this.interleaved) {
      const [a, b] = x.chunk(2, -1); // (…, L, d/2) each
      return cat(turned(a, b), -1);
    }
    const [a, b] = x.unflatten(-1, [dim / 2, 2]).unbind(-1); // (…, L, d/2) each
    return stack(turned(a, b), -1).flatten(-2); // (…, L, d/2, 2) ─► (…, L, d)
  }

  override extraRepr(): string {
    return `${this.dim}, base=${this.base}, interleaved=${this.interleaved}`;
  }
}
