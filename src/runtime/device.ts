import type { Graph } from "../core/graph.ts";
import type { Storage } from "../core/storage.ts";

/**
 * What a device is asked to run: a graph, and which of its values are state.
 *
 * State is what a step carries to the next one (parameters, moments, random counters, gradients that stay set):
 * the device keeps it in its own memory and writes it in place where nobody can notice.
 */
export interface TracedProgram {
  /** inputs: arguments first, then the states that are read; outputs: results first, then the states that are written */
  readonly graph: Graph;
  /** number of arguments */
  readonly args: number;
  /** number of results */
  readonly results: number;
  readonly states: readonly StateSlot[];
}

/** One piece of state: where in the graph it comes in (if it is read) and where it leaves (if it is written). */
export interface StateSlot {
  readonly input: number | undefined;
  readonly output: number | undefined;
}

/** A compiled program. */
export interface Executable {
  /**
   * Runs once. `states[i]` is the storage of slot i as it is now (undefined: none yet); what comes back is the
   * storage of slot i afterwards, the same object if it was written in place or not written at all.
   * Throws an IndexError, with no state changed, if an index was out of range.
   */
  run(args: readonly Storage[], states: readonly (Storage | undefined)[]): RunResult;
  /** what each stage of the compiler made of it */
  inspect(): Inspection;
}

export interface RunResult {
  /** fresh storages, one for each result */
  readonly results: readonly Storage[];
  readonly states: readonly (Storage | undefined)[];
}

export interface Inspection {
  readonly graph: string;
  readonly loops: string;
  readonly source: string;
  readonly memory: string;
}

/** Where programs run. */
export interface Device {
  readonly name: string;
  /** one sentence: what it is and why it was chosen */
  readonly description: string;
  compile(program: TracedProgram): Executable;
}
