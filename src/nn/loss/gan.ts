/** The two sides of an adversarial game, and what keeps it fair. */

import { ArgumentError, ShapeError } from "../../core/errors.ts";
import { sameShape, showShape } from "../../core/shape.ts";
import { type Generator, grad, rand, softplus, type Tensor } from "../../tensor/index.ts";
import { Loss, type LossOptions, reduced } from "./loss.ts";
import { l1Loss } from "./regression.ts";

/** Which game generator and discriminator play. */
export type GANKind = "minimax" | "non-saturating" | "least-squares" | "wasserstein" | "hinge";

export interface GANLossOptions extends LossOptions {
  /** `"non-saturating"` by default */
  kind?: GANKind;
}

export interface GradientPenaltyOptions {
  /** λ; 10 by default */
  weight?: number;
  /** of the random mixtures; the default generator, if it is left out */
  generator?: Generator;
}

export interface CycleConsistencyLossOptions extends LossOptions {
  /** λ, which multiplies the loss; 10 by default */
  weight?: number;
}

export interface IdentityLossOptions extends LossOptions {
  /** which multiplies the loss; 5 by default, half of a cycle's λ */
  weight?: number;
}

/** What the generator loses by a logit of its own, and the discriminator by one of a real and of a made sample. */
interface Game {
  readonly generator: (logits: Tensor) => Tensor;
  readonly real: (logits: Tensor) => Tensor;
  readonly fake: (logits: Tensor) => Tensor;
}

const half = (x: Tensor): Tensor => x.square().mul(0.5);

const classical = { real: (x: Tensor) => softplus(x.neg()), fake: softplus };

const GAMES: Readonly<Record<GANKind, Game>> = {
  minimax: { ...classical, generator: (x) => softplus(x).neg() },
  "non-saturating": { ...classical, generator: (x) => softplus(x.neg()) },
  "least-squares": { real: (x) => half(x.sub(1)), fake: half, generator: (x) => half(x.sub(1)) },
  wasserstein: { real: (x) => x.neg(), fake: (x) => x, generator: (x) => x.neg() },
  hinge: { real: (x) => x.neg().add(1).relu(), fake: (x) => x.add(1).relu(), generator: (x) => x.neg() },
};

function gameOf(op: string, kind: GANKind = "non-saturating"): Game {
  const game = GAMES[kind] as Game | undefined;
  if (game) return game;
  throw new ArgumentError(`${op}: the kind is ${Object.keys(GAMES).join(", ")}, but got ${kind}.`);
}

/**
 * What the generator loses by the discriminator's logits x of its samples.
 *
 * minimax: log(1 − σ(x)); non-saturating: −log σ(x); least-squares: ½(x − 1)²; wasserstein and hinge: −x.
 *
 * Shapes: any. Throws an ArgumentError for another kind.
 *
 * ```ts
 * generatorLoss(tensor([0, 2])); // tensor(0.4100)
 * generatorLoss(tensor([0, 2]), { kind: "least-squares" }); // tensor(0.5000)
 * ```
 *
 * Goodfellow et al., Generative adversarial nets, 2014; Mao et al., Least squares generative adversarial networks, 2017;
 * Arjovsky, Chintala, Bottou, Wasserstein GAN, 2017; Lim, Ye, Geometric GAN, 2017.
 */
export function generatorLoss(fake: Tensor, options: GANLossOptions = {}): Tensor {
  return reduced("generatorLoss", gameOf("generatorLoss", options.kind).generator(fake), options.reduction);
}

/**
 * What the discriminator loses by its logits r of real samples and f of the generator's, each reduced, then added.
 *
 * minimax and non-saturating: −log σ(r) − log(1 − σ(f)); least-squares: ½(r − 1)² + ½f²; wasserstein: f − r;
 * hinge: max(0, 1 − r) + max(0, 1 + f). Cut the generator off with `fake.detach()` in front of the discriminator.
 *
 * Shapes: any; alike for reduction `"none"`. Throws an ArgumentError for another kind, a ShapeError if they have to fit.
 *
 * ```ts
 * discriminatorLoss(tensor([2, 3]), tensor([-2])); // tensor(0.2147)
 * discriminatorLoss(tensor([2, 0]), tensor([-0.5]), { kind: "hinge" }); // tensor(1.)
 * ```
 *
 * Goodfellow et al., Generative adversarial nets, 2014; Mao et al., Least squares generative adversarial networks, 2017;
 * Arjovsky, Chintala, Bottou, Wasserstein GAN, 2017; Lim, Ye, Geometric GAN, 2017.
 */
export function discriminatorLoss(real: Tensor, fake: Tensor, options: GANLossOptions = {}): Tensor {
  const game = gameOf("discriminatorLoss", options.kind);
  return addedUp("discriminatorLoss", game.real(real), game.fake(fake), options);
}

/** Two losses, each reduced. */
function addedUp(op: string, a: Tensor, b: Tensor, { reduction = "mean" }: LossOptions): Tensor {
  if (reduction === "none" && !sameShape(a.shape, b.shape)) {
    throw new ShapeError(
      `${op} without a reduction adds losses of one shape, but they are ${showShape(a.shape)} and ${showShape(b.shape)}.`,
    );
  }
  return reduced(op, a, reduction).add(reduced(op, b, reduction));
}

