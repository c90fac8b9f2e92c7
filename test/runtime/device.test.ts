/** What every device must do below the lowering, on programs that are written by hand. */

import { describe, expect, test } from "vitest";
import { viewBytes } from "../../src/core/dtype.ts";
import { IndexError } from "../../src/core/errors.ts";
import type { Storage } from "../../src/core/storage.ts";
import type { Program } from "../../src/lower/loop-ir.ts";
import type { Executable } from "../../src/runtime/device.ts";
import { wasmDevice } from "../../src/runtime/wasm.ts";
import { missing, native, useThreads } from "../native/device.ts";
import { argsort, axpy, counter, f32, floats, lookup, recurrence, store } from "./programs.ts";

/** Loads programs for so many threads. */
type LoadAll = (programs: readonly Program[], threads: number) => readonly Executable[];

const loadOnWasm: LoadAll = (programs, threads) => {
  const device = wasmDevice({ threads });
  return programs.map((program) => device.load(program));
};

/** Threads are the process's there. */
const loadOnNative: LoadAll = (programs, threads) =>
  native()
    .load(programs)
    .map((executable) => ({
      run: (args, states) => {
        useThreads(threads);
        return executable.run(args, states);
      },
      inspect: () => executable.inspect(),
    }));

const DEVICES = [
  { device: "wasm", loadAll: loadOnWasm, lacks: undefined },
  { device: "native", loadAll: loadOnNative, lacks: missing },
];

const LOTS = 1e9; // of work: threads share the kernel however small it is

const ramp = (length: number): Storage => store(Float32Array.from({ length }, (_, i) => Math.sin(i)));
const bytesOf = (storage: Storage): string => Buffer.from(storage.bytes()).toString("base64");

