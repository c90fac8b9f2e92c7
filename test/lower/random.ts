/** Runs random graphs in every way there is and tells where two of them differ. */

import { interpret } from "../../src/codegen/interp.ts";
import { type TypedArray, view } from "../../src/core/dtype.ts";
import { type Graph, topological } from "../../src/core/graph.ts";
import { verifyGraph } from "../../src/core/verify.ts";
import { Storage } from "../../src/core/storage.ts";
import type { Kernel, Program } from "../../src/lower/loop-ir.ts";
import { lower } from "../../src/lower/lower.ts";
import { type WasmDevice, wasmDevice } from "../../src/runtime/wasm.ts";
import { type RandomGraphOptions, randomGraph } from "../graphs.ts";

const alone = wasmDevice({ threads: 1 });
const together = wasmDevice({ threads: 2 });
const { relaxedMadd: fma } = alone.features;

/** The program as if every kernel were long enough for threads to share it. */
function shared(program: Program): Program {
  const enlarge = (kernel: Kernel): Kernel =>
    kernel.kind === "scan" ? { ...kernel, body: kernel.body.map(enlarge) } : { ...kernel, work: 1e9 };
  return { ...program, kernels: program.kernels.map(enlarge) };
}

const lowered = (graph: Graph, fuse: boolean): Program =>
  lower({ graph, args: graph.inputs.length, results: graph.outputs.length, states: [] }, { fuse });

function run(device: WasmDevice, program: Program, inputs: readonly TypedArray[]): readonly Storage[] {
  const args = inputs.map((input) => new Storage(input.byteLength, input.slice().buffer as ArrayBuffer));
  return device.load(program).run(args, []).results;
}

/** Bit for bit, but for the bits inside of a NaN. */
function difference({ outputs }: Graph, want: readonly TypedArray[], got: readonly Storage[]): string | undefined {
  for (const [i, { dtype, shape, node }] of outputs.entries()) {
    const numbers = view(dtype, got[i].bytes());
    const at = want[i].findIndex((value, k) => !Object.is(value, numbers[k]));
    if (at >= 0) {
      return `output ${i}, ${node.op} ${dtype}(${shape}), has ${numbers[at]} instead of ${want[i][at]} at ${at}`;
    }
  }
  return undefined;
}

/** What is wrong with the graph of a seed: the interpreter, every node alone, fused, and fused on two threads must agree. */
export function problem(seed: number, options: RandomGraphOptions = {}): string | undefined {
  const { graph, inputs } = randomGraph(seed, options);
  try {
    verifyGraph(graph);
    const want = interpret(graph, inputs, { mode: "exact", fma });
    const fused = lowered(graph, true);
    const ways: readonly [string, () => readonly Storage[]][] = [
      ["unfused", () => run(alone, lowered(graph, false), inputs)],
      ["fused", () => run(alone, fused, inputs)],
      ["fused, on two threads", () => run(together, shared(fused), inputs)],
    ];
    for (const [way, results] of ways) {
      const found = difference(graph, want, results());
      if (found) return `${way}: ${found}`;
    }
  } catch (error) {
    return String((error as Error).stack);
  }
  return undefined;
}

/** The seeds of a range with problems, and the smallest graph of each that still has one. */
export function problems(from: number, count: number): string[] {
  const found: string[] = [];
  for (let seed = from; seed < from + count && found.length < 10; seed++) {
    if (problem(seed) === undefined) continue;
    // Fewer steps of the same seed are a beginning of the same graph.
    let steps = 1;
    while (steps < 12 && problem(seed, { steps }) === undefined) steps++;
    const ops = topological(randomGraph(seed, { steps }).graph.outputs).map(({ op }) => op);
    found.push(`seed ${seed}, ${steps} steps (${ops.join(" ")}): ${problem(seed, { steps })}`);
  }
  return found;
}
