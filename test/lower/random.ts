/** Runs random graphs in every way there is and tells where two of them differ. */

import { interpret } from "../../src/codegen/interp.ts";
import { type TypedArray, viewBytes } from "../../src/core/dtype.ts";
import { IndexError } from "../../src/core/errors.ts";
import { type Graph, topological, type Value } from "../../src/core/graph.ts";
import { apply1 } from "../../src/core/primitives.ts";
import { sameShape } from "../../src/core/shape.ts";
import { Storage } from "../../src/core/storage.ts";
import type { TracedProgram } from "../../src/core/traced.ts";
import { verifyGraph } from "../../src/core/verify.ts";
import type { Kernel, Program } from "../../src/lower/loop-ir.ts";
import { lower } from "../../src/lower/lower.ts";
import { needsState } from "../../src/lower/memory.ts";
import type { Executable } from "../../src/runtime/device.ts";
import { wasmDevice } from "../../src/runtime/wasm.ts";
import { Random, type RandomGraph, type RandomGraphOptions, randomGraph } from "../graphs.ts";
import { runProgram } from "./program-reference.ts";

const alone = wasmDevice({ threads: 1 });
const together = wasmDevice({ threads: 2 });
const { relaxedMadd: fma } = alone.features;

/** The program as if every kernel were long enough for threads to share it. */
export function shared(program: Program): Program {
  const enlarge = (kernel: Kernel): Kernel =>
    kernel.kind === "scan" ? { ...kernel, body: kernel.body.map(enlarge) } : { ...kernel, work: 1e9 };
  return { ...program, kernels: program.kernels.map(enlarge) };
}

export interface Case {
  readonly traced: TracedProgram;
  /** of all inputs of the graph */
  readonly inputs: readonly TypedArray[];
}

/** Some inputs become state, which the program overwrites with values that it computes from it, or with other states. */
function withState({ graph, inputs }: RandomGraph, random: Random): Case {
  const values = topological(graph.outputs).flatMap(({ outputs }) => outputs);
  const slots = graph.inputs.flatMap((input, position) => {
    if (input.dtype === "i32" || !random.chance(0.6)) return []; // indices must stay in range
    return [
      { input, data: inputs[position], output: random.chance(0.8) ? successor(input, values, random) : undefined },
    ];
  });
  const args = graph.inputs.flatMap((input, position) =>
    slots.some((slot) => slot.input === input) ? [] : [{ input, data: inputs[position] }],
  );
  // What a step leaves behind although nothing was there before, such as a gradient: state without an input.
  const fresh = random.chance(0.3) ? [{ output: random.pick(values) }] : [];
  const written = [...slots.filter(({ output }) => output), ...fresh];
  const results = graph.outputs.length;
  const states = [...slots, ...fresh].map((slot, i) => ({
    input: i < slots.length ? args.length + i : undefined,
    output: slot.output && results + written.indexOf(slot),
  }));
  const all = [...args, ...slots];
  return {
    traced: {
      graph: {
        inputs: all.map(({ input }) => input),
        outputs: [...graph.outputs, ...written.map(({ output }) => output!)],
      },
      args: args.length,
      results,
      states,
    },
    inputs: all.map(({ data }) => data),
  };
}

/** What a state may become: a value of the graph that fits, or the state itself, moved and mixed. */
function successor(x: Value, values: readonly Value[], random: Random): Value {
  const fits = values.filter((y) => y !== x && y.dtype === x.dtype && sameShape(y.shape, x.shape));
  if (fits.length > 0 && random.chance(0.7)) return random.pick(fits);
  const flipped = apply1("flip", [x], { axes: x.shape.length > 0 ? random.some([...x.shape.keys()]) : [] });
  return random.chance(0.5) ? flipped : apply1(x.dtype === "bool" ? "xor" : "add", [x, flipped], {});
}

const storageOf = (data: TypedArray): Storage => Storage.of(data.slice());