for (const { device, loadAll, lacks } of DEVICES) {
  const load = (program: Program, threads = 1): Executable => loadAll([program], threads)[0];

  /** Runs the program as often as asked; all runs must agree, the first ones before the threads have started. */
  const repeat = (program: Program, threads: number, args: readonly Storage[], times: number): string => {
    const executable = load(program, threads);
    const [first, ...others] = Array.from({ length: times }, () => bytesOf(executable.run(args, []).results[0]));
    for (const other of others) expect(other).toBe(first);
    return first;
  };

  describe.skipIf(lacks)(device, () => {
    describe("results", () => {
      test("follow from the arguments, fresh each time", () => {
        const run = load(axpy(5));
        const x = f32(1, 2, 3, 4, 5);
        const [first] = run.run([x, f32(10, 20, 30, 40, 50)], []).results;
        const [second] = run.run([x, f32(0, 0, 0, 0, 0)], []).results;
        expect(floats(first)).toEqual([12, 24, 36, 48, 60]);
        expect(floats(second)).toEqual([2, 4, 6, 8, 10]);
      });

      test("of no elements are empty", () => {
        const [empty] = load(axpy(0)).run([f32(), f32()], []).results;
        expect(empty.byteLength).toBe(0);
      });

      test.each([false, true])("of a scan come step by step (reversed: %s)", (reverse) => {
        const [out] = load(recurrence(3, 2, reverse)).run([f32(1, 10, 2, 20, 4, 40)], []).results;
        expect(floats(out)).toEqual(reverse ? [3, 30, 4, 40, 4, 40] : [1, 10, 2.5, 25, 5.25, 52.5]);
      });
    });

    describe("argsort", () => {
      // Beside random keys: equal ones (stability), few different ones, ones that differ in a single byte, large ones.
      const kinds: Record<string, (i: number) => number> = {
        random: (i) => Math.imul(i + 1, 2654435761) >>> 0,
        equal: () => 7,
        few: (i) => (i * 7) % 5,
        "third byte": (i) => ((i * 37) % 251) << 16,
        descending: (i) => 0xffffffff - i,
      };
      for (const [kind, key] of Object.entries(kinds)) {
        test.each([1, 2, 48, 49, 1000])(`is stable on ${kind} keys, rows of %i`, (length) => {
          const rows = 3;
          const keys = Uint32Array.from({ length: rows * length }, (_, i) => key(i));
          const [out] = load(argsort(rows, length)).run([store(keys)], []).results;
          const want: number[] = [];
          for (let row = 0; row < rows; row++) {
            const own = keys.subarray(row * length, (row + 1) * length);
            want.push(...Array.from(own.keys()).sort((a, b) => own[a] - own[b]));
          }
          expect([...viewBytes("i32", out.bytes())]).toEqual(want);
        });
      }
    });

    describe("state", () => {
      test("is written in place, in the same storage", () => {
        const run = load(counter(3));
        const state = f32(1, 2, 3);
        for (let i = 0; i < 5; i++) {
          const { results, states } = run.run([], [state]);
          expect(states[0]).toBe(state);
          expect(floats(results[0])).toEqual([1 + i, 2 + i, 3 + i]);
        }
        expect(floats(state)).toEqual([6, 7, 8]);
      });

      test("begins with a new storage where there was none", () => {
        const run = load(lookup(2, 1));
        const { states } = run.run([f32(5, 6), store(Int32Array.of(1))], [undefined]);
        expect(floats(states[0])).toEqual([6]);
      });

      test("that somebody captured keeps its value, and the slot gets another storage", () => {
        const run = load(counter(2));
        const first = f32(1, 2);
        run.run([], [first]);
        first.captured = true;
        const second = run.run([], [first]).states[0]!;
        expect(second).not.toBe(first);
        expect(second.captured).toBe(false);
        const third = run.run([], [second]).states[0]!;
        expect(third).toBe(second);
        expect(floats(first)).toEqual([2, 3]);
        expect(floats(second)).toEqual([4, 5]);
      });

      test("that was captured before it ever ran here, likewise", () => {
        const run = load(counter(2));
        const first = f32(1, 2);
        first.captured = true;
        const [second] = run.run([], [first]).states;
        expect(floats(first)).toEqual([1, 2]);
        expect(floats(second)).toEqual([2, 3]);
      });

      test("serves as an argument of another program, and of one that overwrites it", () => {
        const state = f32(1, 2);
        load(counter(2)).run([], [state]);
        const [sum] = load(axpy(2)).run([state, state], []).results;
        expect(floats(sum)).toEqual([6, 9]);
        const run = load(lookup(2, 2));
        run.run([state, store(Int32Array.of(1, 0))], [state]);
        expect(floats(state)).toEqual([3, 2]);
      });

      test("moves from one device to another", () => {
        const state = f32(1);
        const runs = [load(counter(1)), wasmDevice({ threads: 1 }).load(counter(1))];
        for (let i = 0; i < 6; i++) runs[i % 2].run([], [state]);
        expect(floats(state)).toEqual([7]);
      });

      test("is unchanged after a failed check, captured or not, there or not", () => {
        const run = load(lookup(4, 2));
        const table = f32(1, 2, 3, 4);
        const good = store(Int32Array.of(3, 0));
        const bad = store(Int32Array.of(0, 4));
        expect(() => run.run([table, bad], [undefined])).toThrow(new IndexError("take: an index is outside 0 to 3"));
        const state = run.run([table, good], [undefined]).states[0]!;
        for (const captured of [false, true]) {
          state.captured = captured;
          expect(() => run.run([table, bad], [state])).toThrow(IndexError);
          expect(floats(state)).toEqual([4, 1]);
        }
        const [after] = run.run([table, store(Int32Array.of(1, 1))], [state]).states;
        expect(floats(after)).toEqual([2, 2]);
        expect(floats(state)).toEqual([4, 1]);
      });
    });

    describe("threads give the same bytes", () => {
      test.each([1, 2, 3, 4])("%i of them", (threads) => {
        for (const length of [1, 15, 16, 17, 1000, 12_345]) {
          const args = [ramp(length), ramp(length)];
          expect(repeat(axpy(length, LOTS), threads, args, 200)).toBe(repeat(axpy(length), 1, args, 1));
        }
      });

      test.each([1, 2, 3, 4])("%i of them, inside a scan", (threads) => {
        const args = [ramp(50 * 333)];
        expect(repeat(recurrence(50, 333, false, LOTS), threads, args, 20)).toBe(
          repeat(recurrence(50, 333, false), 1, args, 1),
        );
      });

      test("while memory grows, arenas move and programs come and go", () => {
        const executables = loadAll(
          Array.from({ length: 300 }, (_, i) => axpy(100 * (i + 1), LOTS)),
          3,
        );
        for (let round = 0; round < 2; round++) {
          for (const [i, executable] of executables.entries()) {
            const x = store(new Float32Array(100 * (i + 1)).fill(i));
            const out = viewBytes("f32", executable.run([x, x], []).results[0].bytes());
            expect(out.every((value) => value === 3 * i)).toBe(true);
          }
        }
      });

      test("and the same error, with no state changed", () => {
        const executable = load(lookup(10, 5000, LOTS), 4);
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
        const executable = load(counter(10_000, LOTS), 4);
        let state: Storage | undefined = store(new Float32Array(10_000));
        for (let i = 0; i < 2000; i++) [state] = executable.run([], [state]).states;
        expect(viewBytes("f32", state!.bytes()).every((value) => value === 2000)).toBe(true);
      });
    });
  });
}
