import { describe, expect, test } from "vitest";
import { Random } from "../../src/data/index.ts";
import { ArgumentError } from "../../src/index.ts";
import { sampleToken, tokenProbabilities } from "../../src/text/index.ts";

const logits = [1, 4, 2, 3].map(Math.log); // in the ratio of 1 to 4 to 2 to 3
const expectClose = (found: Float64Array, expected: number[]) => {
  expect(found).toHaveLength(expected.length);
  for (const [i, p] of expected.entries()) expect(found[i]).toBeCloseTo(p, 12);
};

describe("tokenProbabilities", () => {
  test.each([
    [{}, [0.1, 0.4, 0.2, 0.3]],
    [{ topK: 2 }, [0, 4 / 7, 0, 3 / 7]],
    [{ topK: 99 }, [0.1, 0.4, 0.2, 0.3]],
    [{ topP: 0.7 }, [0, 4 / 7, 0, 3 / 7]], // 0.4 + 0.3 is enough
    [{ topP: 0.71 }, [0, 4 / 9, 2 / 9, 3 / 9]],
    [{ topP: 1e-9 }, [0, 1, 0, 0]],
    [{ topK: 3, topP: 0.75 }, [0, 4 / 7, 0, 3 / 7]], // 7/9 of the three
    [{ temperature: 0.5 }, [1 / 30, 16 / 30, 4 / 30, 9 / 30]], // squared
    [{ temperature: 0.5, topP: 0.8 }, [0, 16 / 25, 0, 9 / 25]], // 25/30 of the squared ones
    [{ temperature: 0, topK: 3 }, [0, 1, 0, 0]],
  ])("%j", (options, expected) => expectClose(tokenProbabilities(logits, options), expected));

  test("of equals the first stay", () => {
    expectClose(tokenProbabilities([1, 1, 1], { topK: 2 }), [0.5, 0.5, 0]);
    expectClose(tokenProbabilities([1, 1, 1], { topP: 0.5 }), [0.5, 0.5, 0]);
    expectClose(tokenProbabilities([0, 1, 1], { temperature: 0 }), [0, 1, 0]);
  });

  test("large logits and −∞", () => {
    expectClose(tokenProbabilities([1e30, Number.NEGATIVE_INFINITY, 1e30]), [0.5, 0, 0.5]);
  });

  test.each([{ temperature: -1 }, { temperature: Number.NaN }, { topK: 0 }, { topK: 1.5 }, { topP: 0 }, { topP: 1.1 }])(
    "%j is out of the domain",
    (options) => expect(() => tokenProbabilities(logits, options)).toThrow(ArgumentError),
  );

  test("needs a finite logit", () => {
    expect(() => tokenProbabilities([Number.NEGATIVE_INFINITY])).toThrow(ArgumentError);
    expect(() => tokenProbabilities([Number.NaN, 1])).toThrow(ArgumentError);
    expect(() => tokenProbabilities([])).toThrow(ArgumentError);
  });
});

test("tokens are drawn as often as they are likely", () => {
  const random = new Random(3);
  const counts = [0, 0, 0, 0];
  for (let i = 0; i < 20_000; i++) counts[sampleToken(logits, random, { topK: 3 })]++;
  expect(counts[0]).toBe(0);
  for (const [token, p] of [4 / 9, 2 / 9, 3 / 9].entries()) {
    expect(Math.abs(counts[token + 1] / 20_000 - p)).toBeLessThan(4 * Math.sqrt((p * (1 - p)) / 20_000));
  }
});
