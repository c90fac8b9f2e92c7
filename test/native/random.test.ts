import { describe, expect, it } from "vitest";
import { missing } from "./device.ts";
import { indexProblems, problems } from "./random.ts";

// New graphs in every run; SEED repeats one.
const seed = Number(process.env["SEED"] ?? Date.now() % 2 ** 31);

describe.skipIf(missing)("random graphs as C are the interpreter's bits, on any number of threads", () => {
  it("known ones", () => {
    expect(problems(0, 20)).toEqual([]);
  });

  it(`new ones (SEED=${seed})`, () => {
    expect(problems(seed, 20)).toEqual([]);
  });

  it(`ones that pack matrices and cut reductions into parts (SEED=${seed})`, () => {
    expect(problems(seed, 10, { large: true, steps: 8 })).toEqual([]);
  });

  it(`find an index out of range, and leave state as it was (SEED=${seed})`, () => {
    expect(indexProblems(seed, 20)).toEqual([]);
  });
});
