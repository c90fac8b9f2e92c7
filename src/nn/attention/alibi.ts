import { arange, type DType, type Tensor, tensor } from "../../tensor/index.ts";
import { checkCounts } from "../counts.ts";

/**
 * How fast each head's attention falls with the distance: 2^(−8i/n) for i = 1 … n where n is a power of two; else those
 * of the power of two below it, and then every other one of the next power's.
 *
 * Throws an ArgumentError unless n is a whole number above 0. Press et al., Train short, test long: attention with linear
 * biases enables input length extrapolation, 2022.
 *
 * ```ts
 * alibiSlopes(4); // [ 0.25, 0.0625, 0.015625, 0.00390625 ]
 * ```
 */
export function alibiSlopes(numHeads: number): number[] {
  checkCounts("alibiSlopes", { numHeads });
  const power = 2 ** Math.floor(Math.log2(numHeads));
  const slopes = Array.from({ length: power }, (_, i) => 2 ** ((-8 * (i + 1)) / power));
  const between = Array.from({ length: numHeads - power }, (_, i) => 2 ** ((-8 * (2 * i + 1)) / (2 * power)));
  return [...slopes, ...between];
}

/**
 * What ALiBi adds to the scores in place of positions: −slopeₕ·|i − j| for query i and key j. Give it as a float mask;
 * together with `isCausal` it is the paper's.
 *
 * Shapes: (numHeads, L, S), S = L by default; where there are more keys than queries, the last query stands at the last
 * key. Throws an ArgumentError unless all are whole numbers above 0. Press et al., 2022.
 *
 * ```ts
 * alibi(1, 2); // tensor([[[ 0.0000, -0.0039], [-0.0039,  0.0000]]])
 * ```
 */
export function alibi(
  numHeads: number,
  queries: number,
  keys: number = queries,
  options: { dtype?: DType } = {},
): Tensor {
  checkCounts("alibi", { queries, keys });
  const { dtype = "f32" } = options;
  const places = arange(queries, { dtype })
    .add(keys - queries)
    .unsqueeze(1); // (L, 1)
  const nearness = tensor(0, { dtype }).sub(places.sub(arange(keys, { dtype })).abs()); // (L, S), 0 and below
  return tensor(alibiSlopes(numHeads), { dtype }).reshape([numHeads, 1, 1]).mul(nearness);
}
