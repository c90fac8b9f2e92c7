/** CHECK_NAN: whatever goes into a program or comes out of it is looked at, and the first op to blame is named. */

import { isFloat, type TypedArray, viewBytes } from "../core/dtype.ts";
import { NanError } from "../core/errors.ts";
import { type Aval, type Graph, type Node, topological, type Value } from "../core/graph.ts";
import { PRIMITIVES } from "../core/primitives.ts";
import { rowMajor, showShape } from "../core/shape.ts";
import type { Storage } from "../core/storage.ts";
import type { TracedProgram } from "../core/traced.ts";
import type { Executable, RunResult } from "../runtime/device.ts";
import { flag } from "../runtime/env.ts";
import { currentDevice } from "../runtime/select.ts";

let enabled = flag("CHECK_NAN");

/**
 * Whether every NaN and infinity throws a NanError: in an argument, in a result or in new state, with the op that made
 * it. State stays as it was before the step. For hunting only, since every number is read; `CHAINRULE_CHECK_NAN=1` too.
 *
 * ```ts
 * setCheckNan(true);
 * tensor([1, 0]).log().dataSync(); // throws NanError
 * setCheckNan(false);
 * ```
 */
export function setCheckNan(on: boolean): void {
  enabled = on;
}

export const checksNan = (): boolean => enabled;

/** What a program's inputs and outputs are called. */
export interface Names {
  readonly input: (i: number) => string;
  readonly output: (i: number) => string;
}

/** Runs a program and throws a NanError, with no state changed, if something that it takes or gives is not finite. */
export function runChecked(
  executable: Executable,
  { graph, args: argCount, results: resultCount, states: slots }: TracedProgram,
  args: readonly Storage[],
  states: readonly (Storage | undefined)[],
  names: Names,
): RunResult {
  const inputs = graph.inputs.map((_, i) => (i < argCount ? args[i] : states[slots.findIndex((s) => s.input === i)]!));
  graph.inputs.forEach((input, i) => {
    const found = notFinite(input, numbersOf(input, inputs[i]));
    if (found) throw new NanError(`${names.input(i)} ${show(input)} ${found.text}.`);
  });
  for (const state of states) if (state) state.captured = true; // written elsewhere, so that it stays if we throw
  const after = executable.run(args, states);
  graph.outputs.forEach((output, i) => {
    const storage = i < resultCount ? after.results[i] : after.states[slots.findIndex((s) => s.output === i)]!;
    const found = notFinite(output, numbersOf(output, storage));
    if (!found) return;
    const origin = describeOrigin(
      { inputs: graph.inputs, outputs: [output] },
      inputs,
      found.isNan ? Number.isNaN : (x) => !Number.isFinite(x),
    );
    throw new NanError(`${names.output(i)} ${show(output)} ${found.text}. ${origin}`);
  });
  return after;
}

const show = ({ dtype, shape }: Aval): string => `${dtype}${showShape(shape)}`;

const numbersOf = ({ dtype }: Aval, storage: Storage): TypedArray => viewBytes(dtype, storage.bytes());

/** A NaN if there is one, else an infinity. */
function notFinite(aval: Aval, numbers: TypedArray): { isNan: boolean; text: string } | undefined {
  if (!isFloat(aval.dtype)) return undefined;
  const nan = numbers.findIndex(Number.isNaN);
  const at = nan >= 0 ? nan : numbers.findIndex((x) => !Number.isFinite(x));
  if (at < 0) return undefined;
  const isNan = nan >= 0;
  if (aval.shape.length === 0) return { isNan, text: isNan ? "is NaN" : "is infinite" };
  return { isNan, text: `has ${isNan ? "a NaN" : "an infinity"} at ${placeOf(at, aval)}` };
}

function placeOf(at: number, { shape }: Aval): string {
  const strides = rowMajor(shape);
  return `[${shape.map((size, d) => Math.floor(at / strides[d]) % size).join(", ")}]`;
}

/** Computes what led to the output again, all of it to be seen; names the first op that made what no operand of it had. */
function describeOrigin(graph: Graph, inputs: readonly Storage[], isBad: (x: number) => boolean): string {
  const nodes = topological(graph.outputs).filter(({ op }) => op !== "input");
  const values = nodes.flatMap(({ outputs }) => outputs);
  const traced = { graph: { inputs: graph.inputs, outputs: values }, args: inputs.length, results: values.length };
  const { results } = currentDevice()
    .compile({ ...traced, states: [] })
    .run(inputs, []);
  const numbers = new Map<Value, TypedArray>();
  graph.inputs.forEach((value, i) => void numbers.set(value, numbersOf(value, inputs[i])));
  values.forEach((value, i) => void numbers.set(value, numbersOf(value, results[i])));
  const firstBad = (value: Value): number => (isFloat(value.dtype) ? numbers.get(value)!.findIndex(isBad) : -1);
  for (const node of nodes) {
    const output = node.outputs.find((value) => firstBad(value) >= 0);
    if (!output || PRIMITIVES[node.op].kind === "leaf" || node.inputs.some((value) => firstBad(value) >= 0)) continue;
    return describeNode(node, output, firstBad(output), numbers);
  }
  return "It comes from a constant of the program.";
}

function describeNode(node: Node, output: Value, at: number, numbers: ReadonlyMap<Value, TypedArray>): string {
  const place = output.shape.length > 0 ? ` at ${placeOf(at, output)}` : "";
  const operands = node.inputs.map(show).join(" and ");
  const made = `The first op that makes one is ${node.op} of ${operands}${place}`;
  if (PRIMITIVES[node.op].kind !== "elementwise") return `${made}.`;
  const read = node.inputs.map((value) => numbers.get(value)![at]).join(", ");
  return `${made}: ${node.op}(${read}) = ${numbers.get(output)![at]}.`;
}
