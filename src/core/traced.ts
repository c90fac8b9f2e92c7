import type { Graph } from "./graph.ts";

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
