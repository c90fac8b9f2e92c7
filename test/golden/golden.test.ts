import { expect, test } from "vitest";
import { difference } from "./compare.ts";
import { testGolden } from "./tests.ts";

test("an infinity is near to nothing but itself", () => {
  const numbers = (...data: number[]) =>
    ({ dtype: "f64", shape: [data.length], data: Float64Array.from(data) }) as const;
  const { POSITIVE_INFINITY: inf, NaN: nan } = Number;
  expect(difference("it", numbers(inf, -inf, nan), numbers(inf, -inf, nan)).wrong).toBeUndefined();
  for (const got of [1e308, -inf, nan]) expect(difference("it", numbers(got), numbers(inf)).wrong).toBeDefined();
  expect(difference("it", numbers(inf), numbers(1)).wrong).toBeDefined();
});

// Others in another run; golden.long.test.ts has them all, and so has what makes docs/vocabulary.md.
testGolden(24);
