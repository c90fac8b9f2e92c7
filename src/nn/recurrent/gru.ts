import type { Tensor } from "../../tensor/index.ts";
import type { PackedSequence } from "./packing.ts";
import { Recurrent, type RecurrentForwardOptions, type RecurrentOptions } from "./recurrent.ts";
import { gruUnit, type Unit, type UnitWeights } from "./units.ts";

export interface GRUOptions extends RecurrentOptions {
  /** whether r resets what has gone through the weights already, as in PyTorch, or the state itself; true by default */
  resetAfter?: boolean;
}

/**
 * Layers of gated recurrent units: `GRUCell` at each time.
 *
 * Shapes, sequences of several lengths and options are `LSTM`'s, but for the state, which is h alone; weights and biases have
 * three gates, r, z and n. Throws what `LSTM` throws. Cho et al., Learning phrase representations using RNN encoder–decoder,
 * 2014.
 *
 * ```ts
 * const gru = new GRU(10, 20, { bidirectional: true, batchFirst: true });
 * const [output, h] = gru.forward(ones([3, 5, 10]));
 * output.shape; // [ 3, 5, 40 ]
 * h.shape; // [ 2, 3, 20 ]
 * ```
 */
export class GRU extends Recurrent {
  readonly resetAfter: boolean;

  constructor(inputSize: number, hiddenSize: number, options: GRUOptions = {}) {
    super(inputSize, hiddenSize, { gates: 3, states: [hiddenSize] }, options);
    this.resetAfter = options.resetAfter ?? true;
  }

  override forward<X extends Tensor | PackedSequence>(
    x: X,
    h?: Tensor,
    options: RecurrentForwardOptions = {},
  ): [output: X, h: Tensor] {
    const [output, [last]] = this.run(x, h && [h], options);
    return [output, last];
  }

  protected override unit(weights: UnitWeights): Unit {
    return gruUnit(weights, this.resetAfter);
  }

  override extraRepr(): string {
    return `${super.extraRepr()}${this.resetAfter ? "" : ", resetAfter=false"}`;
  }
}
