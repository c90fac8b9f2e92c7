import { describe, expect, test } from "vitest";
import { indexProblem, problems } from "./random.ts";

const LARGE = { large: true, steps: 8 };

// New graphs in every run; SEED repeats one.
const seed = Number(process.env["SEED"] ?? Date.now() % 2 ** 31);

describe("random graphs are the same bits interpreted, unfused, fused and on two threads", () => {
  test("300 known ones", () => {
    expect(problems(0, 300)).toEqual([]);
  });

  test("one whose loops, merged, write a position in two ways", () => {
    expect(problems(2023043745, 1)).toEqual([]);
  });

  test("one that writes a part of a state before it reads another", () => {
    expect(problems(2036415139, 1, { steps: 4 })).toEqual([]);
  });

  test(`25 that pack matrices and cut reductions into parts (SEED=${seed})`, () => {
    expect(problems(seed, 25, LARGE)).toEqual([]);
  });

  test(`300 new ones (SEED=${seed})`, () => {
    expect(problems(seed, 300)).toEqual([]);
  });

  test(`300 with an index out of range, which changes nothing (SEED=${seed})`, () => {
    for (let i = 0; i < 300; i++) expect(indexProblem(seed + i), `seed ${seed + i}`).toBeUndefined();
  });
});
