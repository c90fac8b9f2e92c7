import { describe, expect, test } from "vitest";
import { problems } from "./random.ts";

const COUNT = 100_000;
const SHARE = 5_000;
const seed = Number(process.env["SEED"] ?? Date.now() % 2 ** 31);

describe(`${COUNT} random graphs (SEED=${seed})`, () => {
  test("2,000 that pack matrices and cut reductions into parts", () => {
    expect(problems(seed, 2000, { large: true, steps: 8 })).toEqual([]);
  });

  for (let from = 0; from < COUNT; from += SHARE) {
    test(`from ${from}`, () => expect(problems(seed + from, SHARE)).toEqual([]));
  }
});
