/** Declares the tests of all golden groups. */

import { describe, expect, test } from "vitest";
import { setDevice } from "../../src/index.ts";
import { ADAPTERS } from "./adapters/index.ts";
import { groups, loadGroup } from "./cases.ts";
import { check, sameCompiled } from "./check.ts";

// Another share in every run; SEED repeats one.
const seed = Number(process.env["SEED"] ?? Date.now() % 2 ** 31);

/** Tests every operator with its cases, or with one in so many, but at least one. */
export function testGolden(every = 1): void {
  setDevice("wasm"); // test/native/recorded.ts has them run natively
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
        const first = seed % Math.min(every, mine.length);
        test(`${op}, ${mine.length} cases`, async () => {
          for (let i = first; i < mine.length; i += every) {
            const { wrong } = await check(mine[i]);
            expect.soft(wrong, `${mine[i].name}: ${wrong}`).toBeUndefined();
          }
          const plain = mine.find(({ directions, op }) => !directions && op in ADAPTERS);
          if (plain) expect(await sameCompiled(plain), `${plain.name}: compiled, has other bits`).toBe(true);
        });
      }
    });
  }
}
