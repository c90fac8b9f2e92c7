/** What the recurrent layers share: layers on one another, both directions, several lengths. */

import { ArgumentError, DTypeError, ShapeError } from "../../core/errors.ts";
import { numel, sameShape, showShape } from "../../core/shape.ts";
import { arange, cat, type Parameter, type Shape, scan, stack, Tensor, tensor, zeros } from "../../tensor/index.ts";
import { checkCounts } from "../counts.ts";
import { uniformFanIn } from "../init/scaled.ts";
import type { WeightOptions } from "../linear.ts";
import { Module } from "../module.ts";
import { dropout, expectProbability, variationalDropout } from "../regularization/dropout.ts";
import { type PackedSequence, packLike, padPackedSequence } from "./packing.ts";
import { freezing, type Unit, type UnitWeights } from "./units.ts";

/** How the outputs of both directions become one. */
export type Merge = "concat" | "sum" | "average";

export interface RecurrentOptions extends WeightOptions {
  /** how many layers stand on one another; 1 by default */
  numLayers?: number;
  /** whether inputs and outputs are (B, T, …) in place of (T, B, …), states never; false by default */
  batchFirst?: boolean;
  /** the probability with which what one layer gives the next is zero while training; 0 by default */
  dropout?: number;
  /** whether dropout zeros the same units at all times of a sequence; false by default */
  variational?: boolean;
  /** whether there is a second network in each layer, from the last time to the first; false by default */
  bidirectional?: boolean;
  /** how the outputs of both directions become one: side by side (the default), added, or their mean */
  merge?: Merge;
}

/** What a recurrent layer may know of its sequences. */
export interface RecurrentForwardOptions {
  /** how many times each sequence has, the rest being padding: B numbers or (B) of i32; all by default */
  lengths?: Tensor | readonly number[];
  /** true where a sequence has something at a time, in the input's order: (T, B), with `batchFirst` (B, T); all by default */
  mask?: Tensor;
}

/** Sizes that follow from the unit. */
interface UnitSizes {
  readonly gates: number;
  /** the sizes of what a state consists of; the first is the output's */
  readonly states: readonly number[];
  readonly peepholes?: boolean;
}

/** Layers of one unit. A field for each weight: `weightIhL0`, `weightHhL0Reverse`, `biasIhL1`, …, PyTorch's `weight_ih_l0`, …. */
export abstract class Recurrent extends Module {
  readonly [weight: `${"weight" | "bias"}${"Ih" | "Hh" | "Hr" | "Ch"}L${string}`]: Parameter;
  readonly inputSize: number;
  readonly hiddenSize: number;
  readonly numLayers: number;
  readonly batchFirst: boolean;
  readonly dropout: number;
  readonly variational: boolean;
  readonly bidirectional: boolean;
  readonly merge: Merge;
  /** of the last dimension of what `forward` gives */
  readonly outputSize: number;
  readonly #states: readonly number[];

  constructor(inputSize: number, hiddenSize: number, sizes: UnitSizes, options: RecurrentOptions) {
    super();
    const { numLayers = 1, bias = true, dropout = 0, bidirectional = false, merge = "concat", dtype } = options;
    const name = this.constructor.name;
    checkCounts(name, { inputSize, hiddenSize, numLayers });
    expectProbability(name, dropout);
    if (dropout > 0 && numLayers === 1) {
      throw new ArgumentError(
        `${name}: dropout acts between layers, and there is one: put a Dropout after it, or raise numLayers.`,
      );
    }
    if (options.merge && !bidirectional) {
      throw new ArgumentError(
        `${name}: merge is "${merge}", but there is one direction: pass { bidirectional: true }.`,
      );
    }
    const { gates, states, peepholes = false } = sizes;
    const [out] = states;
    this.inputSize = inputSize;
    this.hiddenSize = hiddenSize;
    this.numLayers = numLayers;
    this.batchFirst = options.batchFirst ?? false;
    this.dropout = dropout;
    this.variational = options.variational ?? false;
    this.bidirectional = bidirectional;
    this.merge = merge;
    this.outputSize = bidirectional && merge === "concat" ? 2 * out : out;
    this.#states = states;
    for (const { layer, place } of this.#places()) {
      const add = (weight: string, ...shape: number[]) =>
        Reflect.set(this, weight + place, uniformFanIn(shape, hiddenSize, dtype));
      add("weightIh", gates * hiddenSize, layer === 0 ? inputSize : this.outputSize);
      add("weightHh", gates * hiddenSize, out);
      if (bias) add("biasIh", gates * hiddenSize);
      if (bias) add("biasHh", gates * hiddenSize);
      if (out !== hiddenSize) add("weightHr", out, hiddenSize);
      if (peepholes) add("weightCh", 3, hiddenSize);
    }
  }

