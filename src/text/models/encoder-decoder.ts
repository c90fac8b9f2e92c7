import type { Module } from "../../nn/index.ts";
import type { Tensor } from "../../tensor/index.ts";

/**
 * A model that reads one sequence of tokens and writes another. `beamSearch` takes its `next` and goes on from `begin`; to
 * `generate` it is a language model whose prompt is the source.
 */
export interface EncoderDecoder<M = unknown> extends Module {
  /** the source's token that stands where a sequence has ended */
  readonly paddingIdx: number;
  /** the token that every target begins with */
  readonly startIdx: number;
  /** how many tokens can have been read and written: no limit is known */
  readonly contextLength: number;
  /**
   * With the right tokens so far given (teacher forcing): source (B, S) and target (B, T) of i32, which begins with the
   * start ─► logits (B, T, V) of what follows each of the target's tokens.
   */
  forward(source: Tensor, target: Tensor): Tensor;
  /** What is remembered of sources (B, S) before anything is written. */
  begin(source: Tensor): M;
  /** A token more of each target: a `NextToken`. */
  next(tokens: Tensor, memory: M): readonly [logits: Tensor, memory: M];
  /** Sources (B, S) ─► the logits (B, V) of their targets' first tokens, and what `next` goes on from. */
  read(source: Tensor): readonly [logits: Tensor, memory: M];
}
