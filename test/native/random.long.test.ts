import { describe, expect, test } from "vitest";
import { missing } from "./device.ts";
import { indexProblems, problems } from "./random.ts";

const seed = Number(process.env["SEED"] ?? Date.now() % 2 ** 31);
const BULK = 50;

describe.skipIf(missing)(`random graphs as C (SEED=${seed})`, () => {
  for (let first = 0; first < 2000; first += BULK) {
    test(`${BULK} graphs from ${first}`, () => {
      expect(problems(seed + first, BULK)).toEqual([]);
      expect(problems(seed + first, BULK / 5, { large: true, steps: 8 })).toEqual([]);
      expect(indexProblems(seed + first, BULK)).toEqual([]);
    });
  }
});
