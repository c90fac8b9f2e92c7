import { ArgumentError } from "../../core/errors.ts";
import type { Random } from "../../data/index.ts";

export interface SamplingOptions {
  /** what logits are divided by: below 1 the likely become likelier; 0 always takes the likeliest, the first of equals; 1 by default */
  temperature?: number;
  /** only the k likeliest tokens can be drawn, of equals the first; all by default */
  topK?: number;
  /** only the fewest likeliest tokens can be drawn that together have at least this probability; 1, all, by default */
  topP?: number;
}

/**
 * The probabilities with which tokens are drawn: softmax(logits / temperature), where all but the `topK` likeliest, and
 * then all but the fewest likeliest of at least `topP` together, become 0, and the rest sums to 1 again each time.
 *
 * A logit of −∞ is never drawn. Throws an ArgumentError for an option out of its domain, or logits of which none is
 * finite.
 * Fan, Lewis and Dauphin, Hierarchical neural story generation, 2018 (top-k); Holtzman et al., The curious case of neural
 * text degeneration, 2020 (top-p).
 *
 * ```ts
 * const logits = [4, 3, 2, 1].map(Math.log); // in the ratio of 4 to 3 to 2 to 1
 * [...tokenProbabilities(logits, { topK: 3 })].map((p) => p.toFixed(3)); // [ '0.444', '0.333', '0.222', '0.000' ]
 * [...tokenProbabilities(logits, { topP: 0.5 })].map((p) => p.toFixed(3)); // [ '0.571', '0.429', '0.000', '0.000' ]
 * ```
 */
export function tokenProbabilities(logits: ArrayLike<number>, options: SamplingOptions = {}): Float64Array {
  const { temperature = 1, topK = logits.length, topP = 1 } = options;
  if (!(temperature >= 0 && temperature < Number.POSITIVE_INFINITY))
    throw new ArgumentError(`temperature must be a number from 0, but is ${temperature}.`);
  if (!Number.isInteger(topK) || topK < 1)
    throw new ArgumentError(`topK must be a whole number from 1, but is ${topK}.`);
  if (!(topP > 0 && topP <= 1)) throw new ArgumentError(`topP must lie in (0, 1], but is ${topP}.`);

  const order = Array.from(logits, (_, token) => token).sort((a, b) => logits[b] - logits[a] || a - b);
  const likeliest = logits[order[0]];
  if (!Number.isFinite(likeliest))
    throw new ArgumentError(`tokens cannot be drawn from logits as high as ${likeliest}.`);
  const p = new Float64Array(logits.length);
  if (temperature === 0) {
    p[order[0]] = 1;
    return p;
  }
  const kept = order.slice(0, topK);
  for (const token of kept) p[token] = Math.exp((logits[token] - likeliest) / temperature);
  const total = kept.reduce((sum, token) => sum + p[token], 0);
  let [sum, count] = [0, 0];
  while (count < kept.length && (count === 0 || sum < topP * total)) sum += p[kept[count++]];
  for (const token of kept.slice(count)) p[token] = 0;
  return p.map((weight) => weight / sum);
}

/**
 * A token drawn with `tokenProbabilities`, whose errors it throws: one number of `random` decides.
 *
 * ```ts
 * sampleToken([0, 2, 1], new Random(0), { temperature: 0 }); // 1
 * ```
 */
export function sampleToken(logits: ArrayLike<number>, random: Random, options: SamplingOptions = {}): number {
  const p = tokenProbabilities(logits, options);
  let rest = random.uniform();
  let last = 0; // where rounding leaves something of the rest
  for (const [token, probability] of p.entries()) {
    if (probability === 0) continue;
    last = token;
    rest -= probability;
    if (rest < 0) break;
  }
  return last;
}
