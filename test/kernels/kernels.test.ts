/**
 * What the compiler makes of a fixed set of programs is kept beside this file, two texts a program (what WebAssembly gets,
 * and the C): a change that must not alter kernels shows that it does not, and one that does shows what it alters.
 * `UPDATE_KERNELS=1` writes the texts anew.
 */

import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { renderPrograms } from "../../src/codegen/c/program.ts";
import { listProgram } from "../../src/codegen/wasm/listing.ts";
import { renderProgram } from "../../src/codegen/wasm/program.ts";
import type { TracedProgram } from "../../src/core/traced.ts";
import { setDevice } from "../../src/index.ts";
import { lower } from "../../src/lower/lower.ts";
import { showProgram } from "../../src/lower/print.ts";
import { TARGETS } from "../codegen/c-machines.ts";
import { CORPUS } from "./corpus.ts";
import { trace } from "./trace.ts";

const UPDATE = process.env["UPDATE_KERNELS"] === "1";

const fileOf = (name: string, suffix: string): string =>
  join(import.meta.dirname, `${name.replace(/\W+/g, "-")}.${suffix}`);

/** Loops, and sizes of the code for a machine with fused multiply-add and threads, whatever this one is. */
function describeProgram(traced: TracedProgram): string {
  const program = lower(traced);
  const rendered = renderProgram(program, {
    features: { relaxedMadd: true },
    threads: true,
    kernelsOutside: false,
    marks: false,
  });
  return `${showProgram(program)}\n\n${listProgram(rendered)}\n`;
}

setDevice("wasm");

/** For a machine with AVX-512, whatever this one is. */
function asC(traced: TracedProgram): string {
  const program = lower(traced, { fuse: true, epilogues: true, attention: true });
  const { units } = renderPrograms([program], { target: TARGETS.avx512, units: 1, marks: false });
  return `${units[0].trim()}\n`;
}

describe("kernels of", () => {
  test.each(Object.entries(CORPUS))("%s", (name, program) => {
    const { traced } = trace(program());
    for (const [suffix, text] of [
      ["txt", describeProgram(traced)],
      ["c", asC(traced)],
    ]) {
      const file = fileOf(name, suffix);
      if (UPDATE) writeFileSync(file, text);
      expect(existsSync(file), `${file} is missing: write it with UPDATE_KERNELS=1`).toBe(true);
      expect(text).toBe(readFileSync(file, "utf8"));
    }
  });
});

test("every text is of a program", () => {
  const known = new Set(Object.keys(CORPUS).flatMap((name) => [fileOf(name, "txt"), fileOf(name, "c")]));
  known.add(join(import.meta.dirname, "program-driver.c"));
  const texts = readdirSync(import.meta.dirname).filter((name) => /\.(txt|c)$/.test(name));
  const left = texts.map((name) => join(import.meta.dirname, name)).filter((path) => !known.has(path));
  if (UPDATE) for (const path of left) rmSync(path);
  else expect(left).toEqual([]);
});
