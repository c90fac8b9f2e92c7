import { ArgumentError } from "../../core/errors.ts";
import type { Blueprint } from "../../data/index.ts";
import type { Random } from "../../data/random.ts";
import type { Example } from "./example.ts";

/** Makes a new example of an example; all chance comes from `random`. */
export interface Transform {
  apply(example: Example, random: Random): Example;
  /** how a loader's worker builds the transform again */
  readonly blueprint?: Blueprint | undefined;
}

const MODULE = import.meta.url.replace(/transform(\.[jt]s)$/, "index$1");

/** A transform of the library: an export of index.ts that its constructor's arguments describe. */
export abstract class LibraryTransform implements Transform {
  readonly blueprint: Blueprint | undefined;

  constructor(...args: readonly unknown[]) {
    this.blueprint = { module: MODULE, name: new.target.name, args };
  }

  abstract apply(example: Example, random: Random): Example;
}

/** Those of a list, or nothing if one of them has none. */
function blueprintOf(
  name: string,
  transforms: readonly Transform[],
  ...rest: readonly unknown[]
): Blueprint | undefined {
  const parts = transforms.map(({ blueprint }) => blueprint);
  return parts.includes(undefined) ? undefined : { module: MODULE, name, args: [parts, ...rest] };
}

/**
 * Transforms one after the other. Source: torchvision.transforms.Compose.
 *
 * ```ts
 * const example = { picture: { data: new Uint8Array([1, 2, 3]), width: 3, height: 1, channels: 1 } } as const;
 * const both = new Compose([new RandomHorizontalFlip(1), new CenterCrop([1, 1])]);
 * both.apply(example, new Random(0)).picture.data; // Uint8Array(1) [ 2 ]
 * ```
 */
export class Compose implements Transform {
  readonly transforms: readonly Transform[];
  readonly blueprint: Blueprint | undefined;

  constructor(transforms: readonly Transform[]) {
    this.transforms = transforms;
    this.blueprint = blueprintOf("Compose", transforms);
  }

  apply(example: Example, random: Random): Example {
    let last = example;
    for (const transform of this.transforms) last = transform.apply(last, random);
    return last;
  }
}

/** All of the transforms with probability p, which is ½ if nothing is said, or none. Source: torchvision.transforms.RandomApply. */
export class RandomApply implements Transform {
  readonly blueprint: Blueprint | undefined;
  readonly #all: Compose;
  readonly #p: number;

  constructor(transforms: readonly Transform[], p = 0.5) {
    this.#all = new Compose(transforms);
    this.#p = checkProbability("RandomApply", p);
    this.blueprint = blueprintOf("RandomApply", transforms, p);
  }

  apply(example: Example, random: Random): Example {
    return random.uniform() < this.#p ? this.#all.apply(example, random) : example;
  }
}

export function checkProbability(name: string, p: number): number {
  if (!(p >= 0 && p <= 1)) throw new ArgumentError(`${name}: p is a probability, but is ${p}.`);
  return p;
}

/** From where to where something is drawn. */
export type Range = readonly [from: number, to: number];

export function checkRange(name: string, what: string, range: Range, least: number = Number.NEGATIVE_INFINITY): Range {
  const [from, to] = range;
  if (!(from <= to && from >= least && Number.isFinite(to) && Number.isFinite(from))) {
    const bound = Number.isFinite(least) ? `, from ${least} on` : "";
    throw new ArgumentError(`${name}: ${what} is [from, to]${bound}, but is [${range.join(", ")}].`);
  }
  return range;
}
