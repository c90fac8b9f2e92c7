import { Tensor } from "../../tensor/index.ts";

/**
 * One step of a model that writes: the last token of each sequence, i32 (B), and what it remembers of them ─► the
 * logits of the next ones, (B, V), and what it remembers then.
 *
 * Its memory M is tensors with a row for each sequence, or arrays and plain objects of them. It may be compiled, so it
 * reads no numbers.
 */
export type NextToken<M> = (tokens: Tensor, memory: M) => readonly [logits: Tensor, memory: M];

/** The rows of a memory at these indices, i32 (R). */
export function rowsOf<M>(memory: M, rows: Tensor): M {
  const pick = (part: unknown): unknown => {
    if (part instanceof Tensor) return part.indexSelect(0, rows);
    if (Array.isArray(part)) return part.map(pick);
    return Object.fromEntries(Object.entries(part as object).map(([name, x]) => [name, pick(x)]));
  };
  return pick(memory) as M;
}

/** How many sequences a memory is of. */
export function sequencesIn(memory: unknown): number {
  if (memory instanceof Tensor) return memory.shape[0];
  return sequencesIn(Object.values(memory as object)[0]);
}
