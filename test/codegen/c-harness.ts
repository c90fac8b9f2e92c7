/** Compiles many loop kernels into a few programs, runs them in processes and compares what they leave with what they should. */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import type { Port } from "../../src/codegen/c/context.ts";
import { renderLoops } from "../../src/codegen/c/loops.ts";
import { BYTES, type TypedArray, view } from "../../src/core/dtype.ts";
import type { LoopKernel, Program, Stmt } from "../../src/lower/loop-ir.ts";
import { loopKernel } from "../../src/lower/nest.ts";
import { FLAGS, type Machine, run, runOn, WARNINGS } from "./c-machines.ts";
import { type Buffer, bits, equal, type Options, type Ran } from "./loop-harness.ts";
import { Reference } from "./loop-reference.ts";

const DRIVER = new URL("loop-driver.c", import.meta.url);
const HEADERS = ["abi.h", "vectors.h"].map((name) => new URL(`../../native/${name}`, import.meta.url));

/** Cases of one program. */
const GROUP = 200;

interface Case {
  readonly name: string;
  readonly kernel: LoopKernel;
  readonly buffers: readonly Buffer[];
  readonly options: Options;
  readonly expected: readonly TypedArray[];
  readonly status: number;
}

/** Kernels and what they should leave, until there are enough for a program. */
export class Cases {
  readonly all: Case[] = [];

  /** In the place of the harness's `checkLoops`: gives what the definition gives. */
  add(body: readonly Stmt[], buffers: readonly Buffer[], options: Options = {}): Ran {
    const kernel = loopKernel("test", body, 1);
    const expected = buffers.map(({ data }) => data.slice());
    const reference = new Reference(expected, options.positions);
    reference.run(kernel);
    const { status } = reference;
    this.all.push({ name: expect.getState().currentTestName ?? "", kernel, buffers, options, expected, status });
    return { outputs: expected, status };
  }

  /** Runs one in so many on a machine. */
  async check(machine: Machine, flags: readonly string[], every = 1): Promise<void> {
    const chosen = this.all.filter((_, i) => i % every === 0);
    const groups: Case[][] = [];
    for (let i = 0; i < chosen.length; i += GROUP) groups.push(chosen.slice(i, i + GROUP));
    const folder = mkdtempSync(join(tmpdir(), "chainrule-loops-"));
    try {
      let next = 0;
      const work = async () => {
        while (next < groups.length) {
          const i = next++;
          await checkGroup(groups[i], machine, flags, join(folder, String(i)));
        }
      };
      await Promise.all([work(), work()]);
    } finally {
      if (!process.env["KEEP"]) rmSync(folder, { recursive: true });
    }
  }
}

async function checkGroup(
  cases: readonly Case[],
  machine: Machine,
  flags: readonly string[],
  path: string,
): Promise<void> {
  const texts = HEADERS.map((url) => readFileSync(url, "utf8"));
  const names = new Map<string, number>();
  const table: string[] = [];
  const input: Uint8Array[] = [];
  const number = (...values: readonly number[]) =>
    input.push(new Uint8Array(new BigInt64Array(values.map(BigInt)).buffer));
  number(cases.length);
  for (const { kernel, buffers, options } of cases) {
    const [phase] = renderLoops(kernel, { program: programOf(kernel, buffers), target: machine.target });
    let name = names.get(phase.body);
    if (name === undefined) {
      names.set(phase.body, (name = names.size));
      const unused = "(void)block, (void)ports, (void)scratch, (void)lo, (void)hi;";
      texts.push(
        `static void k${name}(word *block, const int32_t *ports, char *scratch, int64_t lo, int64_t hi) {\n  ${unused}\n${phase.body}\n}\n`,
      );
    }
    const positions = [...(options.positions ?? [])];
    const wordOf = (port: Port) =>
      1 + ("buffer" in port ? port.buffer : buffers.length + positions.findIndex(([v]) => v === port.position));
    number(table.length, buffers.length + positions.length, phase.ports.length, ...phase.ports.map(wordOf));
    table.push(`{k${name}, ${phase.range}, ${phase.grain}}`);
    for (const { dtype, data } of buffers) {
      number(BYTES[dtype], data.byteLength);
      input.push(new Uint8Array(data.buffer.slice(0)));
    }
    for (const [, value] of positions) number(0, value);
  }
  texts.push(readFileSync(DRIVER, "utf8"), `const kernel kernels[] = {${table.join(", ")}};\n`);
  writeFileSync(`${path}.c`, texts.join("\n"));
  writeFileSync(`${path}.in`, concat(input));
  await run(machine.command, [
    ...FLAGS,
    ...WARNINGS,
    ...machine.target.flags,
    ...flags,
    `${path}.c`,
    "-o",
    path,
    "-lm",
  ]);
  await runOn(machine, path, `${path}.in`, `${path}.out`);
  const bytes = new Uint8Array(readFileSync(`${path}.out`));
  let at = 0;
  const take = (length: number): ArrayBuffer =>
    bytes.buffer.slice(bytes.byteOffset + at, bytes.byteOffset + (at += length));
  cases.forEach(({ name, buffers, expected, status }, i) => {
    for (const cut of ["whole", "in grains", "in runs of three grains"]) {
      const where = `${machine.name}: ${name}, case ${i} of ${path}, ${cut}`;
      const ended = Number(new BigInt64Array(take(8))[0]);
      expect(ended === -1 ? "wrote before a buffer" : ended, where).toBe(status);
      buffers.forEach(({ dtype, data }, b) => {
        const output = view(dtype, take(data.byteLength));
        if (!equal(bits(output), bits(expected[b])))
          expect([...output], `${where}, buffer ${b}`).toEqual([...expected[b]]);
      });
    }
  });
}

const programOf = (kernel: LoopKernel, buffers: readonly Buffer[]): Program => ({
  buffers: buffers.map(({ dtype, data }, i) => ({
    dtype,
    length: data.length,
    role: "arg",
    position: i,
    given: false,
  })),
  kernels: [kernel],
  commit: 1,
  messages: [],
});

export function concat(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
