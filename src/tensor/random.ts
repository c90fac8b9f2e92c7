/**
 * Random numbers: Threefry2x32-20 in counter mode (Salmon et al., 2011).
 *
 * The generator's state is four words: a key, made from the seed, and a 64-bit counter. Element i of a draw is block
 * counter + i, and the draw moves the counter by its number of elements. So the numbers depend on the seed and on
 * what was drawn before, not on the device or on whether a function is compiled.
 */

import { ArgumentError, ShapeError } from "../core/errors.ts";
import { apply1, askedBy } from "../core/primitives.ts";
import { blocksFor, randomWords, staysIn } from "../core/random.ts";
import { numel, type Shape, showShape } from "../core/shape.ts";
import { adopt, type CreateOptions, iota } from "./creation.ts";
import { where } from "./elementwise.ts";
import { cat, narrow } from "./movement.ts";
import { Slot } from "./slot.ts";
import { type Tensor, wrap } from "./tensor.ts";
import { activeTrace } from "./trace.ts";

/** A stream of random numbers of its own: `new Generator(seed)`. Pass it as `generator` wherever numbers are drawn. */
export class Generator {
  /** key and counter, u32 (4): what a checkpoint keeps */
  readonly state: Slot;

  constructor(seed = 0) {
    this.state = new Slot(initialState(seed));
  }

  /** Begins the seed's stream anew. */
  manualSeed(seed: number): void {
    this.state.set(initialState(seed));
  }

  /** Both words of the next `count` blocks, u32 (count) each. */
  draw(count: number): [Tensor, Tensor] {
    const [first, second] = randomWords(this.take(count).value, count);
    return [wrap(first), wrap(second)];
  }

  /** The state from which the next `count` blocks are drawn; later draws begin behind them. */
  take(count: number): Tensor {
    const state = this.state.get()!;
    if (activeTrace()) {
      const at = (i: number) => narrow(state, 0, i, 1);
      const next = at(2).add(count);
      this.state.set(cat([at(0), at(1), next, at(3).add(next.lt(at(2)).to("u32"))]));
    } else {
      this.#advance(state, count);
    }
    return state;
  }

  /** Four words are not worth a program. */
  #advance(state: Tensor, count: number): void {
    const [k0, k1, low, high] = state.dataSync();
    const next = low + count;
    this.state.set(adopt(new Uint32Array([k0, k1, next, high + Math.floor(next / 2 ** 32)]), "u32", [4]));
  }
}

function initialState(seed: number): Tensor {
  if (!Number.isSafeInteger(seed)) throw new ArgumentError(`A seed is a whole number, but got ${seed}.`);
  return adopt(new Uint32Array([seed, Math.floor(seed / 2 ** 32), 0, 0]), "u32", [4]);
}

/** The generator that is used where none is given; a checkpoint keeps its `state`. */
export const defaultGenerator: Generator = new Generator();

/**
 * Seeds the default generator: what follows draws the same numbers every time.
 *
 * ```ts
 * manualSeed(0);
 * const a = await rand([2]).array();
 * manualSeed(0);
 * const b = await rand([2]).array();
 * JSON.stringify(a) === JSON.stringify(b); // true
 * ```
 */
export function manualSeed(seed: number): void {
  defaultGenerator.manualSeed(seed);
}

export interface RandomOptions extends CreateOptions {
  generator?: Generator;
}

function finish(x: Tensor, shape: Shape, { dtype = "f32", requiresGrad }: RandomOptions): Tensor {
  const y = x.to(dtype).reshape(shape);
  if (requiresGrad) y.requiresGrad = true;
  return y;
}

/** The upper 24 bits of a word as a number in [0, 1): every multiple of 2⁻²⁴ is an f32. */
const unit = (word: Tensor): Tensor =>
  word
    .bitwiseRightShift(8)
    .to("f32")
    .mul(2 ** -24);

/** Uniform in [0, 1): 24 random bits / 2²⁴. */
export function rand(shape: Shape, options: RandomOptions = {}): Tensor {
  const [word] = (options.generator ?? defaultGenerator).draw(numel(shape));
  return finish(unit(word), shape, options);
}

