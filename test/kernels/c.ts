/** The programs of the corpus as C in a process of its own, which a sanitizer may watch and another processor may run. */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import { renderPrograms } from "../../src/codegen/c/program.ts";
import type { Target } from "../../src/codegen/c/target.ts";
import { interpret } from "../../src/codegen/interp.ts";
import { allocate, BYTES, isFloat, type TypedArray, view, viewBytes } from "../../src/core/dtype.ts";
import type { Value } from "../../src/core/graph.ts";
import { numel } from "../../src/core/shape.ts";
import { setDevice } from "../../src/index.ts";
import type { BufferDecl, Program } from "../../src/lower/loop-ir.ts";
import { lower } from "../../src/lower/lower.ts";
import { concat } from "../codegen/c-harness.ts";
import { FLAGS, type Machine, run, runOn, WARNINGS } from "../codegen/c-machines.ts";
import { bits, equal } from "../codegen/loop-harness.ts";
import { Random } from "../graphs.ts";
import type { Case } from "../lower/random.ts";
import { CORPUS } from "./corpus.ts";
import { trace } from "./trace.ts";

const native = (name: string): URL => new URL(`../../native/${name}`, import.meta.url);
const HEADERS = ["abi.h", "vectors.h"].map((name) => readFileSync(native(name), "utf8"));
const DRIVER = readFileSync(new URL("program-driver.c", import.meta.url), "utf8");

/** What the kernel library is compiled with beside that. */
const LIBRARY = ["-ffp-contract=fast"];
const sizesOf = ({ l1, l2 }: Target): string[] => [`-DL1=${l1}`, `-DL2=${l2}`];

/** A program of the corpus, with numbers that tell more than its zeros and ones. */
export interface Example extends Case {
  readonly name: string;
  readonly program: Program;
}

setDevice("wasm"); // which runs what the programs are traced on; they are compiled here
let found: readonly Example[] | undefined;

/** The corpus, traced once. */
export function examples(): readonly Example[] {
  found ??= Object.entries(CORPUS).map(([name, program]): Example => {
    const { traced, args, states } = trace(program());
    const random = new Random(name.length);
    const given = [...args, ...traced.states.flatMap(({ input }, i) => (input === undefined ? [] : [states[i]!]))];
    const inputs = traced.graph.inputs.map((x, i) => numbers(x, given[i], random));
    return { name, traced, inputs, program: lower(traced, { fuse: true, epilogues: true, attention: true }) };
  });
  return found;
}

/** Floats are drawn anew; indices, seeds and counters are what they must be. */
function numbers({ dtype, shape }: Value, given: Uint8Array<ArrayBuffer>, random: Random): TypedArray {
  if (!isFloat(dtype)) return viewBytes(dtype, given);
  const drawn = allocate(dtype, numel(shape));
  return drawn.map(() => random.next() * 2 - 1);
}

/** Compiles the corpus for a machine, without a warning, runs it, and compares with the interpreter's bits. */
export async function checkCorpus(machine: Machine, flags: readonly string[]): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "chainrule-corpus-"));
  try {
    await checkIn(folder, machine, flags);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function checkIn(folder: string, machine: Machine, flags: readonly string[]): Promise<void> {
  const { target } = machine;
  const all = examples();
  const { units, programs, scratch } = renderPrograms(
    all.map(({ program }) => program),
    { target, units: 1, marks: false },
  );
  const table = `program *const programs[] = {${programs.map(({ symbol }) => symbol).join(", ")}};\n`;
  const path = (name: string): string => join(folder, name);
  writeFileSync(path("corpus.c"), [...HEADERS, ...units, DRIVER, table].join("\n"));

  const input: Uint8Array[] = [];
  const put = (...values: readonly number[]) =>
    input.push(new Uint8Array(new BigInt64Array(values.map(BigInt)).buffer));
  put(all.length, scratch);
  all.forEach(({ program: { buffers }, inputs, traced }, i) => {
    put(programs[i].pointers, buffers.length);
    for (const buffer of buffers) {
      const content = inputs[inputOf(buffer, traced) ?? -1];
      const element = BYTES[buffer.dtype];
      const alignment = buffer.role === "temp" ? 64 : element;
      put(element * buffer.length, alignment, content ? 1 : 0, isWanted(buffer, traced) ? 1 : 0);
      if (content) input.push(new Uint8Array(content.slice().buffer));
    }
  });
  writeFileSync(path("input"), concat(input));

  const compile = (name: string, source: string, ...more: readonly string[]) =>
    run(machine.command, [...FLAGS, ...WARNINGS, ...target.flags, ...flags, ...more, "-c", source, "-o", path(name)]);
  const tiles = ["plain", "table", "runs"].map((way) => `contraction-${way}`);
  const library = ["contraction", ...tiles, "argsort", "attention"];
  await Promise.all([
    compile("corpus.o", path("corpus.c")),
    ...library.map((name) => compile(`${name}.o`, native(`${name}.c`).pathname, ...LIBRARY, ...sizesOf(target))),
  ]);
  const objects = ["corpus", ...library].map((name) => path(`${name}.o`));
  await run(machine.command, [...flags, ...objects, "-o", path("corpus"), "-lm"]);
  await runOn(machine, path("corpus"), path("input"), path("output"));

  const bytes = new Uint8Array(readFileSync(path("output")));
  let at = 0;
  const take = (length: number): ArrayBuffer => bytes.slice(at, (at += length)).buffer;
  for (const { name, program, traced, inputs } of all) {
    const where = `${name} by ${machine.command} for ${machine.name}`;
    const status = Number(new BigInt64Array(take(8))[0]);
    expect(status === -1 ? "wrote before a buffer" : status, where).toBe(0);
    const want = interpret(traced.graph, inputs, { mode: "exact", fma: target.fma });
    for (const buffer of program.buffers) {
      if (!isWanted(buffer, traced)) continue;
      const have = view(buffer.dtype, take(BYTES[buffer.dtype] * buffer.length));
      const expected = want[outputOf(buffer, traced)!];
      if (!equal(bits(have), bits(expected)))
        expect([...have], `${where}, ${buffer.role} ${buffer.position}`).toEqual([...expected]);
    }
  }
}

/** Which of the graph's inputs a buffer holds at first. */
function inputOf({ role, position }: BufferDecl, { states }: Case["traced"]): number | undefined {
  if (role === "arg") return position;
  return role === "state" ? states[position].input : undefined;
}

/** Which of the graph's outputs it holds in the end. */
function outputOf({ role, position }: BufferDecl, { states }: Case["traced"]): number | undefined {
  if (role === "result") return position;
  return role === "state" ? states[position].output : undefined;
}

const isWanted = (buffer: BufferDecl, traced: Case["traced"]): boolean => outputOf(buffer, traced) !== undefined;
