import { ArgumentError } from "../../core/errors.ts";
import type { Grouped } from "../group.ts";
import {
  cosine,
  LRScheduler,
  type PerGroup,
  perGroup,
  requireShare,
  requireWhole,
  requireWord,
  setRates,
} from "./schedule.ts";

export interface CyclicLROptions {
  /** the lowest rate */
  baseLr: PerGroup<number>;
  /** the highest rate */
  maxLr: PerGroup<number>;
  /** steps from the lowest to the highest; 2000 by default */
  stepSizeUp?: number;
  /** steps from the highest to the lowest; `stepSizeUp` by default */
  stepSizeDown?: number;
  /** how cycles shrink: not at all (`"triangular"`, the default), by half each, or by γ in each step */
  mode?: "triangular" | "triangular2" | "exp_range";
  /** γ of `"exp_range"`; 1 by default */
  gamma?: number;
  /** how cycles shrink, in place of `mode`: a function of the cycle's number (from 1), or of the step's */
  scaleFn?: (x: number) => number;
  /** what `scaleFn` is a function of: `"cycle"` by default */
  scaleMode?: "cycle" | "iterations";
  /** whether the momentum moves against the rate; true by default */
  cycleMomentum?: boolean;
  /** the momentum at the highest rate; 0.8 by default */
  baseMomentum?: PerGroup<number>;
  /** the momentum at the lowest rate; 0.9 by default */
  maxMomentum?: PerGroup<number>;
}

/**
 * Moves the learning rate up and down between two bounds: lr = base + (max − base)·h(t)·s, where h rises linearly from 0
 * to 1 and falls back, and s shrinks the cycles: 1, 1 / 2ⁿ in the n-th cycle after the first, or γᵗ.
 *
 * The momentum (Adam's β₁) moves the other way: maxMomentum − (maxMomentum − baseMomentum)·h(t)·s. Throws an
 * ArgumentError if the optimizer has no momentum and `cycleMomentum` is not false, or a list does not fit its groups.
 * Smith, Cyclical learning rates for training neural networks, 2017.
 *
 * ```ts
 * const optimizer = new SGD([new Parameter(tensor([1]))], { lr: 1, momentum: 0.9 });
 * const schedule = new CyclicLR(optimizer, { baseLr: 1, maxLr: 3, stepSizeUp: 2 });
 * const rates = [];
 * for (let batch = 0; batch < 6; batch++) {
 *   rates.push(...schedule.getLastLr());
 *   schedule.step();
 * }
 * rates; // [ 1, 2, 3, 2, 1, 2 ]
 * ```
 */
export class CyclicLR extends LRScheduler {
  constructor(optimizer: Grouped, options: CyclicLROptions) {
    const { stepSizeUp = 2000, stepSizeDown = stepSizeUp, mode = "triangular", gamma = 1 } = options;
    const { scaleFn, scaleMode = "cycle", cycleMomentum = true, baseMomentum = 0.8, maxMomentum = 0.9 } = options;
    const baseLrs = perGroup("CyclicLR: baseLr", options.baseLr, optimizer);
    const maxLrs = perGroup("CyclicLR: maxLr", options.maxLr, optimizer);
    const momenta = cycleMomentum ? boundsOf("CyclicLR", optimizer, baseMomentum, maxMomentum) : undefined;
    requireWord("CyclicLR: mode", mode, ["triangular", "triangular2", "exp_range"]);
    requireWord("CyclicLR: scaleMode", scaleMode, ["cycle", "iterations"]);
    if (!(stepSizeUp > 0 && stepSizeDown > 0)) throw new ArgumentError("CyclicLR: both step sizes must be above 0.");
    const whole = stepSizeUp + stepSizeDown;
    const height = (t: number): number => {
      const cycle = Math.floor(1 + t / whole);
      const over = (1 + t / whole - cycle) * whole;
      const triangle = over <= stepSizeUp ? over / stepSizeUp : (whole - over) / stepSizeDown;
      if (scaleFn) return triangle * scaleFn(scaleMode === "cycle" ? cycle : t);
      return triangle * { triangular: 1, triangular2: 0.5 ** (cycle - 1), exp_range: gamma ** t }[mode];
    };
    setRates(optimizer, baseLrs);
    super(
      optimizer,
      ({ t, group }) => baseLrs[group] + (maxLrs[group] - baseLrs[group]) * height(t),
      momenta && (({ t, group: i }) => momenta.max[i] - (momenta.max[i] - momenta.base[i]) * height(t)),
    );
  }
}

export interface OneCycleLROptions {
  /** the highest rate */
  maxLr: PerGroup<number>;
  /** steps of the whole training; or `epochs` and `stepsPerEpoch` */
  totalSteps?: number;
  epochs?: number;
  stepsPerEpoch?: number;
  /** the part of the steps in which the rate rises; 0.3 by default */
  pctStart?: number;
  /** along cosines (`"cos"`, the default) or lines */
  annealStrategy?: "cos" | "linear";
  /** whether the momentum moves against the rate; true by default */
  cycleMomentum?: boolean;
  /** the momentum at the highest rate; 0.85 by default */
  baseMomentum?: PerGroup<number>;
  /** the momentum at the beginning and the end; 0.95 by default */
  maxMomentum?: PerGroup<number>;
  /** the rate begins with maxLr / divFactor; 25 by default */
  divFactor?: number;
  /** and ends with maxLr / divFactor / finalDivFactor; 1e4 by default */
  finalDivFactor?: number;
  /** whether the rate falls to the first one as fast as it rose, and only then to the last; false by default */
  threePhase?: boolean;
}

