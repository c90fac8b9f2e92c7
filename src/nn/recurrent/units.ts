/** The equations of recurrent units, for cells and layers. */

import { type Parameter, type Tensor, where } from "../../tensor/index.ts";
import { linear } from "../linear.ts";

/** The weights of a cell, or of one layer in one direction; gates lie after one another in the first dimension. */
export interface UnitWeights {
  /** (gates·H, I) */
  readonly weightIh: Parameter;
  /** (gates·H, H), with a projection (gates·H, P) */
  readonly weightHh: Parameter;
  /** (gates·H) */
  readonly biasIh?: Parameter | undefined;
  /** (gates·H) */
  readonly biasHh?: Parameter | undefined;
  /** of a projection: (P, H) */
  readonly weightHr?: Parameter | undefined;
  /** of peepholes, for the gates i, f and o: (3, H) */
  readonly weightCh?: Parameter | undefined;
}

/** A recurrent unit. What does not depend on the state is computed for all times at once. */
export interface Unit {
  /** the input's part of the gates: (…, I) ─► (…, gates·H) */
  readonly fromInput: (x: Tensor) => Tensor;
  /** the next state from this one and the input's part of the gates; its first tensor is the output */
  readonly next: (state: readonly Tensor[], fromInput: Tensor) => Tensor[];
}

const bothBiases = ({ biasIh, biasHh }: UnitWeights): Tensor | undefined => biasHh && biasIh?.add(biasHh);

/** What follows the sum in a plain unit. */
export type RNNNonlinearity = "tanh" | "relu";

/** h′ = f(x·Wᵢₕᵀ + bᵢₕ + h·Wₕₕᵀ + bₕₕ). */
export function rnnUnit(weights: UnitWeights, nonlinearity: RNNNonlinearity): Unit {
  const recurrent = weights.weightHh.t(); // (H, H)
  return {
    fromInput: (x) => linear(x, weights.weightIh, bothBiases(weights)),
    next: ([h], fromInput) => [fromInput.add(h.matmul(recurrent))[nonlinearity]()],
  };
}

/** Gates i, f, g, o: c′ = σ(f)·c + σ(i)·tanh(g), h′ = σ(o)·tanh(c′), which a projection makes shorter. */
export function lstmUnit(weights: UnitWeights): Unit {
  const recurrent = weights.weightHh.t(); // (H, 4H)
  const projection = weights.weightHr?.t(); // (H, P)
  const [toInput, toForget, toOutput] = weights.weightCh?.unbind(0) ?? []; // (H) each
  const sigmoid = (gate: Tensor, cell: Tensor, peephole: Tensor | undefined) =>
    (peephole ? gate.add(cell.mul(peephole)) : gate).sigmoid();
  return {
    fromInput: (x) => linear(x, weights.weightIh, bothBiases(weights)),
    next: ([h, c], fromInput) => {
      const [i, f, g, o] = fromInput.add(h.matmul(recurrent)).chunk(4, -1); // (B, H) each
      const cell = sigmoid(f, c, toForget)
        .mul(c)
        .add(sigmoid(i, c, toInput).mul(g.tanh()));
      const output = sigmoid(o, cell, toOutput).mul(cell.tanh());
      return [projection ? output.matmul(projection) : output, cell];
    },
  };
}

/** Gates r, z, n: h′ = (1 − σ(z))·n + σ(z)·h, where r resets what n sees of h after or before its weights. */
export function gruUnit(weights: UnitWeights, resetAfter: boolean): Unit {
  return resetAfter ? resettingAfter(weights) : resettingBefore(weights);
}

/** n = tanh(xₙ + r·(h·Wₕₙᵀ + bₕₙ)). */
function resettingAfter({ weightIh, weightHh, biasIh, biasHh }: UnitWeights): Unit {
  const recurrent = weightHh.t(); // (H, 3H)
  return {
    fromInput: (x) => linear(x, weightIh, biasIh),
    next: ([h], fromInput) => {
      const sums = h.matmul(recurrent);
      const [hr, hz, hn] = (biasHh ? sums.add(biasHh) : sums).chunk(3, -1); // (B, H) each
      const [xr, xz, xn] = fromInput.chunk(3, -1);
      return [mixed(xz.add(hz), xn.add(xr.add(hr).sigmoid().mul(hn)), h)];
    },
  };
}

/** n = tanh(xₙ + (r·h)·Wₕₙᵀ + bₕₙ). */
function resettingBefore(weights: UnitWeights): Unit {
  const [toReset, toUpdate, toCandidate] = weights.weightHh.chunk(3, 0).map((weight) => weight.t()); // (H, H) each
  return {
    fromInput: (x) => linear(x, weights.weightIh, bothBiases(weights)),
    next: ([h], fromInput) => {
      const [xr, xz, xn] = fromInput.chunk(3, -1); // (B, H) each
      const reset = xr.add(h.matmul(toReset)).sigmoid();
      return [mixed(xz.add(h.matmul(toUpdate)), xn.add(reset.mul(h).matmul(toCandidate)), h)];
    },
  };
}

/** tanh(n) where σ(z) is 0, h where it is 1. */
function mixed(z: Tensor, n: Tensor, h: Tensor): Tensor {
  const candidate = n.tanh();
  return candidate.add(z.sigmoid().mul(h.sub(candidate)));
}

/** A unit whose state stays, and whose output is zero, where the mask, which comes beside the input, is false. */
export const freezing =
  (next: Unit["next"]) =>
  (state: readonly Tensor[], [fromInput, mask]: readonly [Tensor, Tensor]): [state: Tensor[], output: Tensor] => {
    const goesOn = mask.unsqueeze(1); // (B, 1)
    const after = next(state, fromInput);
    return [after.map((x, i) => where(goesOn, x, state[i])), where(goesOn, after[0], 0)];
  };
