import { DataError } from "../core/errors.ts";
import type { DataLoader, DataLoaderState } from "../data/index.ts";
import { loadSafetensors, saveSafetensors } from "../io/index.ts";
import type { LRScheduler, Optimizer } from "../optim/index.ts";
import { defaultGenerator, type Tensor } from "../tensor/index.ts";
import type { Model } from "./recipe.ts";
import type { Progress } from "./train.ts";

/** Everything that training changes. */
export interface Training {
  readonly model: Model<unknown>;
  readonly optimizer: Optimizer;
  readonly schedule: LRScheduler | undefined;
  readonly loader: DataLoader;
  readonly progress: Progress;
}

/** Writes one safetensors file: tensors under `model.`, `optimizer.` and `schedule.`, the state of the random numbers, the rest as JSON. */
export async function saveCheckpoint(
  path: string,
  { model, optimizer, schedule, loader, progress }: Training,
): Promise<void> {
  const tensors = {
    ...prefixed("model.", model.stateDict()),
    ...prefixed("optimizer.", optimizer.stateDict()),
    ...prefixed("schedule.", schedule?.stateDict() ?? {}),
    random: defaultGenerator.state.get()!,
  };
  await saveSafetensors(path, tensors, {
    metadata: { progress: JSON.stringify(progress), loader: JSON.stringify(loader.stateDict()) },
  });
}

/** Puts everything back as it was when the file was written. Throws a DataError that names the file if it is damaged. */
export async function loadCheckpoint(
  path: string,
  { model, optimizer, schedule, loader, progress }: Training,
): Promise<void> {
  const { tensors, metadata } = await loadSafetensors(path);
  if (!tensors.random || !metadata.progress || !metadata.loader) throw new DataError(`${path} is not a checkpoint.`);
  model.loadStateDict(unprefixed("model.", tensors));
  optimizer.loadStateDict(unprefixed("optimizer.", tensors));
  schedule?.loadStateDict(unprefixed("schedule.", tensors)); // after the optimizer: it sets the rates
  defaultGenerator.state.set(tensors.random);
  loader.loadStateDict(JSON.parse(metadata.loader) as DataLoaderState);
  Object.assign(progress, JSON.parse(metadata.progress));
}

function prefixed(prefix: string, tensors: Readonly<Record<string, Tensor>>): Record<string, Tensor> {
  return Object.fromEntries(Object.entries(tensors).map(([name, value]) => [prefix + name, value]));
}

function unprefixed(prefix: string, tensors: Readonly<Record<string, Tensor>>): Record<string, Tensor> {
  const own = Object.entries(tensors).filter(([name]) => name.startsWith(prefix));
  return Object.fromEntries(own.map(([name, value]) => [name.slice(prefix.length), value]));
}
