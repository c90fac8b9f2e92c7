import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { rolldown } from "rolldown";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { IndexError } from "../../src/core/errors.ts";
import type { Storage } from "../../src/core/storage.ts";
import type { Program } from "../../src/lower/loop-ir.ts";
import { wasmDevice } from "../../src/runtime/wasm.ts";
import { axpy, counter, lookup, recurrence, store } from "./programs.ts";

const LOTS = 1e9; // of work: threads share the kernel however small it is

const ramp = (length: number): Storage => store(Float32Array.from({ length }, (_, i) => Math.sin(i)));
const bytesOf = (storage: Storage): string => Buffer.from(storage.bytes()).toString("base64");

/** Runs the program as often as asked; all runs must agree, the first ones before the threads have started. */
function run(program: Program, threads: number, args: readonly Storage[], times: number): string {
  const executable = wasmDevice({ threads }).load(program);
  const [first, ...others] = Array.from({ length: times }, () => bytesOf(executable.run(args, []).results[0]));
  for (const other of others) expect(other).toBe(first);
  return first;
}

describe("threads give the same bytes", () => {
  test.each([1, 2, 3, 4])("%i of them", (threads) => {
    for (const length of [1, 15, 16, 17, 1000, 12_345]) {
      const args = [ramp(length), ramp(length)];
      expect(run(axpy(length, LOTS), threads, args, 200)).toBe(run(axpy(length), 1, args, 1));
    }
  });

  test.each([1, 2, 3, 4])("%i of them, inside a scan", (threads) => {
    const args = [ramp(50 * 333)];
    expect(run(recurrence(50, 333, false, LOTS), threads, args, 20)).toBe(run(recurrence(50, 333, false), 1, args, 1));
  });

  test("while memory grows, arenas move and programs come and go", () => {
    const device = wasmDevice({ threads: 3 });
    const executables = Array.from({ length: 300 }, (_, i) => device.load(axpy(100 * (i + 1), LOTS)));
    for (let round = 0; round < 2; round++) {
      for (const [i, executable] of executables.entries()) {
        const x = store(new Float32Array(100 * (i + 1)).fill(i));
        const out = new Float32Array(executable.run([x, x], []).results[0].bytes().buffer);
        expect(out.every((value) => value === 3 * i)).toBe(true);
      }
    }
  });

  test("and the same error, with no state changed", () => {
    const executable = wasmDevice({ threads: 4 }).load(lookup(10, 5000, LOTS));
    const table = ramp(10);
    const index = Int32Array.from({ length: 5000 }, (_, i) => i % 10);
    const state = executable.run([table, store(index)], [undefined]).states[0]!;
    const before = bytesOf(state);
    index[4321] = -1;
    index[17] = 10;
    const bad = store(index);
    for (let i = 0; i < 100; i++) expect(() => executable.run([table, bad], [state])).toThrow(IndexError);
    expect(bytesOf(state)).toBe(before);
  });

  test("and in-place updates happen once", () => {
    const executable = wasmDevice({ threads: 4 }).load(counter(10_000, LOTS));
    let state: Storage | undefined = store(new Float32Array(10_000));
    for (let i = 0; i < 2000; i++) [state] = executable.run([], [state]).states;
    expect(new Float32Array(state!.bytes().buffer).every((value) => value === 2000)).toBe(true);
  });
});

describe("a process", () => {
  let folder: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "chainrule-"));
    const bundle = await rolldown({ input: join(import.meta.dirname, "process.ts"), platform: "browser" });
    await bundle.write({ file: join(folder, "process.mjs") });
    await bundle.close();
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const node = (...args: string[]): string =>
    execFileSync(process.execPath, [join(folder, "process.mjs"), ...args], { encoding: "utf8", timeout: 20_000 });

  // 0: threads may not have started; 1: they spin; 200: they sleep
  test.each([0, 1, 200])("ends by itself while threads are alive (after %i ms)", (wait) => {
    expect(node("exit", String(wait))).toBe("12\n");
  });

  test("computes its first result in a moment", () => {
    const best = Math.min(...[1, 2, 3].map(() => Number(node("first")))); // others may be using the machine
    expect(best).toBeLessThan(50);
  });
});
