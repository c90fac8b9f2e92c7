/** Declares the tests of all operators. */

import { describe, expect, test } from "vitest";
import { setDevice } from "../../src/index.ts";
import { operators, samplesOf } from "./cases.ts";
import { check } from "./check.ts";

// Another share in every run; SEED repeats one.
const seed = Number(process.env["SEED"] ?? Date.now() % 2 ** 31);

/** Tests every operator with its samples, or with a share of at most so many. */
export function testSamples(most = Number.POSITIVE_INFINITY): void {
  setDevice("wasm"); // test/native/recorded.ts has them run natively
  describe(`PyTorch's samples${most < Number.POSITIVE_INFINITY ? ` (SEED=${seed})` : ""}`, () => {
    for (const operator of operators) {
      test(operator, async () => {
        const { count, cases } = samplesOf(operator);
        expect(cases).toHaveLength(count);
        const share = Math.min(count, most);
        for (let k = 0; k < share; k++) {
          const sample = cases[(Math.floor((k * count) / share) + seed) % count];
          const { wrong } = await check(sample);
          expect.soft(wrong, `${sample.name}: ${wrong}`).toBeUndefined();
        }
      });
    }
  });
}
