import { describe, expect, test } from "vitest";
import { setDevice } from "../../src/index.ts";
import { ADAPTERS } from "./adapters/index.ts";
import { groups, loadGroup } from "./cases.ts";
import { check, sameCompiled } from "./check.ts";
import { difference } from "./compare.ts";

setDevice("wasm"); // test/native/recorded.ts has them run natively

test("an infinity is near to nothing but itself", () => {
  const numbers = (...data: number[]) =>
    ({ dtype: "f64", shape: [data.length], data: Float64Array.from(data) }) as const;
  const { POSITIVE_INFINITY: inf, NaN: nan } = Number;
  expect(difference("it", numbers(inf, -inf, nan), numbers(inf, -inf, nan)).wrong).toBeUndefined();
  for (const got of [1e308, -inf, nan]) expect(difference("it", numbers(got), numbers(inf)).wrong).toBeDefined();
  expect(difference("it", numbers(inf), numbers(1)).wrong).toBeDefined();
});

for (const group of groups) {
  const { made, count, cases } = loadGroup(group);
  const versions = Object.entries(made).map((entry) => entry.join(" "));

  describe(`${group}: ${versions.join(", ")}`, () => {
    test("all cases are there, each under its own name", () => {
      expect(cases).toHaveLength(count);
      expect(new Set(cases.map(({ name }) => name)).size).toBe(cases.length);
    });

    for (const op of new Set(cases.map((golden) => golden.op))) {
      const mine = cases.filter((golden) => golden.op === op);
      test(`${op}, ${mine.length} cases`, async () => {
        for (const golden of mine) {
          const { wrong } = await check(golden);
          expect.soft(wrong, `${golden.name}: ${wrong}`).toBeUndefined();
        }
        const first = mine.find(({ directions, op }) => !directions && op in ADAPTERS);
        if (first) expect(await sameCompiled(first), `${first.name}: compiled, has other bits`).toBe(true);
      });
    }
  });
}
