import { ArgumentError } from "../../core/errors.ts";
import type { Tensor } from "../../tensor/index.ts";
import { setUnitForgetBias } from "./forget.ts";
import type { PackedSequence } from "./packing.ts";
import { Recurrent, type RecurrentForwardOptions, type RecurrentOptions } from "./recurrent.ts";
import { lstmUnit, type Unit, type UnitWeights } from "./units.ts";

export interface LSTMOptions extends RecurrentOptions {
  /** the size to which a weight `weightHr` (projSize, H) brings h; none by default */
  projSize?: number;
  /** whether the gates see the cell too, each unit its own, through a weight `weightCh` (3, H); false by default */
  peepholes?: boolean;
  /** whether the forget gates' biases begin at 1 and 0, so that less is forgotten at first; false by default */
  unitForgetBias?: boolean;
}

/**
 * Layers of long short-term memory: `LSTMCell` at each time, and with `projSize` hₜ = (σ(o)·tanh(cₜ))·Wₕᵣᵀ.
 *
 * Shapes, with L layers, D directions and H′ = projSize or H: x (T, B, I), with `batchFirst` (B, T, I), or (T, I) for one
 * sequence ─► output (T, B, D·H′), with `merge` `"sum"` or `"average"` (T, B, H′), and the last state h (L·D, B, H′), c (L·D, B, H),
 * for one sequence (L·D, H′), (L·D, H); the state to begin with has these shapes too, and is zeros if it is not given. Of each
 * layer in each direction: weightIh (4H, I), above the first layer (4H, D·H′), weightHh (4H, H′), biases (4H), all from U(±1/√H).
 *
 * Of a sequence of `lengths` times, of a `mask`, or of a PackedSequence, the state stays as it was where it has ended, outputs
 * there are zero, and the backward direction begins at its end. What padding holds must be finite. Throws a ShapeError for
 * other shapes, an ArgumentError for options that have no effect.
 *
 * Hochreiter and Schmidhuber, Long short-term memory, 1997; Sak, Senior and Beaufays, Long short-term memory recurrent neural
 * network architectures for large scale acoustic modeling, 2014 (projection); Schuster and Paliwal, Bidirectional recurrent
 * neural networks, 1997; Gal and Ghahramani, A theoretically grounded application of dropout in recurrent neural networks,
 * 2016 (`variational`).
 *
 * ```ts
 * const lstm = new LSTM(10, 20, { numLayers: 2 });
 * const [output, [h, c]] = lstm.forward(ones([5, 3, 10]));
 * output.shape; // [ 5, 3, 20 ]
 * c.shape; // [ 2, 3, 20 ]
 * const [more] = lstm.forward(ones([7, 3, 10]), [h, c], { lengths: [7, 2, 4] });
 * more.select(1, 1).abs().sum(1).gt(0); // tensor([ True, True, False, False, False, False, False])
 * Object.keys(lstm.stateDict())[0]; // "weight_ih_l0"
 * lstm.forward(ones([5, 3, 9])); // throws ShapeError
 * ```
 */
export class LSTM extends Recurrent {
  readonly projSize: number | undefined;
  readonly peepholes: boolean;

  constructor(inputSize: number, hiddenSize: number, options: LSTMOptions = {}) {
    const { projSize, peepholes = false, unitForgetBias = false } = options;
    if (projSize !== undefined && !(Number.isInteger(projSize) && projSize > 0 && projSize < hiddenSize)) {
      throw new ArgumentError(
        `LSTM: projSize is ${projSize}, but must be above 0 and below hiddenSize, ${hiddenSize}.`,
      );
    }
    super(inputSize, hiddenSize, { gates: 4, states: [projSize ?? hiddenSize, hiddenSize], peepholes }, options);
    this.projSize = projSize;
    this.peepholes = peepholes;
    if (unitForgetBias) for (const weights of this.weights()) setUnitForgetBias("LSTM", weights);
  }

  override forward<X extends Tensor | PackedSequence>(
    x: X,
    state?: readonly [h: Tensor, c: Tensor],
    options: RecurrentForwardOptions = {},
  ): [output: X, state: [h: Tensor, c: Tensor]] {
    const [output, [h, c]] = this.run(x, state, options);
    return [output, [h, c]];
  }

  protected override unit(weights: UnitWeights): Unit {
    return lstmUnit(weights);
  }

  override extraRepr(): string {
    const { projSize, peepholes } = this;
    return `${super.extraRepr()}${projSize === undefined ? "" : `, projSize=${projSize}`}${peepholes ? ", peepholes=true" : ""}`;
  }
}
