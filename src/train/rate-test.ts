import { ArgumentError } from "../core/errors.ts";
import type { Module } from "../nn/index.ts";
import type { Optimizer } from "../optim/index.ts";
import { defaultGenerator, type Tensor, zerosLike } from "../tensor/index.ts";
import { breathe } from "./evaluate.ts";

export interface RateTestOptions {
  /** the first rate; 1e-7 by default */
  minLr?: number;
  /** the last rate; 10 by default */
  maxLr?: number;
  /** how many steps lie between them, at least 10; 100 by default */
  steps?: number;
  /** how much of the running mean of losses stays in each step, within [0, 1); 0.8 by default */
  smoothing?: number;
}

/** What a range test has seen, up to where the loss diverged. */
export interface RateTest {
  readonly rates: number[];
  readonly losses: number[];
  /** the running mean of the losses */
  readonly smoothed: number[];
  /** a learning rate to train with; undefined if the losses show none */
  readonly suggestion: number | undefined;
  /** what the suggestion is, or why there is none */
  readonly reason: string;
}

/**
 * Tries learning rates that rise geometrically from minLr to maxLr, one in each training step, and suggests one.
 *
 * `step` trains once, with the batch that it likes, and gives the loss; all groups of the optimizer have the rate. The suggestion is where the smoothed loss falls
 * most steeply over the logarithm of the rate. The test ends early where the loss is not finite, or its running mean has
 * risen above its lowest value by three times that value, or by three times the fall so far if that is more. Model,
 * optimizer, gradients and random numbers are then as they were before, also if `step` throws.
 *
 * Throws an ArgumentError if a setting is out of its domain.
 * Smith, Cyclical learning rates for training neural networks, 2017, section 3.3; the suggestion: Howard and Gugger,
 * Deep learning for coders with fastai and PyTorch, 2020, chapter 5.
 *
 * ```ts
 * const model = new Linear(1, 1, { bias: false });
 * model.loadStateDict({ weight: tensor([[3]]) });
 * const optimizer = new SGD(model.parameters(), { lr: 1 });
 * const step = compile(() => {
 *   const loss = model.weight.square().sum(); // steps diverge from lr = 1 on
 *   loss.backward();
 *   optimizer.step();
 *   optimizer.zeroGrad();
 *   return loss;
 * });
 * const { suggestion, reason } = await learningRateRangeTest(step, model, optimizer);
 * suggestion?.toFixed(3); // "0.045"
 * reason; // "the smoothed loss falls most steeply there"
 * optimizer.lr; // 1
 * ```
 */
export async function learningRateRangeTest(
  step: () => Tensor | Promise<Tensor>,
  model: Module,
  optimizer: Optimizer,
  options: RateTestOptions = {},
): Promise<RateTest> {
  const { minLr = 1e-7, maxLr = 10, steps = 100, smoothing = 0.8 } = options;
  if (!(minLr > 0 && minLr < maxLr && maxLr < Number.POSITIVE_INFINITY)) {
    throw new ArgumentError(`learningRateRangeTest: 0 < minLr < maxLr is needed, but they are ${minLr} and ${maxLr}.`);
  }
  if (!(Number.isInteger(steps) && steps >= FEWEST)) {
    throw new ArgumentError(
      `learningRateRangeTest: steps must be a whole number, at least ${FEWEST}, but is ${steps}.`,
    );
  }
  if (!(smoothing >= 0 && smoothing < 1)) {
    throw new ArgumentError(`learningRateRangeTest: smoothing must lie in [0, 1), but is ${smoothing}.`);
  }
  const restore = remember(model, optimizer);
  const [rates, losses]: [number[], number[]] = [[], []];
  let smoothed: number[] = [];
  try {
    for (let i = 0; i < steps && !hasDiverged(smoothed); i++) {
      const rate = minLr * (maxLr / minLr) ** (i / (steps - 1));
      optimizer.lr = rate;
      const loss = await (await step()).item();
      if (!Number.isFinite(loss)) break;
      rates.push(rate);
      losses.push(loss);
      smoothed = runningMean(losses, smoothing);
      await breathe();
    }
  } finally {
    restore();
  }
  return { rates, losses, smoothed, ...suggest(rates, losses, smoothed, smoothing) };
}

const FEWEST = 10;

/** A function that puts everything back that training changes. */
function remember(model: Module, optimizer: Optimizer): () => void {
  const [modelState, optimizerState, random] = [model.stateDict(), optimizer.stateDict(), defaultGenerator.state.get()];
  const parameters = optimizer.groups.flatMap(({ params }) => params);
  const grads = parameters.map(({ grad }) => grad);
  return () => {
    model.loadStateDict(modelState);
    // What an optimizer has begun to keep in the test, it had not yet: zeros.
    const begun = Object.entries(optimizer.stateDict()).filter(([name]) => !(name in optimizerState));
    const zero = Object.fromEntries(begun.map(([name, x]) => [name, zerosLike(x)]));
    optimizer.loadStateDict({ ...zero, ...optimizerState });
    defaultGenerator.state.set(random);
    parameters.forEach((parameter, i) => {
      parameter.grad = grads[i];
    });
  };
}

/** Σ βᵏ·xᵢ₋ₖ / Σ βᵏ at each i. */
function runningMean(values: readonly number[], β: number): number[] {
  let [sum, weight] = [0, 0];
  return values.map((x) => {
    sum = β * sum + x;
    weight = β * weight + 1;
    return sum / weight;
  });
}

function hasDiverged(smoothed: readonly number[]): boolean {
  if (smoothed.length === 0) return false;
  const lowest = Math.min(...smoothed);
  const [first, last] = [smoothed[0], smoothed[smoothed.length - 1]];
  return last - lowest > 3 * Math.max(Math.abs(lowest), first - lowest);
}

function suggest(
  rates: readonly number[],
  losses: readonly number[],
  smoothed: readonly number[],
  smoothing: number,
): Pick<RateTest, "suggestion" | "reason"> {
  const none = (reason: string) => ({ suggestion: undefined, reason });
  if (losses.length === 0) return none("the loss is not finite at the lowest rate");
  const bottom = smoothed.indexOf(Math.min(...smoothed));
  if (bottom < FEWEST / 2) {
    return none(
      losses.length < FEWEST
        ? `the loss diverges after ${losses.length} steps: try a smaller minLr`
        : "the loss never falls below its first values: it is flat, or minLr is too great",
    );
  }
  // There and back, up to the lowest point, so that smoothing moves nothing to higher rates.
  const there = runningMean(losses.slice(0, bottom + 1), smoothing);
  const curve = runningMean(there.reverse(), smoothing).reverse();
  const noise = Math.sqrt(curve.reduce((sum, x, i) => sum + (losses[i] - x) ** 2, 0) / curve.length);
  const fall = curve[0] - Math.min(...curve);
  if (!(fall > Math.max(3 * noise, 1e-3 * Math.abs(curve[0])))) {
    return none(`the loss is flat: it falls by ${fall.toPrecision(2)} and fluctuates by ${noise.toPrecision(2)}`);
  }
  const slopes = curve.slice(2).map((x, i) => x - curve[i]); // of the points from 1 on
  const steepest = slopes.indexOf(Math.min(...slopes)) + 1;
  // Nearer to the end than smoothing reaches, slopes are those of the end.
  if (steepest > rates.length - 2 - 1 / (1 - smoothing))
    return none("the loss still falls at the highest rate: try a greater maxLr");
  return { suggestion: rates[steepest], reason: "the smoothed loss falls most steeply there" };
}
