import { describe, expect, test } from "vitest";
import { ArgumentError, Generator, randn, setDevice, type Tensor, tensor, zeros } from "../../src/index.ts";
import { averagePenalty, beamSearch, type LengthPenalty, type NextToken, wuPenalty } from "../../src/text/index.ts";

setDevice("interp"); // few numbers: compiling would take longer

const V = 3;
const END = 0;
const START = 1;
const LENGTH = 4;
const SPACE = 31; // 1 + 2 + 4 + 8 that end, 16 that do not

interface Last {
  before: Tensor; // (B), the token before the last
  sequence: Tensor; // (B), which table
}

/** Logits follow from the last two tokens, so that a memory in the wrong row shows. */
const tables = randn([2, V, V, V], { generator: new Generator(3) }).mul(2);
const next: NextToken<Last> = (tokens, { before, sequence }) => [
  tables.reshape([-1, V]).indexSelect(0, sequence.mul(V).add(before).mul(V).add(tokens)),
  { before: tokens, sequence },
];
const memory = (): Last => ({ before: zeros([2], { dtype: "i32" }), sequence: tensor([0, 1], { dtype: "i32" }) });

interface Sequence {
  tokens: number[];
  score: number;
  ended: boolean;
}

/** Every sequence of a table, the best first, computed without tensors. */
function everySequence(table: number, penalty: LengthPenalty): Sequence[] {
  const logits = tables.select(0, table).dataSync();
  const found: Sequence[] = [];
  const visit = (tokens: number[], before: number, last: number, logProbability: number) => {
    const row = Array.from(logits.slice((before * V + last) * V, (before * V + last + 1) * V));
    const total = Math.log(row.reduce((sum, x) => sum + Math.exp(x), 0));
    const length = tokens.length + 1;
    for (const [token, x] of row.entries()) {
      const p = logProbability + x - total;
      if (token === END) found.push({ tokens, score: p / penalty(length), ended: true });
      else if (length === LENGTH) found.push({ tokens: [...tokens, token], score: p / penalty(length), ended: false });
      else visit([...tokens, token], last, token, p);
    }
  };
  visit([], 0, START, 0);
  return found.sort((x, y) => Number(y.ended) - Number(x.ended) || y.score - x.score);
}

const PENALTIES: readonly (readonly [string, LengthPenalty])[] = [
  ["no penalty", () => 1],
  ["Wu's penalty", wuPenalty(1.5)],
  ["the mean", averagePenalty],
];

describe.each(PENALTIES)("beam search with %s", (_, lengthPenalty) => {
  const options = { start: START, end: END, maxLength: LENGTH, lengthPenalty };

  test("and a beam as large as the space finds every sequence, in order", async () => {
    const found = await beamSearch(next, { ...options, beam: SPACE, best: SPACE })(memory());
    for (const table of [0, 1]) {
      const all = everySequence(table, lengthPenalty);
      expect(found[table].map(({ tokens }) => tokens)).toEqual(all.map(({ tokens }) => tokens));
      expect(found[table].map(({ ended }) => ended)).toEqual(all.map(({ ended }) => ended));
      for (const [i, { score }] of found[table].entries()) expect(score).toBeCloseTo(all[i].score, 5);
    }
  });

  test("that stops early gives what the whole search gives", async () => {
    const one = await beamSearch(next, { ...options, beam: SPACE })(memory());
    for (const table of [0, 1]) expect(one[table][0].tokens).toEqual(everySequence(table, lengthPenalty)[0].tokens);
  });

  test.each([1, 2, 3])("and a beam of %d finds nothing better than there is", async (beam) => {
    const found = await beamSearch(next, { ...options, beam, best: beam })(memory());
    for (const table of [0, 1]) {
      const all = everySequence(table, lengthPenalty);
      expect(new Set(found[table].map(({ tokens }) => tokens.join())).size).toBe(found[table].length);
      for (const { tokens, score, ended } of found[table]) {
        const same = all.find((x) => x.ended === ended && x.tokens.join() === tokens.join());
        expect(score).toBeCloseTo(same!.score, 5);
        if (ended) expect(score).toBeLessThan(all[0].score + 1e-5);
      }
    }
  });

  test("and a beam of one is greedy", async () => {
    const found = await beamSearch(next, { ...options, beam: 1 })(memory());
    for (const table of [0, 1]) {
      const logits = tables.select(0, table).dataSync();
      const tokens = [0, START];
      while (tokens.length < LENGTH + 2) {
        const [before, last] = tokens.slice(-2);
        const row = Array.from(logits.slice((before * V + last) * V, (before * V + last + 1) * V));
        const likeliest = row.indexOf(Math.max(...row));
        if (likeliest === END) break;
        tokens.push(likeliest);
      }
      expect(found[table][0].tokens).toEqual(tokens.slice(2));
    }
  });
});

test("counts of beam search must be positive", () => {
  expect(() => beamSearch(next, { start: START, end: END, maxLength: 0 })).toThrow(ArgumentError);
  expect(() => beamSearch(next, { start: START, end: END, maxLength: 4, beam: 1.5 })).toThrow(ArgumentError);
});
