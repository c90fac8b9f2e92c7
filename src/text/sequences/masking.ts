import { ArgumentError } from "../../core/errors.ts";
import type { Random } from "../../data/random.ts";

export interface MaskTokensOptions {
  /** the number of the token that hides others */
  maskId: number;
  /** how many tokens there are */
  vocabSize: number;
  /** of each token to be one that is to be guessed; 0.15 */
  probability?: number;
  /** tokens that are never to be guessed: padding, what is unknown, separators; none */
  specialIds?: readonly number[];
  /** where random numbers come from: `new Random(seed, epoch, index)` for example `index` of a data set */
  random: Random;
}

export interface MaskedTokens {
  readonly tokens: Int32Array;
  /** what was there where it is to be guessed, −100 elsewhere, which `crossEntropy` leaves out */
  readonly labels: Int32Array;
}

/**
 * Tokens of a text, some of them to be guessed from the others: of those, 80 % become the mask, 10 % a token drawn from all,
 * and 10 % stay, so that a model cannot rely on any token that it sees.
 *
 * Throws an ArgumentError if `probability` is none, or the mask is no token.
 * Source: Devlin et al., BERT, 2019, appendix A.1.
 *
 * ```ts
 * const options = { maskId: 0, vocabSize: 10, probability: 0.5, specialIds: [9] };
 * const { tokens, labels } = maskTokens([9, 3, 4, 5, 6, 7, 9], { ...options, random: new Random(0, 0, 0) });
 * tokens; // Int32Array(7) [ 9, 3, 0, 5, 0, 0, 9 ]
 * labels; // Int32Array(7) [ -100, -100, 4, -100, 6, 7, -100 ]
 * ```
 */
export function maskTokens(given: ArrayLike<number>, options: MaskTokensOptions): MaskedTokens {
  const { maskId, vocabSize, probability = 0.15, specialIds = [], random } = options;
  if (!(probability >= 0 && probability <= 1)) {
    throw new ArgumentError(`maskTokens: probability is from 0 to 1, but got ${probability}.`);
  }
  if (!(Number.isInteger(maskId) && maskId >= 0 && maskId < vocabSize)) {
    throw new ArgumentError(`maskTokens: maskId is a whole number below vocabSize, ${vocabSize}, but got ${maskId}.`);
  }
  const tokens = Int32Array.from(given);
  const labels = new Int32Array(tokens.length).fill(-100);
  const special = new Set(specialIds);
  for (const [i, token] of tokens.entries()) {
    if (special.has(token) || random.uniform() >= probability) continue;
    labels[i] = token;
    const kind = random.uniform();
    if (kind < 0.8) tokens[i] = maskId;
    else if (kind < 0.9) tokens[i] = random.integer(vocabSize);
  }
  return { tokens, labels };
}
