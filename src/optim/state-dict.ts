import { StateError } from "../core/errors.ts";
import { type Shape, sameShape, showShape } from "../core/shape.ts";
import { type DType, type Tensor, tensor } from "../tensor/index.ts";
import type { ParamGroup, Setting, Settings } from "./group.ts";

/** PyTorch's spelling of a name: expAvg ─► exp_avg. */
export const snakeCase = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** The groups' learning rates and settings, as a state dict holds them: `param_groups.0.lr`. */
export function groupEntries(groups: readonly ParamGroup<Settings>[]): Record<string, Tensor> {
  const entries = groups.flatMap(({ lr, settings }, i) =>
    Object.entries({ lr, ...saved(settings) }).map(([name, value]) => [entryOf(i, name), settingTensor(value)]),
  );
  return Object.fromEntries(entries);
}

/**
 * Reads the groups' learning rates and settings from a state dict, and gives what sets them. Throws a StateError if one is
 * out of its domain; then nothing has changed.
 */
export function readGroups<S extends Settings>(
  what: string,
  groups: readonly ParamGroup<S>[],
  state: Readonly<Record<string, Tensor>>,
): () => void {
  const read = groups.map((group, i) => {
    const entries = Object.entries(saved(group.settings)).map(([name, value]) => {
      return [name, settingOf(state[entryOf(i, name)], value)];
    });
    const lr = state[entryOf(i, "lr")].itemSync();
    const settings = { ...group.settings, ...Object.fromEntries(entries) };
    try {
      group.requireDomain(lr, settings);
    } catch (error) {
      throw new StateError(`The state dict does not fit ${what}: ${(error as Error).message}`);
    }
    return { group, lr, settings };
  });
  return () => {
    for (const { group, lr, settings } of read) Object.assign(group, { lr, settings });
  };
}

/** Throws a StateError that lists what `state` lacks, what is unexpected in it and what has another shape than in `own`. */
export function requireFit(
  what: string,
  own: Readonly<Record<string, { readonly shape: Shape; readonly dtype?: DType }>>,
  state: Readonly<Record<string, Tensor>>,
): void {
  const names = Object.keys(own);
  const isText = (name: string): boolean => own[name].dtype === "u8"; // of any length
  const wrong = [
    ...names.filter((name) => !(name in state)).map((name) => `${name} is missing`),
    ...Object.keys(state)
      .filter((name) => !(name in own))
      .map((name) => `${name} is unexpected`),
    ...names
      .filter((name) => name in state && !isText(name) && !sameShape(own[name].shape, state[name].shape))
      .map((name) => `${name} is ${showShape(state[name].shape)}, not ${showShape(own[name].shape)}`),
  ];
  if (wrong.length > 0) throw new StateError(`The state dict does not fit ${what}: ${wrong.join("; ")}.`);
}

const entryOf = (group: number, name: string): string => `param_groups.${group}.${snakeCase(name)}`;

/** The settings that a state dict holds: all but functions. */
const saved = (settings: object): Record<string, Setting> =>
  Object.fromEntries(
    Object.entries(settings).filter(([, value]) => value !== undefined && typeof value !== "function"),
  );

/** A setting as it stands in a state dict: strings as bytes. */
function settingTensor(value: Setting): Tensor {
  if (typeof value === "string") return tensor(new TextEncoder().encode(value));
  if (typeof value === "object")
    return tensor(
      value.map((x) => x ?? Number.NaN),
      { dtype: "f64" },
    ); // no setting is NaN
  return typeof value === "boolean" ? tensor(value) : tensor(value, { dtype: "f64" });
}

/** A setting as it is read back. */
function settingOf(x: Tensor, like: Setting): Setting {
  if (typeof like === "string") return new TextDecoder().decode(Uint8Array.from(x.dataSync()));
  if (typeof like === "object") return [...x.dataSync()].map((x) => (Number.isNaN(x) ? undefined : x));
  return typeof like === "boolean" ? x.itemSync() !== 0 : x.itemSync();
}