/** Normal, mean 0 and variance 1, by Box and Muller's method: √(−2 ln(1 − u)) · cos(2πv) with u, v uniform in [0, 1). */
export function randn(shape: Shape, options: RandomOptions = {}): Tensor {
  const [first, second] = (options.generator ?? defaultGenerator).draw(numel(shape));
  const radius = unit(first).neg().log1p().mul(-2).sqrt();
  return finish(
    radius.mul(
      unit(second)
        .mul(2 * Math.PI)
        .cos(),
    ),
    shape,
    options,
  );
}

/** Whole numbers from low to high − 1, i32 by default: word mod (high − low), so the odds differ by less than 2⁻³² (high − low). */
export function randint(low: number, high: number, shape: Shape, options: RandomOptions = {}): Tensor {
  if (!Number.isInteger(low) || !Number.isInteger(high) || low >= high || high - low > 2 ** 31) {
    throw new ArgumentError(`randint needs whole numbers low < high, but got ${low} and ${high}.`);
  }
  const [word] = (options.generator ?? defaultGenerator).draw(numel(shape));
  return finish(
    word
      .remainder(high - low)
      .to("i32")
      .add(low),
    shape,
    { dtype: "i32", ...options },
  );
}

/** 0, …, n − 1 in random order, i32. */
export function randperm(n: number, options: RandomOptions = {}): Tensor {
  const [word] = (options.generator ?? defaultGenerator).draw(n);
  return finish(wrap(apply1("argsort", [word.value], {})), [n], { dtype: "i32", ...options });
}

/** Uniform in [0, 1), in the shape and dtype of x. */
export function randLike(x: Tensor, options: RandomOptions = {}): Tensor {
  return rand(x.shape, { dtype: x.dtype, ...options });
}

/** Normal, mean 0 and variance 1, in the shape and dtype of x. */
export function randnLike(x: Tensor, options: RandomOptions = {}): Tensor {
  return randn(x.shape, { dtype: x.dtype, ...options });
}

/** 1 with probability p (a number, or one for each element), else 0. */
export function bernoulli(p: Tensor, options: RandomOptions = {}): Tensor {
  return rand(p.shape, { generator: options.generator })
    .lt(p)
    .to(options.dtype ?? p.dtype);
}

/** True with probability 1 − p, to 16 bits. */
export const stays = (shape: Shape, p: number): Tensor =>
  wrap(staysIn(defaultGenerator.take(blocksFor(shape)).value, shape, p));

/**
 * Indices drawn with the given weights, (…, n) ─► (…, count), i32; without replacement unless asked.
 *
 * Gumbel's trick: the largest of log w + noise falls on i with odds wᵢ / Σ w, the `count` largest are draws without
 * replacement. With replacement each draw has noise of its own. Throws an ArgumentError for a number of draws that there
 * is not, and an IndexError, when it is computed, for weights that are negative, not finite or too few above 0.
 */
export function multinomial(
  weights: Tensor,
  count: number,
  options: RandomOptions & { replacement?: boolean } = {},
): Tensor {
  const generator = options.generator ?? defaultGenerator;
  if (weights.ndim === 0) throw new ShapeError("multinomial needs weights (…, n), but got a single number.");
  const size = weights.shape[weights.ndim - 1];
  if (!Number.isInteger(count) || count < 1)
    throw new ArgumentError(`multinomial: the number of draws must be a whole number above 0, but is ${count}.`);
  if (!options.replacement && count > size) {
    throw new ArgumentError(`multinomial: ${count} draws without replacement from ${size} classes.`);
  }
  const gumbel = (shape: Shape): Tensor => {
    const u = rand(shape, { generator });
    return where(u.eq(0), 2 ** -25, u)
      .log()
      .neg()
      .log()
      .neg();
  };
  const logits = weights.log();
  const shape = [...weights.shape.slice(0, -1), count, size];
  const drawn = options.replacement
    ? logits.unsqueeze(-2).add(gumbel(shape)).argmax(-1)
    : logits.add(gumbel(weights.shape)).topk(count).indices;
  const odds = weights.ge(0).logicalAnd(weights.isfinite()).all(-1, { keepdim: true });
  const enough = weights
    .gt(0)
    .sum(-1, { keepdim: true })
    .ge(options.replacement ? 1 : count);
  // Where the weights are no odds, the place is one that no class has.
  return askedBy(
    "multinomial",
    () => iota([size], 0).take(where(odds.logicalAnd(enough), drawn, size)),
    `the weights ${showShape(weights.shape)} must be finite and at least 0, and above 0 for enough classes.`,
  );
}
