/**
 * What other tests run, run again as C: in them a device takes wasm's place that remembers each program, with its
 * arguments and what came of them. Contractions and attention are the kernel library's, so that both give the same bits.
 */

import { describe, expect, test, vi } from "vitest";
import { type TypedArray, viewBytes } from "../../src/core/dtype.ts";
import { IndexError } from "../../src/core/errors.ts";
import { Storage } from "../../src/core/storage.ts";
import type { TracedProgram } from "../../src/core/traced.ts";
import type { Program } from "../../src/lower/loop-ir.ts";
import { lower } from "../../src/lower/lower.ts";
import type { Executable, RunResult } from "../../src/runtime/device.ts";
import type { WasmDevice, WasmOptions } from "../../src/runtime/wasm.ts";
import type { KernelLibrary } from "../../src/runtime/wasm-engine.ts";
import type { runProgram } from "../lower/program-reference.ts";
import { missing, native, useThreads } from "./device.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** One run: what went in and what came out, states too; the message if an index was out of range. */
interface Run {
  readonly args: readonly Bytes[];
  readonly before: readonly (Bytes | undefined)[];
  readonly results: readonly Bytes[];
  readonly after: readonly (Bytes | undefined)[];
  readonly error: string | undefined;
}

interface Recorded {
  readonly test: string;
  readonly program: Program;
  readonly runs: Run[];
}

/** Programs compiled at once. */
const BULK = 250;
/** Runs of one program that are remembered. */
const RUNS = 2;

// Other programs in every run; SEED repeats some.
const seed = Number(process.env["SEED"] ?? Date.now() % 2 ** 31);

const recorded: Recorded[] = [];

function remember(program: Program): Run[] {
  const runs: Run[] = [];
  recorded.push({ test: expect.getState().currentTestName ?? "", program, runs });
  return runs;
}

const copy = (storage: Storage | undefined): Bytes | undefined => storage?.bytes().slice();
const bytesOf = (data: TypedArray | undefined): Bytes | undefined =>
  data && new Uint8Array(data.slice().buffer as ArrayBuffer);

function remembering(executable: Executable, program: Program): Executable {
  const runs = remember(program);
  const run = (args: readonly Storage[], states: readonly (Storage | undefined)[]): RunResult => {
    if (runs.length === RUNS) return executable.run(args, states);
    const ins = { args: args.map((x) => copy(x)!), before: states.map(copy) };
    try {
      const ran = executable.run(args, states);
      runs.push({ ...ins, results: ran.results.map((x) => copy(x)!), after: ran.states.map(copy), error: undefined });
      return ran;
    } catch (error) {
      if (!(error instanceof IndexError)) throw error;
      runs.push({ ...ins, results: [], after: ins.before, error: error.message });
      throw error;
    }
  };
  return { run, inspect: () => executable.inspect() };
}

/** What multiplies matrices and attends on the native device. */
const library = vi.hoisted(() => ({ kernels: undefined as unknown as KernelLibrary }));

vi.mock(import("../../src/runtime/wasm.ts"), async (original) => {
  const { wasmDevice } = await original();
  const recordingDevice = (options: WasmOptions = {}): WasmDevice => {
    if (options.kernels) {
      library.kernels = options.kernels; // this is the native device, which runs on wasm what it does not compile
      return wasmDevice(options);
    }
    const device = wasmDevice({ ...options, kernels: library.kernels });
    return {
      ...device,
      features: { relaxedMadd: native().fma },
      load: (program: Program) => remembering(device.load(program), program),
      compile: (traced: TracedProgram) =>
        remembering(device.compile(traced), lower(traced, { fuse: true, epilogues: true, attention: true })),
    };
  };
  return { wasmDevice: recordingDevice };
});

// Epilogues are tested by their definition.
vi.mock(import("../lower/program-reference.ts"), async (original) => {
  const reference = await original();
  const recording: typeof runProgram = (program, args, states, options) => {
    const outcome = reference.runProgram(program, args, states, options);
    if (options.fma === native().fma) {
      remember(program).push({
        args: args.map((x) => bytesOf(x)!),
        before: states.map(bytesOf),
        results: outcome.results.map((x) => bytesOf(x)!),
        after: outcome.states.map(bytesOf),
        error: undefined,
      });
    }
    return outcome;
  };
  return { runProgram: recording };
});

/** What is wrong with a program's C, in one line. */
function problem({ test, program, runs }: Recorded, executable: Executable): string | undefined {
  const store = (bytes: Bytes | undefined) => bytes && Storage.of(bytes.slice());
  for (const { args, before, results, after, error } of runs) {
    const states = before.map(store);
    let ran: RunResult = { results: [], states };
    let message: string | undefined;
    try {
      ran = executable.run(
        args.map((x) => store(x)!),
        states,
      );
    } catch (thrown) {
      message = (thrown as Error).message;
    }
    if (message !== error) return `${test}: throws ${message} instead of ${error}`;
    for (const { role, position, dtype } of program.buffers) {
      if (role !== "state" && (role !== "result" || error)) continue;
      const [want, have] =
        role === "state" ? [after[position], ran.states[position]] : [results[position], ran.results[position]];
      const wrong = want && difference(viewBytes(dtype, want), viewBytes(dtype, have!.bytes()));
      if (wrong) return `${test}: ${role} ${position}, ${dtype}, ${wrong}`;
    }
  }
  return undefined;
}

/** Bit for bit, but for the bits inside of a NaN. */
function difference(want: TypedArray, have: TypedArray): string | undefined {
  const at = want.findIndex((value, i) => !Object.is(value, have[i]));
  return at < 0 ? undefined : `has ${have[at]} instead of ${want[at]} at ${at}`;
}

/** What an engine has to get right: values, derivatives, state, errors. */
export const FILES: readonly string[] = [
  "../autodiff/wasm.test.ts",
  "../codegen/contraction.test.ts",
  "../lower/epilogue.test.ts",
  "../lower/in-place.test.ts",
  "../optim/every.test.ts",
  "../tensor/indexing.test.ts",
  "../tensor/scan.test.ts",
  "../training/state.test.ts",
];

/** Runs the tests of files, and one in so many of their programs as C, on one thread and on three. */
export function checkAsC(files: readonly string[], every = 1): void {
  if (missing) {
    test.skip(`as C (skipped: ${missing})`);
    return;
  }
  describe("as C", () => {
    describe("what follows is recorded", async () => {
      const { setDevice } = await import("../../src/index.ts");
      setDevice("wasm");
      for (const file of files) await import(file);
    });

    test("the results are the same bits", () => {
      const chosen = recorded.filter(({ runs }, i) => i % every === seed % every && runs.length > 0);
      const wrong: string[] = [];
      for (let first = 0; first < chosen.length && wrong.length < 10; first += BULK) {
        const some = chosen.slice(first, first + BULK);
        const executables = native().load(some.map(({ program }) => program));
        for (const threads of [1, 3]) {
          useThreads(threads);
          wrong.push(...some.flatMap((each, i) => problem(each, executables[i]) ?? []));
        }
      }
      console.log(`${chosen.length} of ${recorded.length} programs as C${every > 1 ? ` (SEED=${seed})` : ""}`);
      expect(wrong).toEqual([]);
    }, 3_600_000);
  });
}
