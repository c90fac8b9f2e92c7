import type { Tensor } from "../../tensor/index.ts";
import type { PackedSequence } from "./packing.ts";
import { Recurrent, type RecurrentForwardOptions, type RecurrentOptions } from "./recurrent.ts";
import { type RNNNonlinearity, rnnUnit, type Unit, type UnitWeights } from "./units.ts";

export interface RNNOptions extends RecurrentOptions {
  /** what follows the sum; `"tanh"` by default */
  nonlinearity?: RNNNonlinearity;
}

/**
 * Plain recurrent layers: hₜ = tanh(xₜ·Wᵢₕᵀ + bᵢₕ + hₜ₋₁·Wₕₕᵀ + bₕₕ), or with relu in place of tanh.
 *
 * Shapes, sequences of several lengths and options are `LSTM`'s, but for the state, which is h alone; weights and biases have
 * one gate. Throws what `LSTM` throws. Elman, Finding structure in time, 1990.
 *
 * ```ts
 * const rnn = new RNN(10, 20, { numLayers: 2, nonlinearity: "relu" });
 * const [output, h] = rnn.forward(ones([5, 3, 10]));
 * output.shape; // [ 5, 3, 20 ]
 * h.shape; // [ 2, 3, 20 ]
 * ```
 */
export class RNN extends Recurrent {
  readonly nonlinearity: RNNNonlinearity;

  constructor(inputSize: number, hiddenSize: number, options: RNNOptions = {}) {
    super(inputSize, hiddenSize, { gates: 1, states: [hiddenSize] }, options);
    this.nonlinearity = options.nonlinearity ?? "tanh";
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
    return rnnUnit(weights, this.nonlinearity);
  }

  override extraRepr(): string {
    return `${super.extraRepr()}${this.nonlinearity === "tanh" ? "" : `, nonlinearity="${this.nonlinearity}"`}`;
  }
}