/**
 * λ · E(‖∇D(x̂)‖₂ − 1)², which keeps a Wasserstein critic D near slope 1 between real and made samples.
 *
 * x̂ = εx + (1 − ε)x̃ with ε uniform in [0, 1), one for each sample, and the norm is over all of a sample. The derivative
 * by the critic's parameters is one of a derivative; none flows into the samples. Normalisation that mixes the samples
 * of a batch does not fit, since the slope is one sample's.
 *
 * Shapes: real and fake (N, …), alike; the critic gives any shape with numbers of its own for each sample. Throws a
 * ShapeError if they differ.
 *
 * ```ts
 * const critic = (x: Tensor) => x.matmul(tensor([[3], [4]])); // slope 5 everywhere
 * gradientPenalty(critic, ones([2, 2]), zeros([2, 2])); // tensor(160.)
 * ```
 *
 * Gulrajani et al., Improved training of Wasserstein GANs, 2017.
 */
export function gradientPenalty(
  critic: (x: Tensor) => Tensor,
  real: Tensor,
  fake: Tensor,
  options: GradientPenaltyOptions = {},
): Tensor {
  const { weight = 10, generator } = options;
  if (real.ndim === 0 || !sameShape(real.shape, fake.shape)) {
    throw new ShapeError(
      `gradientPenalty needs real and made samples (N, …) of one shape, but got ${showShape(real.shape)} and ${showShape(fake.shape)}.`,
    );
  }
  const [n, ...sample] = real.shape;
  const share = rand([n, ...sample.map(() => 1)], { dtype: real.dtype, ...(generator && { generator }) });
  const mixed = fake.lerp(real, share).detach();
  const slopes = grad((x: Tensor) => critic(x).sum())(mixed).reshape([n, sample.reduce((a, b) => a * b, 1)]);
  return slopes.norm(2, 1).sub(1).square().mean().mul(weight);
}

/** λ·(|x̂ − x| + |ŷ − y|), each reduced. */
function bothWays(
  op: string,
  [x, mappedX, y, mappedY]: readonly Tensor[],
  weight: number,
  options: LossOptions,
): Tensor {
  const [a, b] = [l1Loss(mappedX, x, { reduction: "none" }), l1Loss(mappedY, y, { reduction: "none" })];
  return addedUp(op, a, b, options).mul(weight);
}

/**
 * λ·(|G(F(x)) − x| + |F(G(y)) − y|): there and back again, between two domains, is where one was.
 *
 * Shapes: each like what it reconstructs; all alike for reduction `"none"`. Throws a ShapeError if they differ.
 *
 * ```ts
 * cycleConsistencyLoss(tensor([1, 2]), tensor([1, 2.5]), tensor([3]), tensor([2])); // tensor(12.5000)
 * ```
 *
 * Zhu, Park, Isola, Efros, Unpaired image-to-image translation using cycle-consistent adversarial networks, 2017.
 */
export function cycleConsistencyLoss(
  x: Tensor,
  reconstructedX: Tensor,
  y: Tensor,
  reconstructedY: Tensor,
  options: CycleConsistencyLossOptions = {},
): Tensor {
  return bothWays("cycleConsistencyLoss", [x, reconstructedX, y, reconstructedY], options.weight ?? 10, options);
}

/**
 * λ·(|F(x) − x| + |G(y) − y|): what is in a generator's target domain already, it leaves as it is.
 *
 * Shapes: each like what it was made from; all alike for reduction `"none"`. Throws a ShapeError if they differ.
 *
 * ```ts
 * identityLoss(tensor([1, 2]), tensor([1, 2.5]), tensor([3]), tensor([2])); // tensor(6.2500)
 * ```
 *
 * Zhu, Park, Isola, Efros, Unpaired image-to-image translation using cycle-consistent adversarial networks, 2017.
 */
export function identityLoss(
  x: Tensor,
  mappedX: Tensor,
  y: Tensor,
  mappedY: Tensor,
  options: IdentityLossOptions = {},
): Tensor {
  return bothWays("identityLoss", [x, mappedX, y, mappedY], options.weight ?? 5, options);
}

/** `generatorLoss` with options of its own. */
export class GeneratorLoss extends Loss<GANLossOptions> {
  override forward(fake: Tensor): Tensor {
    return generatorLoss(fake, this.options);
  }
}

/** `discriminatorLoss` with options of its own. */
export class DiscriminatorLoss extends Loss<GANLossOptions> {
  override forward(real: Tensor, fake: Tensor): Tensor {
    return discriminatorLoss(real, fake, this.options);
  }
}

/** `cycleConsistencyLoss` with options of its own. */
export class CycleConsistencyLoss extends Loss<CycleConsistencyLossOptions> {
  override forward(x: Tensor, reconstructedX: Tensor, y: Tensor, reconstructedY: Tensor): Tensor {
    return cycleConsistencyLoss(x, reconstructedX, y, reconstructedY, this.options);
  }
}

/** `identityLoss` with options of its own. */
export class IdentityLoss extends Loss<IdentityLossOptions> {
  override forward(x: Tensor, mappedX: Tensor, y: Tensor, mappedY: Tensor): Tensor {
    return identityLoss(x, mappedX, y, mappedY, this.options);
  }
}