  /** The equations, for the weights of one layer in one direction. */
  protected abstract unit(weights: UnitWeights): Unit;

  /** Each layer in each direction, and how its weights' names end. */
  #places(): { layer: number; place: `L${string}` }[] {
    const ends = this.bidirectional ? ["", "Reverse"] : [""];
    return Array.from({ length: this.numLayers }, (_, layer) =>
      ends.map((end) => ({ layer, place: `L${layer}${end}` as const })),
    ).flat();
  }

  /** The weights of each layer in each direction. */
  protected weights(): UnitWeights[] {
    return this.#places().map(({ place }) => ({
      weightIh: this[`weightIh${place}`],
      weightHh: this[`weightHh${place}`],
      biasIh: this[`biasIh${place}`],
      biasHh: this[`biasHh${place}`],
      weightHr: this[`weightHr${place}`],
      weightCh: this[`weightCh${place}`],
    }));
  }

  /** The last layer's outputs in the form of the input, and the last states (numLayers · directions, B, …). */
  protected run<X extends Tensor | PackedSequence>(
    x: X,
    state: readonly Tensor[] | undefined,
    options: RecurrentForwardOptions,
  ): [X, Tensor[]];
  protected run(
    x: Tensor | PackedSequence,
    state: readonly Tensor[] | undefined,
    options: RecurrentForwardOptions,
  ): [Tensor | PackedSequence, Tensor[]] {
    return this.within(() => {
      if (x instanceof Tensor) return this.#ofTensor(x, state, options);
      if (options.lengths || options.mask) {
        throw new ArgumentError(`${this.constructor.name}: a PackedSequence has its lengths: give no others.`);
      }
      const [padded, lengths] = padPackedSequence(x); // (T, B, I)
      const [output, last] = this.#ofSteps(padded, state, maskOf(padded.shape, lengths));
      return [packLike(output, x), last];
    });
  }

  #ofTensor(
    x: Tensor,
    state: readonly Tensor[] | undefined,
    { lengths, mask }: RecurrentForwardOptions,
  ): [Tensor, Tensor[]] {
    if ((x.ndim !== 2 && x.ndim !== 3) || x.shape[x.ndim - 1] !== this.inputSize) {
      const batch = this.batchFirst ? "(batch, time, " : "(time, batch, ";
      throw new ShapeError(
        `the input is ${batch}${this.inputSize}) or (time, ${this.inputSize}), but got ${showShape(x.shape)}.`,
      );
    }
    if (lengths && mask) throw new ArgumentError(`${this.constructor.name}: give lengths or a mask, not both.`);
    if (x.ndim === 2) {
      if (lengths || mask) {
        throw new ArgumentError(
          `${this.constructor.name}: one sequence (time, ${this.inputSize}) needs no lengths or mask.`,
        );
      }
      const [output, last] = this.#ofSteps(
        x.unsqueeze(1),
        state?.map((part) => part.unsqueeze(1)),
        undefined,
      );
      return [output.squeeze(1), last.map((part) => part.squeeze(1))];
    }
    if (mask && !sameShape(mask.shape, x.shape.slice(0, 2))) {
      throw new ShapeError(`the mask is ${showShape(mask.shape)}, but the input is ${showShape(x.shape)}.`);
    }
    const turn = (steps: Tensor) => (this.batchFirst ? steps.transpose(0, 1) : steps); // (B, T, …) ◄─► (T, B, …)
    const steps = turn(x);
    const known = lengths ? maskOf(steps.shape, lengths) : mask && turn(mask);
    const [output, last] = this.#ofSteps(steps, state, known);
    return [turn(output), last];
  }

  /** (T, B, I) and a mask (T, B) ─► (T, B, outputSize) and the last states. */
  #ofSteps(x: Tensor, state: readonly Tensor[] | undefined, mask: Tensor | undefined): [Tensor, Tensor[]] {
    const { numLayers, training, dropout: p } = this;
    const weights = this.weights();
    const directions = weights.length / numLayers;
    const { dtype } = weights[0].weightHh;
    if (x.dtype !== dtype) {
      throw new DTypeError(
        `${this.constructor.name}: the input is ${x.dtype}, but the weights are ${dtype}: convert it with .to("${dtype}").`,
      );
    }
    const states = this.#states.map((size, i) => {
      const shape = [weights.length, x.shape[1], size];
      if (state && !sameShape(state[i].shape, shape)) {
        throw new ShapeError(
          `the state ${"hc"[i]} is (numLayers · directions, batch, size) = ${showShape(shape)}, but got ${showShape(state[i].shape)}.`,
        );
      }
      return state?.[i] ?? zeros(shape, { dtype });
    });
    const last: Tensor[][] = []; // of each layer in each direction
    let output = x; // (T, B, …)
    for (let layer = 0; layer < numLayers; layer++) {
      const outputs = Array.from({ length: directions }, (_, direction) => {
        const place = layer * directions + direction;
        const unit = this.unit(weights[place]);
        const start = states.map((part) => part.select(0, place)); // (B, …)
        const [end, steps] = walk(unit, output, start, mask, direction === 1);
        last.push(end);
        return steps;
      });
      output = merged(outputs, this.merge);
      if (layer === numLayers - 1 || p === 0) continue;
      output = this.variational
        ? variationalDropout(output, { p, training, dim: 0 })
        : dropout(output, { p, training });
    }
    return [output, states.map((_, i) => stack(last.map((end) => end[i])))];
  }

  /** Every weight meets every time of every sequence once. */
  override multiplyAdds(output: Shape): number {
    const weights = this.parameters().filter(({ ndim }) => ndim === 2);
    return (numel(output) / this.outputSize) * weights.reduce((sum, weight) => sum + weight.numel(), 0);
  }

  override extraRepr(): string {
    const { inputSize, hiddenSize, numLayers, batchFirst, dropout, variational, bidirectional, merge } = this;
    const bias = this.biasIhL0 !== undefined;
    const shown = [
      numLayers > 1 && `numLayers=${numLayers}`,
      !bias && "bias=false",
      batchFirst && "batchFirst=true",
      dropout > 0 && `dropout=${dropout}`,
      variational && "variational=true",
      bidirectional && "bidirectional=true",
      merge !== "concat" && `merge="${merge}"`,
    ];
    return [inputSize, hiddenSize, ...shown.filter(Boolean)].join(", ");
  }
}