/** Two runs, the second one on the states that the first one left: results and states of both, in the graph's order. */
export function runTwice(executable: Executable, { traced, inputs }: Case): readonly Storage[] {
  const args = inputs.slice(0, traced.args).map(storageOf);
  let states = traced.states.map(({ input }) => (input === undefined ? undefined : storageOf(inputs[input])));
  const all: Storage[] = [];
  for (let round = 0; round < 2; round++) {
    const after = executable.run(args, states);
    states = [...after.states];
    for (const state of states) if (round === 0) state!.captured = true; // it is compared at the end
    const written = traced.states.flatMap(({ output }, i) => (output === undefined ? [] : [states[i]!]));
    all.push(...after.results, ...written);
  }
  return all;
}

/** As `run`, by the definition of Loop IR. */
function inBlocks(program: Program, { traced, inputs }: Case): readonly Storage[] {
  let states = traced.states.map(({ input }) => (input === undefined ? undefined : inputs[input]));
  const all: TypedArray[] = [];
  for (let round = 0; round < 2; round++) {
    const after = runProgram(program, inputs.slice(0, traced.args), states, { fma, block: [8, 32] });
    states = [...after.states];
    all.push(...after.results, ...states.flatMap((x, i) => (x && traced.states[i].output !== undefined ? [x] : [])));
  }
  return all.map(storageOf);
}

/** The same by the interpreter. */
export function interpreted({ traced: { graph, args, states }, inputs }: Case, fma: boolean): TypedArray[] {
  const first = interpret(graph, inputs, { mode: "exact", fma });
  const next = inputs.map((data, i) => {
    const output = i < args ? undefined : states[i - args].output;
    return output === undefined ? data : first[output];
  });
  return [...first, ...interpret(graph, next, { mode: "exact", fma })];
}

/** Bit for bit, but for the bits inside of a NaN. */
export function difference(
  { outputs }: Graph,
  want: readonly TypedArray[],
  got: readonly Storage[],
): string | undefined {
  for (const [i, numbers] of want.entries()) {
    const { dtype, shape, node } = outputs[i % outputs.length];
    const have = viewBytes(dtype, got[i].bytes());
    const at = numbers.findIndex((value, k) => !Object.is(value, have[k]));
    if (at >= 0)
      return `output ${i}, ${node.op} ${dtype}(${shape}), has ${have[at]} instead of ${numbers[at]} at ${at}`;
  }
  return undefined;
}

/** A state that the program takes for one that it need not know, although results depend on it. */
function unread(program: Program, { traced: { graph, states }, inputs }: Case): string | undefined {
  const numbers = (data: readonly TypedArray[]) => interpret(graph, data, { mode: "exact", fma }).map(String).join(";");
  for (const [slot, { input }] of states.entries()) {
    const buffer = program.buffers.findIndex(({ role, position }) => role === "state" && position === slot);
    const written = program.kernels.some(({ writes }) => writes.includes(buffer));
    if (input === undefined || !written || needsState(program, buffer)) continue;
    const other = inputs.map((data, i) => (i === input ? data.map((x) => Number(x === 0)) : data));
    if (numbers(inputs) !== numbers(other)) return `state ${slot} is read`;
  }
  return undefined;
}

/** A random graph with state, and numbers for its inputs. */
export function randomCase(seed: number, options: RandomGraphOptions = {}): Case {
  const example = withState(randomGraph(seed, options), new Random(seed));
  verifyGraph(example.traced.graph);
  return example;
}

/** What is wrong with the graph of a seed: the interpreter, every node alone, fused, and fused on two threads must agree. */
export function problem(seed: number, options: RandomGraphOptions = {}): string | undefined {
  try {
    const example = randomCase(seed, options);
    const { traced } = example;
    const want = interpreted(example, fma);
    const fused = lower(traced, { fuse: true });
    const ways: readonly [string, () => readonly Storage[]][] = [
      ["unfused", () => runTwice(alone.load(lower(traced, { fuse: false })), example)],
      ["fused", () => runTwice(alone.load(fused), example)],
      ["fused, on two threads", () => runTwice(together.load(shared(fused)), example)],
    ];
    const forgotten = unread(fused, example);
    if (forgotten) return forgotten;
    for (const [way, results] of ways) {
      const found = difference(traced.graph, want, results());
      if (found) return `${way}: ${found}`;
    }
    const joined = lower(traced, { fuse: true, epilogues: true });
    if (!joined.kernels.some((kernel) => kernel.kind === "contraction" && kernel.epilogue)) return undefined;
    const found = difference(traced.graph, want, inBlocks(joined, example));
    if (found) return `with epilogues: ${found}`;
  } catch (error) {
    return String((error as Error).stack);
  }
  return undefined;
}

