/** What a generator's state, u32 (4), a key and a 64-bit counter, stands for: random words, and what they drop. */

import type { Value } from "./graph.ts";
import { apply1 } from "./primitives.ts";
import { numel, type Shape } from "./shape.ts";

const expand = (x: Value, count: number): Value => apply1("expand", [x], { shape: [count] });
const slice = (x: Value, start: number, stop: number): Value =>
  apply1("slice", [x], { start: [start], stop: [stop], step: [1] });

/** Both words of the `count` blocks that begin at the counter, u32 (count) each. */
export function randomWords(state: Value, count: number): [Value, Value] {
  const [k0, k1, low, high] = [0, 1, 2, 3].map((i) => expand(slice(state, i, i + 1), count));
  const c0 = apply1("add", [low, apply1("iota", [], { shape: [count], axis: 0, dtype: "u32" })], {});
  const carry = apply1("cast", [apply1("lt", [c0, low], {})], { dtype: "u32" }); // the sum wrapped
  const inputs = [k0, k1, c0, apply1("add", [high, carry], {})];
  return [apply1("threefry", inputs, { word: 0 }), apply1("threefry", inputs, { word: 1 })];
}

/** How many blocks decide about the elements of a shape: one of two words serves four. */
export const blocksFor = (shape: Shape): number => Math.ceil(numel(shape) / 4);

/** What of 65536 halves of words drop an element. */
export const dropsBelow = (p: number): number => Math.round(p * 0x10000);

/** True with probability 1 − p, to 16 bits: a quarter of the elements each is decided by a half of a word. */
export function staysIn(state: Value, shape: Shape, p: number): Value {
  const blocks = blocksFor(shape);
  const number = (value: number, count: number): Value => {
    const scalar = apply1("constant", [], { value, dtype: "u32" });
    return expand(apply1("reshape", [scalar], { shape: [1] }), count);
  };
  const halves = randomWords(state, blocks).flatMap((word) => [
    apply1("and", [word, number(0xffff, blocks)], {}),
    apply1("shr", [word, number(16, blocks)], {}),
  ]);
  const all = slice(apply1("concat", halves, { axis: 0 }), 0, numel(shape)); // (4 · blocks) ─► one an element
  return apply1("reshape", [apply1("le", [number(dropsBelow(p), numel(shape)), all], {})], { shape });
}
