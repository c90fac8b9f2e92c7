import { NanError } from "../core/errors.ts";
import { DataLoader } from "../data/index.ts";
import { compile, manualSeed, type Tensor } from "../tensor/index.ts";
import { breathe, scoreOf } from "./evaluate.ts";
import type { Model, Recipe } from "./recipe.ts";
import type { EpochResult, RunFolder } from "./run-folder.ts";

/** Where training stands. */
export interface Progress {
  /** optimizer steps since the beginning */
  step: number;
  /** of the running epoch: examples seen, the sum of their losses */
  seen: number;
  lossSum: number;
  /** and how many were classified correctly, where accuracy is the score */
  correct?: number;
  /** the epochs that are complete */
  history: EpochResult[];
}

export interface TrainOptions {
  /** once aborted, training finishes its step, saves, and returns */
  signal?: AbortSignal;
  /** data, model and checkpoint are loaded; an epoch has `examples` of them */
  onStart?: (progress: Readonly<Progress>, examples: number) => void;
  onStep?: (progress: Readonly<Progress>) => void;
  /** with what the recipe shows, files by name */
  onEpoch?: (result: EpochResult, samples: Readonly<Record<string, string>>) => void;
  /** a checkpoint cannot be read, and the one before it is tried */
  onDamaged?: (reason: string) => void;
}

const SAVE_EVERY = 60_000; // ms

/**
 * Trains a recipe in the run's folder, from its last checkpoint if there is one: then it goes on, bit for bit, as if it
 * had never stopped. Saves after each epoch and each minute. Gives whether all epochs are done.
 *
 * Throws a NanError if the loss stops being finite.
 */
export async function train(recipe: Recipe, run: RunFolder, options: TrainOptions = {}): Promise<boolean> {
  const { settings } = run.info;
  const { batchSize, seed, numWorkers } = settings;
  manualSeed(seed);
  const data = await recipe.data(settings);
  const model = recipe.model(settings);
  const optimizer = recipe.optimizer(model, settings);
  const loader = new DataLoader(data.train, { batchSize, shuffle: recipe.shuffle ?? true, seed, numWorkers });
  const schedule = recipe.schedule?.(optimizer, settings.epochs * loader.length, settings);
  const score = scoreOf(recipe);
  const classifies = recipe.score === undefined;
  const fresh = { seen: 0, lossSum: 0, ...(classifies && { correct: 0 }) };
  const progress: Progress = { step: 0, ...fresh, history: [] };
  const training = { model, optimizer, schedule, loader, progress };
  await run.loadCheckpoint(training, options.onDamaged);

  const step = compile((x: Tensor, ...targets: Tensor[]) => {
    const output = recipe.trainingStep ? undefined : (model as Model).forward(x);
    const loss = recipe.trainingStep?.(model, x, ...targets) ?? recipe.loss!(output as never, ...targets);
    loss.backward();
    optimizer.step();
    optimizer.zeroGrad();
    return classifies ? [loss, output!.argmax(1).eq(targets[0]).sum()] : [loss];
  });

  const test = score.of(model, settings);
  let [savedAt, epochBegan] = [Date.now(), Date.now()];
  options.onStart?.(progress, data.train.length);
  while (progress.history.length < settings.epochs) {
    model.train();
    // A run that was stopped during the test has that epoch's batches behind it: its loader stands in the next one.
    if (loader.epoch === progress.history.length) {
      for await (const [x, ...targets] of loader) {
        const [loss, correct] = step(x, ...targets);
        schedule?.step();
        account(progress, await loss.item(), await correct?.item(), x.shape[0]);
        options.onStep?.(progress);
        await breathe();
        if (options.signal?.aborted) {
          await run.saveCheckpoint(training);
          return false;
        }
        if (Date.now() - savedAt > SAVE_EVERY) {
          await run.saveCheckpoint(training);
          savedAt = Date.now();
        }
      }
    }
    const reached = await test(data.test, options.signal);
    if (reached === undefined) {
      await run.saveCheckpoint(training);
      return false;
    }
    const result = {
      epoch: progress.history.length + 1,
      step: progress.step,
      loss: progress.lossSum / progress.seen,
      [score.name]: reached,
      seconds: (Date.now() - epochBegan) / 1000,
    };
    progress.history.push(result);
    Object.assign(progress, fresh);
    model.eval();
    const samples = (await recipe.samples?.(model, settings)) ?? {};
    await run.saveSamples(result.epoch, samples);
    await run.saveModel(model.stateDict());
    await run.saveMetrics(progress.history);
    await run.saveCheckpoint(training); // last: a run that dies before it repeats what came before
    savedAt = epochBegan = Date.now();
    options.onEpoch?.(result, samples);
  }
  return true;
}

function account(progress: Progress, loss: number, correct: number | undefined, examples: number): void {
  progress.step++;
  if (!Number.isFinite(loss)) {
    throw new NanError(`the loss is ${loss} at step ${progress.step}: try a smaller learning rate (--set lr=…).`);
  }
  progress.seen += examples;
  progress.lossSum += loss * examples;
  if (correct !== undefined) progress.correct = (progress.correct ?? 0) + correct;
}
