import { DataLoader } from "../data/index.ts";
import { compile, noGrad, type Tensor } from "../tensor/index.ts";
import type { Measure, Model, Recipe, Score } from "./recipe.ts";

const BATCH = 500;

/**
 * A function that gives the share of examples which the model classifies correctly, in eval mode; undefined if its
 * signal was aborted before the end. Compiled once, for any number of calls.
 */
export function accuracyOf(model: Model): Measure<readonly [target: Tensor]> {
  const count = compile((x: Tensor, y: Tensor) => noGrad(() => model.forward(x).argmax(1).eq(y).sum()));
  return async (examples, signal) => {
    model.eval();
    let correct = 0;
    for (const [x, y] of new DataLoader(examples, { batchSize: BATCH })) {
      correct += await count(x, y).item();
      await breathe();
      if (signal?.aborted) return undefined;
    }
    return correct / examples.length;
  };
}

const ACCURACY: Score<readonly [target: Tensor], Model> = { name: "accuracy", of: accuracyOf };

/** What a recipe's models are judged by: accuracy, unless it says otherwise. */
export const scoreOf = (recipe: Recipe): Score => recipe.score ?? (ACCURACY as Score);

/** A score as people read it: a share as "97.85 %", another number as "1.2840". */
export const formatScore = ({ format = "percent" }: Pick<Score, "format">, reached: number): string =>
  format === "percent" ? `${(100 * reached).toFixed(2)} %` : reached.toFixed(4);

const PAUSE_EVERY = 50; // ms
let paused = 0;

/** Lets timers, signals and the terminal have their turn now and then: a loop over resolved promises never does. */
export async function breathe(): Promise<void> {
  if (performance.now() - paused < PAUSE_EVERY) return;
  await new Promise((resolve) => setTimeout(resolve));
  paused = performance.now();
}
