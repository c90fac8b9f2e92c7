import type { Tensor } from "../tensor/index.ts";
import { type AdamSettings, adam, corrections, initialMoments, requireMoments } from "./adam.ts";
import type { Operands, ParamsOrGroups, SharedOptions } from "./group.ts";
import { initialMomentum, type MuonSettings, muon, requireMuon } from "./muon.ts";
import { decayed, type FactorsOf, Optimizer, type State, type Step, type Updated } from "./optimizer.ts";

export type MuonAdamWSettings = Omit<AdamSettings & MuonSettings, "weightDecay" | "eps"> & {
  readonly method: "muon" | "adamw";
  readonly weightDecay: number;
  readonly eps: number;
};

export interface MuonAdamWOptions extends SharedOptions {
  /** the learning rate; 1e-3 by default */
  lr?: number;
  /** what steps the parameters, of all groups that do not say; `"adamw"` by default */
  method?: "muon" | "adamw";
  /** λ, decoupled; 0.01 by default */
  weightDecay?: number;
  /** Muon's μ; 0.95 by default */
  momentum?: number;
  /** AdamW's; [0.9, 0.99] by default */
  betas?: readonly [number, number];
}

/**
 * Muon for some groups and AdamW for others, as one optimizer: one schedule moves the learning rates of both.
 *
 * Muon is meant for the matrices of hidden layers, at rates of about 0.02; embeddings, biases, gains and the last layer
 * are AdamW's. Throws a ShapeError if a parameter of Muon's is no matrix, an ArgumentError if a setting is out of its
 * domain.
 * Jordan et al., Muon: An optimizer for hidden layers in neural networks, 2024.
 *
 * ```ts
 * const [hidden, head] = [new Linear(2, 4, { bias: false }), new Linear(4, 1)];
 * const optimizer = new MuonAdamW([
 *   { params: hidden.parameters(), method: "muon", lr: 0.02 },
 *   { params: head.parameters() },
 * ]);
 * Object.keys(optimizer.stateDict()).slice(0, 2); // [ 'state.0.momentum_buffer', 'state.1.step' ]
 * ```
 */
export class MuonAdamW extends Optimizer<MuonAdamWSettings> {
  constructor(params: ParamsOrGroups<MuonAdamWSettings>, options: MuonAdamWOptions = {}) {
    const {
      lr = 1e-3,
      method = "adamw",
      weightDecay = 0.01,
      momentum = 0.95,
      betas = [0.9, 0.99],
      ...shared
    } = options;
    super(params, lr, {
      method,
      weightDecay,
      momentum,
      betas,
      eps: 1e-8,
      nesterov: true,
      nsCoefficients: [3.4445, -4.775, 2.0315],
      nsSteps: 5,
      adjustLrFn: "original",
      amsgrad: false,
      form: "torch",
      ...shared,
    });
  }

  protected override requireDomain(settings: MuonAdamWSettings): void {
    const { betas, eps, weightDecay } = settings;
    requireMoments("MuonAdamW", betas, eps, weightDecay);
    requireMuon("MuonAdamW", settings);
  }

  protected override initialState(p: Tensor, settings: Operands<MuonAdamWSettings>): State {
    return settings.method === "muon" ? initialMomentum("MuonAdamW", p) : initialMoments(p, settings);
  }

  protected override factors(settings: Operands<MuonAdamWSettings>): FactorsOf | undefined {
    return settings.method === "muon" ? undefined : corrections(settings);
  }

  protected override update(step: Step<MuonAdamWSettings>): Updated {
    return step.settings.method === "muon" ? muon(step) : adam(decayed(step, "decoupled"));
  }
}