/** A stretch of a cycle: the rates and the momenta at its ends, as names of them. */
interface Phase {
  readonly end: number;
  readonly from: "initial" | "max";
  readonly to: "initial" | "max" | "min";
}

/**
 * Raises the learning rate from maxLr / divFactor to maxLr, then lowers it to maxLr / (divFactor·finalDivFactor), each
 * along a cosine or a line, in one cycle over the whole training. The momentum (Adam's β₁) moves the other way.
 *
 * After the last step the rates stay; one more throws an ArgumentError, as does an optimizer without momentum unless
 * `cycleMomentum` is false, and a setting out of its domain.
 * Smith and Topin, Super-convergence: very fast training of neural networks using large learning rates, 2018.
 *
 * ```ts
 * const optimizer = new SGD([new Parameter(tensor([1]))], { lr: 1, momentum: 0.9 });
 * const schedule = new OneCycleLR(optimizer, { maxLr: 1, totalSteps: 10, divFactor: 4, annealStrategy: "linear" });
 * const rates = [];
 * for (let batch = 0; batch < 10; batch++) {
 *   rates.push(schedule.getLastLr()[0].toFixed(2));
 *   schedule.step();
 * }
 * rates.join(" "); // "0.25 0.63 1.00 0.86 0.71 0.57 0.43 0.29 0.14 0.00"
 * ```
 */
export class OneCycleLR extends LRScheduler {
  constructor(optimizer: Grouped, options: OneCycleLROptions) {
    const { pctStart = 0.3, annealStrategy = "cos", divFactor = 25, finalDivFactor = 1e4, threePhase } = options;
    const { epochs = Number.NaN, stepsPerEpoch = Number.NaN, totalSteps = epochs * stepsPerEpoch } = options;
    const { cycleMomentum = true, baseMomentum = 0.85, maxMomentum = 0.95 } = options;
    requireWhole("OneCycleLR: totalSteps (or epochs · stepsPerEpoch)", totalSteps);
    requireShare("OneCycleLR: pctStart", pctStart);
    requireWord("OneCycleLR: annealStrategy", annealStrategy, ["cos", "linear"]);
    const rates = perGroup("OneCycleLR: maxLr", options.maxLr, optimizer).map((max) => {
      return { max, initial: max / divFactor, min: max / divFactor / finalDivFactor };
    });
    const momenta = cycleMomentum ? boundsOf("OneCycleLR", optimizer, baseMomentum, maxMomentum) : undefined;

    const rise: Phase = { end: pctStart * totalSteps - 1, from: "initial", to: "max" };
    const phases: readonly Phase[] = threePhase
      ? [
          rise,
          { end: 2 * pctStart * totalSteps - 2, from: "max", to: "initial" },
          { end: totalSteps - 1, from: "initial", to: "min" },
        ]
      : [rise, { end: totalSteps - 1, from: "max", to: "min" }];
    /** The phase of step t, and which part of it is left. */
    const at = (t: number): Phase & { readonly left: number } => {
      const i = phases.findIndex(({ end }, k) => t <= end || k === phases.length - 1);
      const start = i === 0 ? 0 : phases[i - 1].end;
      const over = t >= phases[i].end ? 1 : (t - start) / (phases[i].end - start);
      return { ...phases[i], left: annealStrategy === "cos" ? cosine(over) : 1 - over };
    };
    setRates(
      optimizer,
      rates.map(({ initial }) => initial),
    );
    super(
      optimizer,
      ({ t, group }) => {
        if (t > totalSteps) throw new ArgumentError(`OneCycleLR has ${totalSteps} steps, but was to make one more.`);
        const { from, to, left } = at(t);
        return rates[group][from] * left + rates[group][to] * (1 - left);
      },
      momenta &&
        (({ t, group }) => {
          const { from, to, left } = at(t);
          const momentum = (rate: Phase["to"]): number => (rate === "max" ? momenta.base : momenta.max)[group];
          return momentum(from) * left + momentum(to) * (1 - left);
        }),
    );
  }
}

/** The bounds of each group's momentum. Throws an ArgumentError if the optimizer has none. */
function boundsOf(
  name: string,
  optimizer: Grouped,
  base: PerGroup<number>,
  max: PerGroup<number>,
): { readonly base: readonly number[]; readonly max: readonly number[] } {
  if (!optimizer.groups.every(({ settings }) => "momentum" in settings || "betas" in settings)) {
    throw new ArgumentError(
      `${name}: ${optimizer.constructor.name} has no momentum that could move: pass { cycleMomentum: false }.`,
    );
  }
  return {
    base: perGroup(`${name}: baseMomentum`, base, optimizer),
    max: perGroup(`${name}: maxMomentum`, max, optimizer),
  };
}
