import { describe, expect, it } from "vitest";
import { lower } from "../../src/lower/lower.ts";
import type { RandomGraphOptions } from "../graphs.ts";
import { difference, interpreted, randomCase, runTwice, shared } from "../lower/random.ts";
import { missing, native, useThreads } from "./device.ts";

// New graphs in every run; SEED repeats one.
const seed = Number(process.env["SEED"] ?? Date.now() % 2 ** 31);

/** What is wrong: many graphs in one compile, each as it is and as if threads shared every kernel of it. */
function problems(first: number, count: number, options?: RandomGraphOptions): string[] {
  const seeds = Array.from({ length: count }, (_, i) => first + i);
  const cases = seeds.map((seed) => randomCase(seed, options));
  const ways = cases.flatMap(({ traced }) => {
    const fused = lower(traced, { fuse: true, epilogues: true });
    return [lower(traced, { fuse: false }), fused, shared(fused)];
  });
  const executables = native().load(ways);
  const wanted = cases.map((example) => interpreted(example, native().fma));
  const found: string[] = [];
  for (const threads of [1, 2, 3, 4, 8]) {
    useThreads(threads);
    executables.forEach((executable, i) => {
      const which = Math.floor(i / 3);
      const example = cases[which];
      const wrong = difference(example.traced.graph, wanted[which], runTwice(executable, example));
      const way = ["unfused", "fused", "shared"][i % 3];
      if (wrong) found.push(`seed ${seeds[which]}, ${way}, on ${threads} threads: ${wrong}`);
    });
  }
  return found;
}

describe.skipIf(missing)("random graphs as C are the interpreter's bits, on any number of threads", () => {
  it("known ones", () => {
    expect(problems(0, 40)).toEqual([]);
  });

  it(`new ones (SEED=${seed})`, () => {
    expect(problems(seed, 40)).toEqual([]);
  });

  it(`ones that pack matrices and cut reductions into parts (SEED=${seed})`, () => {
    expect(problems(seed, 10, { large: true, steps: 8 })).toEqual([]);
  });
});
