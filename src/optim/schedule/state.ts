import { StateError } from "../../core/errors.ts";
import { sameShape, showShape } from "../../core/shape.ts";
import type { Tensor } from "../../tensor/index.ts";

/** Throws a StateError that lists what a state dict lacks, has too much, or has in another shape than `owner`'s. */
export function expectFit(
  owner: { stateDict(): Record<string, Tensor> },
  state: Readonly<Record<string, Tensor>>,
): void {
  const own = owner.stateDict();
  const wrong = [
    ...Object.keys(own)
      .filter((name) => !(name in state))
      .map((name) => `${name} is missing`),
    ...Object.keys(state)
      .filter((name) => !(name in own))
      .map((name) => `${name} is unexpected`),
    ...Object.entries(own)
      .filter(([name, { shape }]) => name in state && !sameShape(shape, state[name].shape))
      .map(([name, { shape }]) => `${name} is ${showShape(state[name].shape)}, not ${showShape(shape)}`),
  ];
  if (wrong.length === 0) return;
  throw new StateError(`The state dict does not fit ${owner.constructor.name}: ${wrong.join("; ")}.`);
}
