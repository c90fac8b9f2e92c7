/** Recurrent units for one time: for loops that decide at each time what comes in at the next. */

import { ShapeError } from "../../core/errors.ts";
import { numel, sameShape, showShape } from "../../core/shape.ts";
import { type Parameter, type Shape, type Tensor, zeros } from "../../tensor/index.ts";
import { checkCounts } from "../counts.ts";
import { uniformFanIn } from "../init/scaled.ts";
import type { WeightOptions } from "../linear.ts";
import { Module } from "../module.ts";
import { setUnitForgetBias } from "./forget.ts";
import { gruUnit, lstmUnit, type RNNNonlinearity, rnnUnit, type Unit } from "./units.ts";

/** What the cells have in common: weights of some gates, which begin as U(±1/√H). */
abstract class Cell extends Module {
  readonly inputSize: number;
  readonly hiddenSize: number;
  /** (gates·H, I) */
  readonly weightIh: Parameter;
  /** (gates·H, H) */
  readonly weightHh: Parameter;
  /** (gates·H) */
  readonly biasIh: Parameter | undefined;
  /** (gates·H) */
  readonly biasHh: Parameter | undefined;

  constructor(inputSize: number, hiddenSize: number, gates: number, { bias = true, dtype }: WeightOptions) {
    super();
    checkCounts(this.constructor.name, { inputSize, hiddenSize });
    this.inputSize = inputSize;
    this.hiddenSize = hiddenSize;
    const rows = gates * hiddenSize;
    this.weightIh = uniformFanIn([rows, inputSize], hiddenSize, dtype);
    this.weightHh = uniformFanIn([rows, hiddenSize], hiddenSize, dtype);
    this.biasIh = bias ? uniformFanIn([rows], hiddenSize, dtype) : undefined;
    this.biasHh = bias ? uniformFanIn([rows], hiddenSize, dtype) : undefined;
  }

  /** The state after x; zeros stand for what is missing of the state before it. */
  protected advance(
    { fromInput, next }: Unit,
    x: Tensor,
    state: readonly Tensor[] | undefined,
    count: number,
  ): Tensor[] {
    return this.within(() => {
      const projected = fromInput(x); // (B, gates·H) or (gates·H)
      const shape = [...x.shape.slice(0, -1), this.hiddenSize];
      const before = state ?? new Array<Tensor>(count).fill(zeros(shape, { dtype: projected.dtype }));
      if (x.ndim > 2 || before.some((part) => !sameShape(part.shape, shape))) {
        throw new ShapeError(
          `the input (batch, ${this.inputSize}) or (${this.inputSize}) comes with states (batch, ${this.hiddenSize}) or (${this.hiddenSize}), but got ${showShape(x.shape)} and ${before.map((part) => showShape(part.shape)).join(", ")}.`,
        );
      }
      return next(before, projected);
    });
  }

  /** Every weight meets every example once. */
  override multiplyAdds(output: Shape): number {
    const weights = this.parameters().filter(({ ndim }) => ndim === 2);
    return (numel(output) / this.hiddenSize) * weights.reduce((sum, weight) => sum + weight.numel(), 0);
  }

  override extraRepr(): string {
    return `${this.inputSize}, ${this.hiddenSize}${this.biasIh ? "" : ", bias=false"}`;
  }
}

export interface RNNCellOptions extends WeightOptions {
  /** what follows the sum; `"tanh"` by default */
  nonlinearity?: RNNNonlinearity;
}

/**
 * One time of a plain recurrent network: h′ = tanh(x·Wᵢₕᵀ + bᵢₕ + h·Wₕₕᵀ + bₕₕ), or with relu in place of tanh.
 *
 * Shapes: x (B, I) or (I), h (B, H) or (H), zeros if it is not given ─► h′ as h; weightIh (H, I), weightHh (H, H), biases (H).
 * Throws a ShapeError for others. Elman, Finding structure in time, 1990.
 *
 * ```ts
 * const cell = new RNNCell(10, 20);
 * let h = cell.forward(ones([3, 10])); // (3, 20)
 * h = cell.forward(ones([3, 10]), h);
 * h.shape; // [ 3, 20 ]
 * cell.forward(ones([3, 10]), ones([2, 20])); // throws ShapeError
 * ```
 */
export class RNNCell extends Cell {
  readonly nonlinearity: RNNNonlinearity;

  constructor(inputSize: number, hiddenSize: number, options: RNNCellOptions = {}) {
    super(inputSize, hiddenSize, 1, options);
    this.nonlinearity = options.nonlinearity ?? "tanh";
  }

