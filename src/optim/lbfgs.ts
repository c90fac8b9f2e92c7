import { ArgumentError } from "../core/errors.ts";
import {
  cat,
  compile,
  noGrad,
  ones,
  type Parameter,
  split,
  stack,
  type Tensor,
  tensor,
  zerosLike,
} from "../tensor/index.ts";
import { ParamGroup, requireAtLeastZero } from "./group.ts";
import { groupEntries, readGroups, requireFit } from "./state-dict.ts";

export type LBFGSSettings = {
  readonly maxIter: number;
  readonly maxEval: number;
  readonly toleranceGrad: number;
  readonly toleranceChange: number;
  readonly historySize: number;
  readonly lineSearchFn: "strongWolfe" | "none";
};

export interface LBFGSOptions {
  /** the learning rate: how far along its direction an iteration goes, or where its line search begins; 1 by default */
  lr?: number;
  /** iterations in one step; 20 by default */
  maxIter?: number;
  /** evaluations of the closure in one step, after which no further iteration begins; 1.25 · maxIter by default */
  maxEval?: number;
  /** a gradient without a larger element ends the step; 1e-7 by default */
  toleranceGrad?: number;
  /** a smaller change of the loss or of all parameters ends the step; 1e-9 by default */
  toleranceChange?: number;
  /** how many differences of positions and gradients are remembered; 100 by default */
  historySize?: number;
  /** a line search that finds a point with the strong Wolfe conditions; none by default */
  lineSearchFn?: "strongWolfe";
}

function requireDomain({ maxIter, maxEval, historySize, toleranceGrad, toleranceChange }: LBFGSSettings): void {
  for (const [name, value] of Object.entries({ maxIter, maxEval, historySize })) {
    if (!(Number.isInteger(value) && value > 0)) {
      throw new ArgumentError(`LBFGS: ${name} must be a positive integer, but is ${value}.`);
    }
  }
  requireAtLeastZero("LBFGS: toleranceGrad", toleranceGrad);
  requireAtLeastZero("LBFGS: toleranceChange", toleranceChange);
}

/**
 * L-BFGS: p ← p + t·d with d = −H·g, where H, near to the inverse of the Hessian, follows from the latest differences of
 * positions s and of gradients y (Nocedal's two loops over them). For smooth losses without noise: all data at once.
 *
 * A step has up to `maxIter` iterations and evaluates `closure` in each: it computes the loss, calls `backward` on fresh
 * gradients and returns the loss; it may be compiled. Since the loss decides what is next, the step itself is async and
 * cannot be compiled. t is lr, in the very first iteration lr·min(1, 1/‖g‖₁), or what the line search finds. All
 * parameters are one vector: there is one group.
 *
 * Throws an ArgumentError if a setting is out of its domain.
 * Nocedal and Wright, Numerical optimization, 2nd edition, 2006: algorithms 7.4, 7.5, 3.5 and 3.6.
 *
 * ```ts
 * const w = new Parameter(tensor([-1, 2]));
 * const optimizer = new LBFGS([w], { lineSearchFn: "strongWolfe" });
 * const closure = compile(() => {
 *   optimizer.zeroGrad();
 *   const loss = w.sub(tensor([3, 5])).square().mul(tensor([1, 10])).sum();
 *   loss.backward();
 *   return loss;
 * });
 * await optimizer.step(closure); // tensor(106.)
 * w.detach(); // tensor([3.0000, 5.0000])
 * ```
 */
export class LBFGS {
  readonly groups: readonly [ParamGroup<LBFGSSettings>];
  #funcEvals = 0;
  #nIter = 0;
  #memory: Memory | undefined;

  constructor(params: readonly Parameter[], options: LBFGSOptions = {}) {
    const { lr = 1, maxIter = 20, maxEval = Math.floor(maxIter * 1.25), lineSearchFn = "none" } = options;
    const { toleranceGrad = 1e-7, toleranceChange = 1e-9, historySize = 100 } = options;
    if (params.length === 0) throw new ArgumentError("LBFGS was given no parameters.");
    if (new Set(params).size < params.length) throw new ArgumentError("LBFGS: a parameter was given twice.");
    const shared = { maximize: false, l1: 0, constraint: undefined };
    const settings: LBFGSSettings = { maxIter, maxEval, toleranceGrad, toleranceChange, historySize, lineSearchFn };
    this.groups = [new ParamGroup<LBFGSSettings>(params, lr, { ...settings, ...shared }, requireDomain)];
  }

