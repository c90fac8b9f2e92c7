/**
 * Evaluation outside of `compile`: the graph behind the wanted values runs as one program, found by its structure.
 *
 * State that was assigned and losses that were differentiated wait as `pending` and join the next evaluation, so
 * that a training step without `compile` is one program too, and no intermediate is computed twice.
 */

import { allocate } from "../core/dtype.ts";
import { TraceError } from "../core/errors.ts";
import { type Aval, cutHistory, type Value } from "../core/graph.ts";
import { placeholder } from "../core/primitives.ts";
import { Storage } from "../core/storage.ts";
import type { TracedProgram } from "../core/traced.ts";
import type { Executable } from "../runtime/device.ts";
import { currentDevice } from "../runtime/select.ts";
import { canonicalise, hashOf, lookThrough } from "./canonical.ts";
import { checksNan, type Names, runChecked } from "./check-nan.ts";

/** Something that the next evaluation computes too. */
export interface Pending {
  pendingValue(): Value;
  /** it was computed */
  settle(): void;
  /** it could not be computed: as if it had not been asked for */
  revert(): void;
}

const pending = new Set<Pending>();

export function postpone(item: Pending): void {
  pending.add(item);
}

export function withdraw(item: Pending): void {
  pending.delete(item);
}

export const isPending = (item: Pending): boolean => pending.has(item);

/** Computes all that is pending. If that fails, nothing of it has happened. */
export function flush(): void {
  const items = [...pending];
  pending.clear();
  try {
    compute(items.map((item) => item.pendingValue()));
  } catch (error) {
    for (const item of items) item.revert();
    throw error;
  }
  for (const item of items) item.settle();
}

/** Computes values, and with them all that is pending. */
export function evaluate(values: readonly Value[]): void {
  if (values.every(isComputed)) return;
  const items = [...pending];
  try {
    compute([...values, ...items.map((item) => item.pendingValue())]);
    pending.clear();
    for (const item of items) item.settle();
  } catch (error) {
    if (items.length === 0) throw error;
    // Whose fault was it? What was asked for must not undo what was assigned before.
    flush();
    compute(values);
  }
}

function isComputed(value: Value): boolean {
  const { storage } = lookThrough(value);
  if (storage) know(value, storage);
  return storage !== undefined;
}

function know(value: Value, storage: Storage): void {
  value.storage = storage;
  // (A scan may have outputs with a derivative beside outputs without.)
  if (!value.node.outputs.some(({ requiresGrad }) => requiresGrad)) cutHistory(value.node);
}

const NAMES: Names = { input: () => "An operand", output: () => "A result" };

interface Program {
  readonly key: Int32Array;
  readonly executable: Executable;
}

/** By the hash of the key, or the next free number; the last used at the end. */
const programs = new Map<number, Program>();
const LIMIT = 512;

function findProgram(key: readonly number[], trace: () => TracedProgram): Executable {
  let hash = hashOf(key);
  let program = programs.get(hash);
  while (program && !sameKey(program.key, key)) program = programs.get(++hash);
  if (program) {
    programs.delete(hash);
  } else {
    program = { key: Int32Array.from(key), executable: currentDevice().compile(trace(), true) };
    if (programs.size >= LIMIT) programs.delete(programs.keys().next().value!);
  }
  programs.set(hash, program);
  return program.executable;
}

function sameKey(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

function compute(values: readonly Value[]): void {
  const wanted = values.filter((value) => !isComputed(value));
  if (wanted.length === 0) return;
  // (A constant may be infinite: only as an input would it be blamed.)
  const { key, leaves, build } = canonicalise(wanted, storageOf, checksNan() ? undefined : hoisted);
  const trace = (): TracedProgram => ({ graph: build(), args: leaves.length, results: wanted.length, states: [] });
  const program = findProgram(key, trace);
  const { results } = checksNan() ? runChecked(program, trace(), leaves, [], NAMES) : program.run(leaves, []);
  wanted.forEach((value, i) => {
    know(value, results[i]);
  });
}

function storageOf(value: Value): Storage | undefined {
  if (value.storage) return value.storage;
  if (value.node.op === "input") {
    throw new TraceError(
      "A tensor from inside a compiled function was used after its trace: it stands for no numbers. Return it from the function instead.",
    );
  }
  return undefined;
}

/** Numbers are arguments: a loop over a changing number must not compile a program for each. */
function hoisted(value: number, constant: Value): Storage {
  const array = allocate(constant.dtype, 1);
  array[0] = value;
  return Storage.of(array);
}

/** A value that is known: nothing led to it. */
export function knownValue(like: Aval, storage: Storage): Value {
  const value = placeholder(like);
  value.storage = storage;
  return value;
}
