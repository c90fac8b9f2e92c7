import { ArgumentError } from "../../core/errors.ts";
import { arange, compile, noGrad, type Tensor, tensor, where } from "../../tensor/index.ts";
import { type NextToken, rowsOf, sequencesIn } from "./next-token.ts";

/** What a hypothesis's log-probability is divided by, for its length; never smaller for a longer one. */
export type LengthPenalty = (length: number) => number;

/**
 * ((5 + length) / 6)^α: the larger α, the longer what is found.
 *
 * Wu et al., Google's neural machine translation system, 2016, equation 14.
 *
 * ```ts
 * wuPenalty(1)(7); // 2
 * ```
 */
export const wuPenalty =
  (alpha: number): LengthPenalty =>
  (length) =>
    ((5 + length) / 6) ** alpha;

/** The length itself: a hypothesis's score is then the mean log-probability of its tokens. */
export const averagePenalty: LengthPenalty = (length) => length;

export interface BeamOptions {
  /** the token that every sequence begins after; it is not part of what is found */
  start: number;
  /** the token that ends a sequence; counted in its length and its probability, but not given */
  end: number;
  /** most tokens of a hypothesis, with its end */
  maxLength: number;
  /** how many hypotheses are kept for each sequence; 4 by default, and 1 is greedy decoding */
  beam?: number;
  /** how many are given for each sequence, the best first; 1 by default */
  best?: number;
  /** what log-probabilities are divided by before they are compared; 1 by default */
  lengthPenalty?: LengthPenalty;
}

/** What was found: `score` = `logProbability` / lengthPenalty(length). */
export interface Hypothesis {
  tokens: number[];
  logProbability: number;
  score: number;
  /** whether the end was reached within `maxLength` */
  ended: boolean;
}

/**
 * A function that finds the likeliest continuations by beam search: in each round the `beam` likeliest of all one-token
 * extensions are kept, and those that have ended leave the beam, which is then one place smaller.
 *
 * It stops for a sequence when its beam is empty or no hypothesis in it can come among the `best` any more: its
 * log-probability can only fall, so its score stays at most max over lengths of logProbability / lengthPenalty(length).
 * Stopping so changes nothing of what is given. What is still being written after `maxLength` tokens is given only
 * where fewer than `best` have ended. All hypotheses of all sequences are rows of one batch, and a round is one compiled
 * step. Memory with B rows ─► B lists of hypotheses. Throws an ArgumentError for counts that are not positive.
 * Graves, Sequence transduction with recurrent neural networks, 2012, section 2.5; Sutskever, Vinyals and Le, Sequence to
 * sequence learning with neural networks, 2014, section 3.2.
 *
 * ```ts
 * const table = tensor([[0, 3, 2], [0, 1, 2], [2, 1, 0]]); // logits of the next token by the last; 0 ends
 * const search = beamSearch((tokens, memory: Tensor) => [table.indexSelect(0, tokens), memory], {
 *   start: 1, end: 0, maxLength: 4, beam: 3,
 * });
 * const [[found]] = await search(zeros([1, 1]));
 * found.tokens; // [ 2 ]
 * ```
 */
export function beamSearch<M>(next: NextToken<M>, options: BeamOptions): (memory: M) => Promise<Hypothesis[][]> {
  const { start, end, maxLength, beam = 4, best = 1, lengthPenalty = () => 1 } = options;
  for (const [name, count] of Object.entries({ maxLength, beam, best })) {
    if (!Number.isInteger(count) || count < 1)
      throw new ArgumentError(`beamSearch: ${name} is ${count}, but must be a whole number from 1.`);
  }

  /** scores (B, K) of hypotheses, −∞ where a place is empty; room (B, 1): how many places there are. */
  const round = compile((tokens: Tensor, scores: Tensor, room: Tensor, memory: M) =>
    noGrad(() => {
      const [B, K] = scores.shape;
      const [logits, now] = next(tokens.reshape([B * K]), memory);
      const V = logits.shape[1];
      const extended = logits.logSoftmax(1).reshape([B, K, V]).add(scores.unsqueeze(2)); // (B, K, V)
      const { values, indices } = extended.reshape([B, K * V]).topk(K, 1); // (B, K), the likeliest first
      const parents = indices.div(V, { rounding: "floor" });
      const written = indices.remainder(V);
      const kept = where(arange(K).lt(room), values, Number.NEGATIVE_INFINITY); // (B, K)
      const ends = written.eq(end).logicalAnd(kept.isfinite());
      const rows = parents.add(arange(B, { dtype: "i32" }).mul(K).unsqueeze(1)).reshape([B * K]);
      return {
        tokens: written,
        parents,
        kept,
        scores: where(ends, Number.NEGATIVE_INFINITY, kept),
        room: room.sub(ends.sum(1, { keepdim: true })),
        memory: rowsOf(now, rows),
      };
    }),
  );

  const scored = (tokens: number[], logProbability: number, length: number, ended: boolean): Hypothesis => ({
    tokens,
    logProbability,
    score: logProbability / lengthPenalty(length),
    ended,
  });

  /** The best score that a hypothesis of this length and log-probability can still come to. */
  const bound = (logProbability: number, length: number): number => {
    const later = Array.from({ length: maxLength - length }, (_, i) => logProbability / lengthPenalty(length + 1 + i));
    return Math.max(...later);
  };

  return async (memory) => {
    const sequences = sequencesIn(memory);
    const first = [0, ...new Array<number>(beam - 1).fill(Number.NEGATIVE_INFINITY)]; // one hypothesis: the empty one
    const row = <T>(value: T): T[] => new Array<T>(sequences).fill(value);
    const repeated = tensor(
      Array.from({ length: sequences * beam }, (_, i) => Math.floor(i / beam)),
      { dtype: "i32" },
    );
    let state = {
      tokens: tensor(row(new Array<number>(beam).fill(start)), { dtype: "i32" }), // (B, K)
      scores: tensor(row(first)),
      room: tensor(row([beam]), { dtype: "i32" }), // (B, 1)
      memory: rowsOf(memory, repeated),
    };
    let paths: number[][][] = row(new Array<number[]>(beam).fill([]));
    const found: Hypothesis[][] = row([]).map(() => []);
    for (let length = 1; length <= maxLength; length++) {
      const after = round(state.tokens, state.scores, state.room, state.memory);
      const [tokens, parents, kept] = await Promise.all([after.tokens.data(), after.parents.data(), after.kept.data()]);
      let open = false;
      paths = paths.map((before, b) => {
        const places = Array.from({ length: beam }, (_, k) => b * beam + k);
        const extended = places.map((i) => [...before[parents[i]], tokens[i]]);
        let hope = Number.NEGATIVE_INFINITY;
        for (const [k, i] of places.entries()) {
          if (kept[i] === Number.NEGATIVE_INFINITY) continue;
          if (tokens[i] === end) found[b].push(scored(before[parents[i]], kept[i], length, true));
          else if (length === maxLength) found[b].push(scored(extended[k], kept[i], length, false));
          else hope = Math.max(hope, bound(kept[i], length));
        }
        found[b].sort((x, y) => Number(y.ended) - Number(x.ended) || y.score - x.score).splice(best);
        if (found[b].length < best ? hope > Number.NEGATIVE_INFINITY : hope > found[b][best - 1].score) open = true;
        return extended;
      });
      if (!open) break;
      state = after;
    }
    return found;
  };
}