  /** The learning rate. */
  get lr(): number {
    return this.groups[0].lr;
  }

  set lr(next: number) {
    this.groups[0].lr = next;
  }

  /** Up to `maxIter` iterations; gives what `closure` gave first, the loss before the step. */
  async step(closure: () => Tensor): Promise<Tensor> {
    const { maxIter, maxEval, toleranceGrad, toleranceChange, lineSearchFn } = this.groups[0].settings;
    const evaluate = async (): Promise<Point> => {
      this.#funcEvals++;
      return this.#evaluate(closure);
    };
    const before = this.#funcEvals;
    let point = await evaluate();
    const first = point.result;
    if (point.largest <= toleranceGrad) return first;
    for (let i = 1; i <= maxIter; i++) {
      this.#nIter++;
      const memory = await this.#turn(point);
      const { direction } = memory;
      let { t } = memory;
      const [slope, length] = await read(...alongOf(point.gradient, direction));
      if (slope > -toleranceChange) break;
      const move = this.#mover(direction);
      const { loss } = point;
      if (lineSearchFn === "strongWolfe") {
        const at = async (t: number): Promise<Trial> => {
          move(t);
          const point = await evaluate();
          const [slope] = await read(...alongOf(point.gradient, direction));
          return { t, slope, point };
        };
        const most = maxEval - (this.#funcEvals - before);
        const found = await strongWolfe(at, { t: 0, slope, point }, t, length, most);
        ({ t, point } = found);
        this.#memory = { ...memory, t };
        move(t);
      } else {
        move(t);
        if (i < maxIter) point = await evaluate();
      }
      if (this.#funcEvals - before >= maxEval || point.largest <= toleranceGrad) break;
      if (Math.abs(t) * length <= toleranceChange || Math.abs(point.loss - loss) < toleranceChange) break;
    }
    return first;
  }

  /** Drops every parameter's gradient. */
  zeroGrad(): void {
    for (const parameter of this.groups[0].params) parameter.grad = undefined;
  }

  /** Everything that steps change and the settings, by PyTorch's names; what it has in lists is stacked here. */
  stateDict(): Record<string, Tensor> {
    const number = (value: number): Tensor => tensor(value, { dtype: "f64" });
    const counts = { "state.0.func_evals": number(this.#funcEvals), "state.0.n_iter": number(this.#nIter) };
    if (!this.#memory) return { ...counts, ...groupEntries(this.groups) };
    const { direction, t, pairs, scale, gradient, loss } = this.#memory;
    return {
      ...counts,
      "state.0.d": direction,
      "state.0.t": number(t),
      "state.0.h_diag": scale,
      "state.0.prev_flat_grad": gradient,
      "state.0.prev_loss": number(loss),
      ...(pairs.length > 0 && {
        "state.0.old_dirs": stack(pairs.map(({ y }) => y)),
        "state.0.old_stps": stack(pairs.map(({ s }) => s)),
        "state.0.ro": stack(pairs.map(({ ro }) => ro)),
      }),
      ...groupEntries(this.groups),
    };
  }

  /**
   * Goes on from a `stateDict()`, bit for bit. Throws a StateError that lists what is missing, unexpected or of another
   * shape; then nothing has changed.
   */
  loadStateDict(state: Readonly<Record<string, Tensor>>): void {
    const n = this.groups[0].params.reduce((total, p) => total + p.numel(), 0);
    const count = state["state.0.old_dirs"]?.shape[0] ?? 0;
    const isBegun = "state.0.d" in state;
    const memory = { d: [n], t: [], h_diag: [], prev_flat_grad: [n], prev_loss: [] };
    const history = { old_dirs: [count, n], old_stps: [count, n], ro: [count] };
    const expected = { func_evals: [], n_iter: [], ...(isBegun && memory), ...(count > 0 && history) };
    const shapes = Object.entries(expected).map(([name, shape]) => [`state.0.${name}`, { shape }]);
    requireFit("LBFGS", { ...Object.fromEntries(shapes), ...groupEntries(this.groups) }, state);
    const setGroups = readGroups("LBFGS", this.groups, state);
    const at = (name: string): Tensor => state[`state.0.${name}`];
    this.#funcEvals = at("func_evals").itemSync();
    this.#nIter = at("n_iter").itemSync();
    this.#memory = isBegun
      ? {
          direction: at("d"),
          t: at("t").itemSync(),
          scale: at("h_diag"),
          gradient: at("prev_flat_grad"),
          loss: at("prev_loss").itemSync(),
          pairs: Array.from({ length: count }, (_, i) => ({
            y: at("old_dirs").select(0, i),
            s: at("old_stps").select(0, i),
            ro: at("ro").select(0, i),
          })),
        }
      : undefined;
    setGroups();
  }

  async #evaluate(closure: () => Tensor): Promise<Point> {
    const result = closure();
    const [gradient, ...norms] = flattened(this.groups[0].params.map((p) => p.grad ?? zerosLike(p)));
    const [loss, largest, total] = await read(result, ...norms);
    return { result, loss, gradient, largest, total };
  }

  /** Remembers what the last iteration has shown, and turns into the direction of the next one. */
  async #turn({ gradient, loss, total }: Point): Promise<Memory> {
    const { lr, settings } = this.groups[0];
    const last = this.#memory;
    if (!last) {
      const scale = ones([], { dtype: gradient.dtype });
      const t = Math.min(1, 1 / total) * lr;
      this.#memory = { direction: newton(gradient, [], scale), t, pairs: [], scale, gradient, loss };
      return this.#memory;
    }
    let { pairs, scale } = last;
    const [y, s, ys, ro, ratio] = difference(gradient, last.gradient, last.direction, tensor(last.t, { dtype: "f64" }));
    const [curvature] = await read(ys);
    if (curvature > 1e-10) {
      pairs = [...pairs.slice(Math.max(0, pairs.length + 1 - settings.historySize)), { y, s, ro }];
      scale = ratio;
    }
    this.#memory = { direction: newton(gradient, pairs, scale), t: lr, pairs, scale, gradient, loss };
    return this.#memory;
  }

  /** Puts the parameters t·direction away from where they are now. */
  #mover(direction: Tensor): (t: number) => void {
    const { params } = this.groups[0];
    const start = params.map((p) => p.detach());
    const sizes = params.map((p) => p.numel());
    return (t) =>
      noGrad(() => {
        split(direction, sizes).forEach((part, i) => {
          params[i].assign(start[i].add(part.reshape(params[i].shape).mul(t)));
        });
      });
  }
}

/** What the closure has found: the loss, and the gradients of all parameters as one vector with two of its norms. */
interface Point {
  readonly result: Tensor;
  readonly loss: number;
  readonly gradient: Tensor;
  /** its largest magnitude */
  readonly largest: number;
  /** the sum of its magnitudes */
  readonly total: number;
}

/** A difference y of gradients over the step s, and 1 / ⟨y, s⟩. */
interface Pair {
  readonly y: Tensor;
  readonly s: Tensor;
  readonly ro: Tensor;
}

/** What an iteration leaves to the next one. */
interface Memory {
  readonly direction: Tensor;
  /** how far it went */
  readonly t: number;
  /** the oldest first */
  readonly pairs: readonly Pair[];
  /** H before it learns from the pairs: this times the identity */
  readonly scale: Tensor;
  /** where it began */
  readonly gradient: Tensor;
  readonly loss: number;
}

const read = async (...numbers: Tensor[]): Promise<number[]> => [
  ...(await stack(numbers.map((x) => x.detach().to("f64").reshape([]))).data()),
];

// Compiled: the length of the history, which grows, is in no program.

const flattened = compile((gradients: readonly Tensor[]) => {
  const all = cat(gradients.map((g) => g.reshape([-1])));
  return [all, all.abs().amax(), all.abs().sum()];
});

/** The slope along a direction, and the direction's largest element. */
const alongOf = compile((gradient: Tensor, direction: Tensor) => [
  gradient.mul(direction).sum(),
  direction.abs().amax(),
]);

const difference = compile((gradient: Tensor, before: Tensor, direction: Tensor, t: Tensor) => {
  const [y, s] = [gradient.sub(before), direction.mul(t)];
  const ys = y.mul(s).sum();
  return [y, s, ys, ys.reciprocal(), ys.div(y.mul(y).sum())];
});

const downward = compile((q: Tensor, { y, s, ro }: Pair) => {
  const share = s.mul(q).sum().mul(ro);
  return [q.sub(y.mul(share)), share];
});

const upward = compile((r: Tensor, { y, s, ro }: Pair, share: Tensor) =>
  r.add(s.mul(share.sub(y.mul(r).sum().mul(ro)))),
);

const scaled = compile((x: Tensor, factor: Tensor) => x.mul(factor));

/** −H·gradient (Nocedal and Wright, algorithm 7.4). */
function newton(gradient: Tensor, pairs: readonly Pair[], scale: Tensor): Tensor {
  const shares: Tensor[] = [];
  let q = gradient.neg();
  for (const pair of pairs.toReversed()) {
    const [next, share] = downward(q, pair);
    q = next;
    shares.unshift(share);
  }
  let r = scaled(q, scale);
  for (const [i, pair] of pairs.entries()) r = upward(r, pair, shares[i]);
  return r;
}

/** A point on the line. */
interface Trial {
  readonly t: number;
  /** the loss's derivative by t */
  readonly slope: number;
  readonly point: Point;
}

const DECREASE = 1e-4;
const CURVATURE = 0.9;
const NARROWEST = 1e-9;

/**
 * A trial where loss ≤ start + 1e-4·t·slope and |slope| ≤ 0.9·|start's slope|; the lowest one that it knows after `most`
 * evaluations, or when the bracket around it is too narrow for a direction of this length.
 */
async function strongWolfe(
  at: (t: number) => Promise<Trial>,
  start: Trial,
  first: number,
  length: number,
  most: number,
): Promise<Trial> {
  const isHigh = ({ t, point }: Trial): boolean => point.loss > start.point.loss + DECREASE * t * start.slope;
  const isFlat = ({ slope }: Trial): boolean => Math.abs(slope) <= -CURVATURE * start.slope;
  let trial = await at(first);
  let previous = start;
  let bracket: [Trial, Trial] | undefined;
  let i = 0;
  // Go on until a minimum lies behind.
  for (; i < most && !bracket; i++) {
    if (isHigh(trial) || (i > 1 && trial.point.loss >= previous.point.loss)) bracket = [previous, trial];
    else if (isFlat(trial)) return trial;
    else if (trial.slope >= 0) bracket = [previous, trial];
    if (bracket) break;
    const next = cubicMinimum(previous, trial, trial.t + 0.01 * (trial.t - previous.t), trial.t * 10);
    previous = trial;
    trial = await at(next);
  }
  bracket ??= [start, trial];
  const lowest = ([a, b]: readonly [Trial, Trial]): number => (a.point.loss <= b.point.loss ? 0 : 1);
  let low = lowest(bracket);
  let wasNear = false;
  // Narrow the bracket.
  for (; i < most; i++) {
    const [left, right] = bracket[0].t <= bracket[1].t ? bracket : [bracket[1], bracket[0]];
    const width = right.t - left.t;
    if (width * length < NARROWEST) break;
    let t = cubicMinimum(left, right, left.t, right.t);
    // A trial near to an end shows little: the second time, or on the end itself, it moves away by a tenth.
    const isNear = Math.min(right.t - t, t - left.t) < 0.1 * width;
    const moves: boolean = isNear && (wasNear || t >= right.t || t <= left.t);
    if (moves) t = Math.abs(t - right.t) < Math.abs(t - left.t) ? right.t - 0.1 * width : left.t + 0.1 * width;
    wasNear = isNear && !moves;
    trial = await at(t);
    if (isHigh(trial) || trial.point.loss >= bracket[low].point.loss) {
      bracket[1 - low] = trial;
      low = lowest(bracket);
      continue;
    }
    const isDone = isFlat(trial);
    if (!isDone && trial.slope * (bracket[1 - low].t - bracket[low].t) >= 0) bracket[1 - low] = bracket[low];
    bracket[low] = trial;
    if (isDone) break;
  }
  return bracket[low];
}

/** Where the cubic through two trials is least, within bounds; their middle if it has no minimum. */
function cubicMinimum(a: Trial, b: Trial, least: number, most: number): number {
  const [left, right] = a.t <= b.t ? [a, b] : [b, a];
  const d1 = left.slope + right.slope - (3 * (left.point.loss - right.point.loss)) / (left.t - right.t);
  const square = d1 ** 2 - left.slope * right.slope;
  if (!(square >= 0)) return (least + most) / 2;
  const d2 = Math.sqrt(square);
  const t = right.t - (right.t - left.t) * ((right.slope + d2 - d1) / (right.slope - left.slope + 2 * d2));
  return Math.min(Math.max(t, least), most);
}