/**
 * A random graph with an index that is out of range; undefined if the graph has none, or if nothing comes of the index:
 * what is not read, such as what a slice cuts off, may go unnoticed, though not by the interpreter, which leaves out nothing.
 */
export function spoiledCase(seed: number): Case | undefined {
  const { graph, inputs } = randomGraph(seed);
  const random = new Random(seed);
  const indices = inputs.filter((data, i) => graph.inputs[i].dtype === "i32" && data.length > 0);
  if (indices.length === 0) return undefined;
  const spoiled = random.pick(indices);
  const at = random.int(0, spoiled.length - 1);
  const bad = random.pick([-1, 1000, -(2 ** 31), 2 ** 31 - 1]);
  const example = withState({ graph, inputs }, random);
  const resultsWith = (index: number): string => {
    spoiled[at] = index;
    return interpreted(example, fma).map(String).join(";");
  };
  const now = resultsWith(spoiled[at]);
  const isNeeded = [...new Set(spoiled)].some((index) => resultsWith(index) !== now);
  spoiled[at] = bad;
  return isNeeded ? example : undefined;
}

/** What is wrong with how an index out of range is found: it must be if the interpreter does, and leave state as it was. */
export function indexDifference(executable: Executable, example: Case): string | undefined {
  const { traced, inputs } = example;
  const wanted = throwsIndexError(() => interpreted(example, fma));
  const args = inputs.slice(0, traced.args).map(storageOf);
  const before = traced.states.flatMap(({ input }) => (input === undefined ? [] : [inputs[input]]));
  const states = before.map(storageOf); // one that is fresh comes last
  const found = throwsIndexError(() => executable.run(args, states));
  if (found !== wanted) return `an index out of range is ${found ? "" : "not "}found`;
  if (!found) return undefined;
  const changed = states.findIndex((state, i) => !Buffer.from(state.bytes()).equals(bytesOf(before[i])));
  return changed < 0 ? undefined : `state ${changed} has changed, although an index was out of range`;
}

/** As `problem`, with an index out of range: either every way finds it and leaves state as it was, or none does. */
export function indexProblem(seed: number): string | undefined {
  const example = spoiledCase(seed);
  if (!example) return undefined;
  const fused = lower(example.traced, { fuse: true });
  for (const [device, program] of [
    [alone, lower(example.traced, { fuse: false })],
    [alone, fused],
    [together, shared(fused)],
  ] as const) {
    const found = indexDifference(device.load(program), example);
    if (found) return found;
  }
  return undefined;
}

const bytesOf = (data: TypedArray): Buffer => Buffer.from(data.buffer, data.byteOffset, data.byteLength);

function throwsIndexError(f: () => unknown): boolean {
  try {
    f();
  } catch (error) {
    if (error instanceof IndexError) return true;
    throw error;
  }
  return false;
}

/** The seeds of a range with problems, and the smallest graph of each that still has one. */
export function problems(from: number, count: number, options: RandomGraphOptions = {}): string[] {
  const found: string[] = [];
  for (let seed = from; seed < from + count && found.length < 10; seed++) {
    if (problem(seed, options) === undefined) continue;
    // Fewer steps of the same seed are a beginning of the same graph.
    const first = (steps: number): RandomGraphOptions => ({ ...options, steps });
    let steps = 1;
    while (steps < 12 && problem(seed, first(steps)) === undefined) steps++;
    const ops = topological(randomGraph(seed, first(steps)).graph.outputs).map(({ op }) => op);
    found.push(`seed ${seed}, ${steps} steps (${ops.join(" ")}): ${problem(seed, first(steps))}`);
  }
  return found;
}
