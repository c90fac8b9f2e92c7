import { ArgumentError, ShapeError } from "../core/errors.ts";
import { showShape } from "../core/shape.ts";
import { type Tensor, zerosLike } from "../tensor/index.ts";
import { type Operands, type ParamsOrGroups, requireAtLeastZero, type SharedOptions } from "./group.ts";
import { complement, decayed, Optimizer, type State, type Step, type Updated } from "./optimizer.ts";

export type MuonSettings = {
  readonly weightDecay: number;
  readonly momentum: number;
  readonly nesterov: boolean;
  readonly nsCoefficients: readonly [number, number, number];
  readonly eps: number;
  readonly nsSteps: number;
  readonly adjustLrFn: "original" | "matchRmsAdamw";
};

export interface MuonOptions extends SharedOptions {
  /** the learning rate; 1e-3 by default */
  lr?: number;
  /** λ, decoupled; 0.1 by default */
  weightDecay?: number;
  /** μ; 0.95 by default */
  momentum?: number;
  /** whether the step looks ahead along the momentum; true by default */
  nesterov?: boolean;
  /** a, b and c of the Newton–Schulz iteration; [3.4445, −4.775, 2.0315] by default, which rise steeply from 0 */
  nsCoefficients?: readonly [number, number, number];
  /** the least norm that a matrix is divided by; 1e-7 by default */
  eps?: number;
  /** how many iterations; 5 by default */
  nsSteps?: number;
  /**
   * what lr is multiplied by for a matrix (A, B): √max(1, A/B) with `"original"`, the default; 0.2·√max(A, B) with
   * `"matchRmsAdamw"`, so that AdamW's lr and decay suit
   */
  adjustLrFn?: "original" | "matchRmsAdamw";
}

/**
 * Muon: momentum, made orthogonal. For the matrices of hidden layers; give biases, embeddings and heads to AdamW.
 *
 * m ← μ·m + (1 − μ)·g and p ← (1 − lr·λ)·p − lr·s·O, with O near to UVᵀ where m (with `nesterov`, (1 − μ)·g + μ·m) is
 * UΣVᵀ: X = m / ‖m‖, then `nsSteps` times X ← a·X + (b·XXᵀ + c·(XXᵀ)²)·X. s is `adjustLrFn`'s.
 *
 * It computes in the parameter's dtype, where PyTorch rounds to bfloat16: paths agree to two or three digits.
 *
 * Throws a ShapeError if a parameter is not a matrix, an ArgumentError if a setting is out of its domain.
 * Jordan et al., Muon: An optimizer for hidden layers in neural networks, 2024.
 *
 * ```ts
 * const w = new Parameter(tensor([[3, 0], [0, 4]]));
 * const optimizer = new Muon([w], { lr: 0.1, weightDecay: 0 });
 * w.mul(w).sum().backward();
 * optimizer.step();
 * w.detach(); // tensor([[2.9277, 0.0000], [0.0000, 3.8881]])
 * ```
 */
export class Muon extends Optimizer<MuonSettings> {
  constructor(params: ParamsOrGroups<MuonSettings>, options: MuonOptions = {}) {
    const {
      lr = 1e-3,
      weightDecay = 0.1,
      momentum = 0.95,
      nesterov = true,
      nsCoefficients = [3.4445, -4.775, 2.0315],
      eps = 1e-7,
      nsSteps = 5,
      adjustLrFn = "original",
      ...shared
    } = options;
    super(params, lr, { weightDecay, momentum, nesterov, nsCoefficients, eps, nsSteps, adjustLrFn, ...shared });
  }

  protected override requireDomain(settings: MuonSettings): void {
    requireMuon("Muon", settings);
  }

  protected override initialState(p: Tensor): State {
    return initialMomentum("Muon", p);
  }

  protected override update(step: Step<MuonSettings>): Updated {
    return muon(step);
  }
}

/** Throws an ArgumentError if a setting is out of its domain. */
export function requireMuon(name: string, { weightDecay, momentum, eps, nsSteps }: MuonSettings): void {
  requireAtLeastZero(`${name}: weightDecay`, weightDecay);
  requireAtLeastZero(`${name}: momentum`, momentum);
  requireAtLeastZero(`${name}: eps`, eps);
  if (!(Number.isInteger(nsSteps) && nsSteps >= 0 && nsSteps < 100)) {
    throw new ArgumentError(`${name}: nsSteps must be an integer from 0 to 99, but is ${nsSteps}.`);
  }
}

/** A momentum of zero, for a matrix. */
export function initialMomentum(name: string, p: Tensor): State {
  if (p.ndim !== 2) {
    throw new ShapeError(
      `${name} updates matrices, but a parameter has shape ${showShape(p.shape)}: give it to another optimizer, AdamW for example.`,
    );
  }
  return { momentumBuffer: zerosLike(p) };
}

/** One matrix's step, its decay included. */
export function muon(step: Step<MuonSettings>): Updated {
  const { p, g, lr, state, settings } = decayed(step, "decoupled");
  const { momentum, nesterov, adjustLrFn } = settings;
  const newest = g.mul(complement(momentum));
  const m = state.momentumBuffer.mul(momentum).add(newest);
  const direction = orthogonal(nesterov ? newest.add(m.mul(momentum)) : m, settings);
  const [rows, columns] = p.shape;
  const scale =
    adjustLrFn === "original" ? Math.sqrt(Math.max(1, rows / columns)) : 0.2 * Math.sqrt(Math.max(rows, columns));
  return { p: p.sub(direction.mul(lr.mul(scale))), state: { momentumBuffer: m } };
}

/** UVᵀ of the matrix UΣVᵀ, nearly: the iteration takes every singular value of X into the neighbourhood of 1. */
function orthogonal(x: Tensor, { nsCoefficients: [a, b, c], nsSteps, eps }: Operands<MuonSettings>): Tensor {
  const isTall = x.shape[0] > x.shape[1]; // XXᵀ is the smaller one of a wide matrix
  let y = (isTall ? x.t() : x).div(x.norm().clamp(eps));
  for (let i = 0; i < nsSteps; i++) {
    const gram = y.matmul(y.t());
    y = y.mul(a).add(gram.mul(b).add(gram.matmul(gram).mul(c)).matmul(y));
  }
  return isTall ? y.t() : y;
}
