import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { DataError } from "../core/errors.ts";
import { loadSafetensors } from "../io/index.ts";
import type { Module } from "../nn/index.ts";
import { type Recipe, RunFolder, type Settings } from "../train/index.ts";
import { loadRecipe } from "./load-recipe.ts";
import { RUNS } from "./places.ts";

export interface TrainedModel {
  readonly recipe: Recipe;
  readonly settings: Settings;
  readonly model: Module;
  /** of the weights */
  readonly path: string;
}

/** The model of a file that `train` saved, of a run's folder, or (without `where`) of the latest run; in eval mode. */
export async function openModel(where?: string): Promise<TrainedModel> {
  const path = await modelPath(where);
  const { tensors, metadata } = await loadSafetensors(path);
  if (!metadata.recipe || !metadata.settings) {
    throw new DataError(`${path} does not say which recipe it belongs to: it was not saved by \`chainrule train\`.`);
  }
  const { recipe } = await loadRecipe(metadata.recipe);
  const settings = JSON.parse(metadata.settings) as Settings;
  const model = recipe.model(settings);
  model.loadStateDict(tensors);
  model.eval();
  return { recipe, settings, model, path };
}

async function modelPath(where?: string): Promise<string> {
  if (where === undefined) {
    const run = await RunFolder.latest(RUNS);
    if (!run) throw new DataError(`there is no run in ${resolve(RUNS)} yet: \`chainrule train mnist-cnn\` makes one.`);
    return await requireModel(run);
  }
  const isFolder = (await stat(where).catch(() => undefined))?.isDirectory();
  return isFolder ? await requireModel(await RunFolder.open(where)) : where;
}

async function requireModel(run: RunFolder): Promise<string> {
  if (await stat(run.model).catch(() => undefined)) return run.model;
  throw new DataError(
    `${run.path} has no model yet: it is saved after the first epoch. \`chainrule train --resume ${run.path}\` goes on.`,
  );
}