/** One direction of one layer over all times: the last state and the outputs (T, B, …). */
function walk(
  { fromInput, next }: Unit,
  x: Tensor,
  start: Tensor[],
  mask: Tensor | undefined,
  reverse: boolean,
): [Tensor[], Tensor] {
  const inputs = fromInput(x); // (T, B, gates·H)
  if (mask) return scan(freezing(next), start, [inputs, mask] as const, { reverse });
  const step = (state: Tensor[], slice: Tensor): [Tensor[], Tensor] => {
    const after = next(state, slice);
    return [after, after[0]];
  };
  return scan(step, start, inputs, { reverse });
}

/** (T, B) of what has lengths (B). Those of a tensor are not looked at: what is above T counts as T. */
function maskOf([times, batch]: Shape, lengths: Tensor | readonly number[]): Tensor {
  const counts = lengths instanceof Tensor ? lengths : tensor(lengths, { dtype: "i32", shape: [lengths.length] });
  if (!sameShape(counts.shape, [batch])) {
    throw new ShapeError(`the lengths are ${showShape(counts.shape)}, but there are ${batch} sequences.`);
  }
  const wrong =
    lengths instanceof Tensor ? undefined : lengths.find((n) => !(Number.isInteger(n) && n >= 0 && n <= times));
  if (wrong !== undefined) throw new ArgumentError(`A length is ${wrong}, but there are ${times} times.`);
  return arange(times, { dtype: "i32" }).unsqueeze(1).lt(counts); // (T, 1) < (B)
}

function merged(outputs: readonly Tensor[], merge: Merge): Tensor {
  if (outputs.length === 1) return outputs[0];
  if (merge === "concat") return cat(outputs, 2);
  const sum = outputs[0].add(outputs[1]);
  return merge === "sum" ? sum : sum.div(2);
}
