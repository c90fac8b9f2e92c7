/** A model as parts from the input to the output, which learn at rates of their own, or one after the other. */

import { ArgumentError } from "../../core/errors.ts";
import type { Parameter } from "../../tensor/index.ts";
import type { Module } from "../module.ts";

export interface DiscriminativeOptions {
  /** the last part's learning rate */
  lr: number;
  /** how many times slower each part learns than the next one; 2.6 by default */
  decay?: number;
  /** the parts from the input to the output; the model's children by default */
  parts?: readonly Module[];
}

/** The children of a model that have parameters, in the order of its fields. */
function partsOf(model: Module): Module[] {
  return model.children().filter((child) => child.parameters().length > 0);
}

/**
 * Groups of parameters for an optimizer in which early parts of a model learn slower: part i of L has the rate
 * lr / decay^(L − 1 − i).
 *
 * Throws an ArgumentError if a parameter of the model is in no part. Howard and Ruder, Universal language model fine-tuning
 * for text classification, 2018.
 *
 * ```ts
 * const model = new Sequential(new Linear(4, 8), new ReLU(), new Linear(8, 2));
 * discriminativeGroups(model, { lr: 0.01, decay: 10 }).map(({ lr }) => lr); // [ 0.001, 0.01 ]
 * ```
 */
export function discriminativeGroups(
  model: Module,
  { lr, decay = 2.6, parts = partsOf(model) }: DiscriminativeOptions,
): { params: Parameter[]; lr: number }[] {
  const taken = new Set<Parameter>();
  const groups = parts.map((part, i) => {
    const params = part.parameters().filter((p) => !taken.has(p) && taken.add(p));
    return { params, lr: lr / decay ** (parts.length - 1 - i) };
  });
  const left = model.namedParameters().find(([, parameter]) => !taken.has(parameter));
  if (left) throw new ArgumentError(`discriminativeGroups: the parameter ${left[0]} is in none of the parts.`);
  return groups;
}

export interface UnfreezingOptions {
  /** epochs until the next part is unfrozen; 1 by default */
  every?: number;
  /** the parts from the input to the output; the model's children that have parameters by default */
  parts?: readonly Module[];
}

/**
 * Has a model learn from its end: in epoch e the last 1 + ⌊e / every⌋ parts do, the ones before are frozen.
 *
 * Throws an ArgumentError unless `every` is a whole number above 0. Howard and Ruder, Universal language model fine-tuning
 * for text classification, 2018.
 *
 * ```ts
 * const model = new Sequential(new Linear(4, 8), new ReLU(), new Linear(8, 2));
 * const unfreezing = new GradualUnfreezing(model);
 * [model[0].frozen, model[2].frozen]; // [ true, false ]
 * unfreezing.step(1);
 * [model[0].frozen, model[2].frozen]; // [ false, false ]
 * ```
 */
export class GradualUnfreezing {
  readonly #parts: readonly Module[];
  readonly #every: number;

  constructor(model: Module, options: UnfreezingOptions = {}) {
    const { every = 1, parts = partsOf(model) } = options;
    if (!Number.isInteger(every) || every < 1)
      throw new ArgumentError(`GradualUnfreezing: every must be a whole number above 0, but is ${every}.`);
    this.#parts = parts;
    this.#every = every;
    this.step(0);
  }

  /** Before epoch `epoch`, counted from 0. */
  step(epoch: number): void {
    const learning = 1 + Math.floor(epoch / this.#every);
    for (const [i, part] of this.#parts.entries()) {
      if (i < this.#parts.length - learning) part.freeze();
      else part.unfreeze();
    }
  }
}