  override forward(x: Tensor, h?: Tensor): Tensor {
    return this.advance(rnnUnit(this, this.nonlinearity), x, h && [h], 1)[0];
  }

  override extraRepr(): string {
    return `${super.extraRepr()}${this.nonlinearity === "tanh" ? "" : `, nonlinearity="${this.nonlinearity}"`}`;
  }
}

export interface LSTMCellOptions extends WeightOptions {
  /** whether the gates see the cell too, each unit its own, through a weight `weightCh` (3, H); false by default */
  peepholes?: boolean;
  /** whether the forget gate's biases begin at 1 and 0, so that nothing is forgotten at first; false by default */
  unitForgetBias?: boolean;
}

/**
 * One time of long short-term memory: with (i, f, g, o) = x·Wᵢₕᵀ + bᵢₕ + h·Wₕₕᵀ + bₕₕ, the cell is
 * c′ = σ(f)·c + σ(i)·tanh(g) and the output h′ = σ(o)·tanh(c′). With peepholes, p·c is added to i and f, and p·c′ to o.
 *
 * Shapes: x (B, I) or (I), h and c (B, H) or (H), zeros if they are not given ─► [h′, c′]; weightIh (4H, I), weightHh (4H, H),
 * biases (4H), weightCh (3, H) of i, f, o. Throws a ShapeError for others. Hochreiter and Schmidhuber, Long short-term
 * memory, 1997; Gers, Schmidhuber and Cummins, Learning to forget, 2000 (the forget gate, and its bias); Gers, Schraudolph
 * and Schmidhuber, Learning precise timing with LSTM recurrent networks, 2002 (peepholes).
 *
 * ```ts
 * const cell = new LSTMCell(10, 20);
 * let [h, c] = cell.forward(ones([3, 10])); // (3, 20) each
 * [h, c] = cell.forward(ones([3, 10]), [h, c]);
 * h.shape; // [ 3, 20 ]
 * ```
 */
export class LSTMCell extends Cell {
  readonly weightCh: Parameter | undefined;

  constructor(inputSize: number, hiddenSize: number, options: LSTMCellOptions = {}) {
    super(inputSize, hiddenSize, 4, options);
    const { peepholes = false, unitForgetBias = false, dtype } = options;
    this.weightCh = peepholes ? uniformFanIn([3, hiddenSize], hiddenSize, dtype) : undefined;
    if (unitForgetBias) setUnitForgetBias("LSTMCell", this);
  }

  override forward(x: Tensor, state?: readonly [h: Tensor, c: Tensor]): [h: Tensor, c: Tensor] {
    const [h, c] = this.advance(lstmUnit(this), x, state, 2);
    return [h, c];
  }

  override extraRepr(): string {
    return `${super.extraRepr()}${this.weightCh ? ", peepholes=true" : ""}`;
  }
}

export interface GRUCellOptions extends WeightOptions {
  /** whether r resets what has gone through the weights already, as in PyTorch, or the state itself; true by default */
  resetAfter?: boolean;
}

/**
 * One time of a gated recurrent unit: r = σ(xᵣ + hᵣ), z = σ(x_z + h_z), n = tanh(xₙ + r·hₙ), h′ = (1 − z)·n + z·h, where x and h
 * with an index are the parts of x·Wᵢₕᵀ + bᵢₕ and h·Wₕₕᵀ + bₕₕ. With `resetAfter: false`, n = tanh(xₙ + (r·h)·Wₕₙᵀ + bₕₙ).
 *
 * Shapes: x (B, I) or (I), h (B, H) or (H), zeros if it is not given ─► h′ as h; weightIh (3H, I), weightHh (3H, H), biases
 * (3H). Throws a ShapeError for others. Cho et al., Learning phrase representations using RNN encoder–decoder, 2014 (which
 * resets before, and has z the other way round).
 *
 * ```ts
 * const cell = new GRUCell(10, 20);
 * cell.forward(ones([3, 10])).shape; // [ 3, 20 ]
 * cell; // GRUCell(10, 20)
 * ```
 */
export class GRUCell extends Cell {
  readonly resetAfter: boolean;

  constructor(inputSize: number, hiddenSize: number, options: GRUCellOptions = {}) {
    super(inputSize, hiddenSize, 3, options);
    this.resetAfter = options.resetAfter ?? true;
  }

  override forward(x: Tensor, h?: Tensor): Tensor {
    return this.advance(gruUnit(this, this.resetAfter), x, h && [h], 1)[0];
  }

  override extraRepr(): string {
    return `${super.extraRepr()}${this.resetAfter ? "" : ", resetAfter=false"}`;
  }
}
