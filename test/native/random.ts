/** Random graphs as C, many in one compile. */

import type { TracedProgram } from "../../src/core/traced.ts";
import type { Program } from "../../src/lower/loop-ir.ts";
import { lower } from "../../src/lower/lower.ts";
import type { RandomGraphOptions } from "../graphs.ts";
import {
  difference,
  indexDifference,
  interpreted,
  randomCase,
  runTwice,
  shared,
  spoiledCase,
} from "../lower/random.ts";
import { native, useThreads } from "./device.ts";

/** What is wrong: many graphs in one compile, each as it is and as if threads shared every kernel of it. */
export function problems(first: number, count: number, options?: RandomGraphOptions): string[] {
  const seeds = Array.from({ length: count }, (_, i) => first + i);
  const cases = seeds.map((seed) => randomCase(seed, options));
  const executables = native().load(cases.flatMap(({ traced }) => waysOf(traced)));
  const wanted = cases.map((example) => interpreted(example, native().fma));
  const found: string[] = [];
  for (const threads of [1, 2, 3, 4, 8]) {
    useThreads(threads);
    executables.forEach((executable, i) => {
      const which = Math.floor(i / 3);
      const example = cases[which];
      const wrong = difference(example.traced.graph, wanted[which], runTwice(executable, example));
      if (wrong) found.push(`seed ${seeds[which]}, ${WAYS[i % 3]}, on ${threads} threads: ${wrong}`);
    });
  }
  return found;
}

/** The three ways in which a graph is lowered. */
function waysOf(traced: TracedProgram): Program[] {
  const fused = lower(traced, { fuse: true, epilogues: true });
  return [lower(traced, { fuse: false }), fused, shared(fused)];
}
const WAYS = ["unfused", "fused", "shared"];

/** As `problems`, with an index out of range. */
export function indexProblems(first: number, count: number): string[] {
  const seeds = Array.from({ length: count }, (_, i) => first + i);
  const cases = seeds.flatMap((seed) => {
    const example = spoiledCase(seed);
    return example ? [{ seed, example }] : [];
  });
  const executables = native().load(cases.flatMap(({ example }) => waysOf(example.traced)));
  return [1, 3].flatMap((threads) => {
    useThreads(threads);
    return executables.flatMap((executable, i) => {
      const { seed, example } = cases[Math.floor(i / 3)];
      const wrong = indexDifference(executable, example);
      return wrong ? [`seed ${seed}, ${WAYS[i % 3]}, on ${threads} threads: ${wrong}`] : [];
    });
  });
}
