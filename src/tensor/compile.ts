/** `compile`: a function traced once for each kind of arguments, then run as one program. */

import { ArgumentError, TraceError } from "../core/errors.ts";
import { type Aval, type Graph, topological, type Value } from "../core/graph.ts";
import { isGradEnabled, placeholder } from "../core/primitives.ts";
import { printGraph } from "../core/print.ts";
import { Storage } from "../core/storage.ts";
import type { StateSlot, TracedProgram } from "../core/traced.ts";
import type { Executable, Inspection, RunResult } from "../runtime/device.ts";
import { flag } from "../runtime/env.ts";
import { currentDevice } from "../runtime/select.ts";
import { canonicalise, lookThrough } from "./canonical.ts";
import { checksNan, type Names, runChecked } from "./check-nan.ts";
import { evaluate, flush, knownValue } from "./evaluate.ts";
import { drain, enqueue } from "./queue.ts";
import { Slot } from "./slot.ts";
import { Tensor, wrap } from "./tensor.ts";
import { activeTrace, type Guard, isUnchanged, Trace, withTrace } from "./trace.ts";
import { describe, mapTree } from "./tree.ts";
import { Variable } from "./variable.ts";

/** A compiled function: called like the function that it was made from. */
export interface Compiled<A extends readonly unknown[], R> {
  (...args: A): R;
  /**
   * As a plain call, but off JavaScript's thread where the device can: servers and progress bars go on meanwhile.
   *
   * Steps run in the order in which they were asked for; reading or assigning state waits for them. Rejects with what a
   * plain call would throw.
   */
  async(...args: A): Promise<R>;
  /** What each stage of the compiler made of the program that ran last: graph, loops, source, memory. */
  inspect(): Inspection;
}

// A function called in more ways than this forgets the oldest; one that traces this often is told of.
const MAX_PROGRAMS = 64;
const MANY_TRACES = 16;

/**
 * The function as one program: traced on its first call, then run without any work in JavaScript.
 *
 * It does what the function does. Tensors among the arguments (also in arrays and plain objects) are inputs; state that
 * the function reads or assigns (parameters, buffers, gradients, optimizer moments, random numbers) is found by tracing;
 * numbers and strings are part of the program, so that another number traces again. Results are fresh tensors.
 * Derivatives do not flow through the call, neither out of results nor into arguments: call `backward` or `grad` inside.
 *
 * Throws a TraceError if the function reads numbers of a tensor, or is async. A call that throws has changed nothing.
 *
 * ```ts
 * const w = new Parameter(tensor([1, 2]));
 * const step = compile((x: Tensor) => {
 *   const loss = w.mul(x).sum();
 *   loss.backward();
 *   noGrad(() => w.assign(w.sub(w.grad!.mul(0.1))));
 *   w.grad = undefined;
 *   return loss;
 * });
 * step(tensor([1, 1])); // tensor(3.)
 * step(tensor([1, 1])); // tensor(2.8000)
 * ```
 */
export function compile<A extends readonly unknown[], R>(f: (...args: A) => R): Compiled<A, R> {
  const programs = new Map<string, Program[]>();
  let last: Program | undefined;
  let traces = 0;
  let calls = 0;

  /** The program for these arguments and the state as it is. */
  const prepare = (args: A, key: string): Program => {
    flush();
    const known = programs.get(key) ?? [];
    let program = known.find(isValid);
    if (!program) {
      program = traceProgram(f, args);
      programs.delete(key);
      programs.set(key, [program, ...known].slice(0, MAX_PROGRAMS));
      if (programs.size > MAX_PROGRAMS) programs.delete(programs.keys().next().value!);
      if (++traces === MANY_TRACES) warnOfTraces(f);
    } else if (flag("VERIFY") && isPowerOfTwo(++calls)) {
      verify(program, traceGraph(f, args).traced);
    }
    last = program;
    return program;
  };
  const keyOf = (args: A, tensors: Tensor[]): string => `${isGradEnabled()} ${describe(args, isArgument, tensors)}`;
  const compiled = (...args: A): R => {
    if (activeTrace()) return f(...args); // inside another compiled function, this is a part of that one
    drain();
    const tensors: Tensor[] = [];
    const program = prepare(args, keyOf(args, tensors));
    return run(program, tensors) as R;
  };
  const async = (...args: A): Promise<R> =>
    new Promise((resolve, reject) => {
      if (activeTrace()) throw new TraceError("A compiled function must not be started inside of another: call it.");
      const tensors: Tensor[] = [];
      const key = keyOf(args, tensors);
      evaluate(tensors.map((x) => x.value));
      let end: () => R;
      enqueue({
        begin: () => {
          const program = prepare(args, key);
          if (!program.executable.start || checksNan()) {
            const result = run(program, tensors) as R;
            end = () => result;
            return undefined;
          }
          const { inputs, before } = feed(program, tensors);
          const started = program.executable.start(inputs, before);
          end = () => settle(program, before, started.result()) as R;
          return started;
        },
        end: () => {
          try {
            resolve(end());
          } catch (error) {
            reject(error);
          }
        },
        fail: reject,
      });
    });
  const inspect = (): Inspection => {
    if (!last)
      throw new ArgumentError("inspect: call the compiled function once first; it is traced on its first call.");
    return last.executable.inspect();
  };
  return Object.assign(compiled, { async, inspect });
}

/** Variables are state: the function reads and assigns them itself. */
const isArgument = (x: Tensor): boolean => !(x instanceof Variable);

const isPowerOfTwo = (n: number): boolean => (n & (n - 1)) === 0;

function warnOfTraces(f: { readonly name: string }): void {
  console.warn(
    `chainrule: the compiled function ${f.name || "(anonymous)"} was traced ${MANY_TRACES} times. Shapes, plain numbers and flags that change trace again: pass numbers as tensors, or keep them in a Cell.`,
  );
}

/** Where an input of the program comes from: an argument, a slot, or a tensor that the function closes over. */
type Source = number | Slot | Storage;

/** What a trace has found, before any device sees it. */
interface Traced {
  /** the graph, a node a line, and what its inputs stand for */
  readonly text: string;
  readonly leaves: readonly Source[];
  readonly guards: readonly Guard[];
  /** every slot that was touched, and as what it was found */
  readonly touched: readonly (readonly [Slot, Aval | undefined])[];
  /** the slots that are assigned, and the shape and dtype of what they get */
  readonly written: readonly (readonly [Slot, Aval])[];
  readonly emptied: readonly Slot[];
  readonly results: readonly Aval[];
  /** the results as the function gave them, with a number for each tensor */
  readonly tree: unknown;
}

interface Program extends Traced {
  readonly program: TracedProgram;
  readonly executable: Executable;
  /** where each argument of the executable comes from */
  readonly fed: readonly (number | Storage)[];
  readonly slots: readonly Slot[];
}

function isValid({ touched, guards }: Program): boolean {
  return (
    touched.every(([slot, initial]) => isUnchanged(slot, initial)) &&
    guards.every(({ read, seen }) => Object.is(read(), seen))
  );
}

/** Stands for a result in the tree of results. */
class Result {
  readonly index: number;
  constructor(index: number) {
    this.index = index;
  }
}

/** The graph is built by the caller that wants it: what lives on must not hold the trace's. */
function traceGraph(
  f: (...args: never[]) => unknown,
  args: readonly unknown[],
): { traced: Traced; build: () => Graph } {
  // Everything made before this node is from outside.
  const begin = placeholder({ shape: [], dtype: "f32" }).node.id;
  const sources = new Map<Value, Source>();
  // In the order in which `describe` has met them; a tensor that is passed twice is two arguments.
  let next = 0;
  const placeholders = mapTree(args, (x) => {
    if (!(x instanceof Tensor && isArgument(x))) return x;
    const argument = placeholder(x);
    sources.set(argument, next++);
    return wrap(argument);
  }) as never[];
  const trace = new Trace();
  const output = withTrace(trace, () => f(...placeholders));
  if (output instanceof Promise) {
    output.catch(() => {}); // what it throws while it is traced for nothing
    throw new TraceError(
      "A compiled function must not be async: it is traced once, before there are numbers to wait for.",
    );
  }

  const results: Value[] = [];
  const tree = mapTree(output, (x) =>
    x instanceof Tensor ? new Result(results.push(withTrace(trace, () => x.value)) - 1) : x,
  );
  const written: [Slot, Aval][] = [];
  const assigned: Value[] = [];
  const emptied: Slot[] = [];
  for (const [slot, { initial, input, current, written: isWritten }] of trace.slots) {
    if (input) sources.set(input, slot);
    if (!isWritten) continue;
    if (!current) {
      if (initial) emptied.push(slot);
    } else if (lookThrough(current.value) !== input) {
      written.push([slot, avalOf(current.value)]);
      assigned.push(current.value);
    }
  }
  const outputs = [...results, ...assigned];
  evaluateOutside(outputs, begin);
  const { leaves, build } = canonicalise<Source>(outputs, (value) => sources.get(value) ?? outside(value));
  const touched = [...trace.slots].map(([slot, { initial }]) => [slot, initial] as const);
  const text = printGraph(build());
  const traced = { text, leaves, guards: trace.guards, touched, written, emptied, results: results.map(avalOf), tree };
  return { traced, build };
}

const avalOf = ({ shape, dtype }: Value): Aval => ({ shape, dtype });

/** A tensor that the function closes over: its numbers of now, for as long as the program lives. */
function outside(value: Value): Storage | undefined {
  if (value.storage) {
    value.storage.captured = true;
    return value.storage;
  }
  if (value.node.op === "input") {
    throw new TraceError(
      "A tensor from inside another trace was used in this one: it stands for no numbers. Pass it as an argument or return it first.",
    );
  }
  return undefined;
}

/** What was begun before the trace is computed once, not in every call. */
function evaluateOutside(outputs: readonly Value[], begin: number): void {
  const isOutside = (value: Value) => value.node.id < begin;
  const found = new Set<Value>();
  const visit = (value: Value) => {
    if (isOutside(value) && !value.storage && value.node.op !== "constant" && value.node.op !== "iota")
      found.add(value);
  };
  for (const output of outputs) visit(output);
  for (const node of topological(outputs, isOutside)) for (const input of node.inputs) visit(input);
  if (found.size > 0) evaluate([...found]);
}

function traceProgram(f: (...args: never[]) => unknown, args: readonly unknown[]): Program {
  const { traced, build } = traceGraph(f, args);
  const { leaves, written, results } = traced;
  const { inputs, outputs } = build();
  // Arguments first, then the states that are read.
  const order = leaves.map((source, i) => ({ source, input: inputs[i] }));
  const fed = order.filter(({ source }) => !(source instanceof Slot));
  const read = order.filter(({ source }) => source instanceof Slot);
  const slots = [...new Set([...read.map(({ source }) => source as Slot), ...written.map(([slot]) => slot)])];
  const position = (index: number, offset: number) => (index < 0 ? undefined : offset + index);
  const states: StateSlot[] = slots.map((slot) => ({
    input: position(
      read.findIndex(({ source }) => source === slot),
      fed.length,
    ),
    output: position(
      written.findIndex(([target]) => target === slot),
      results.length,
    ),
  }));
  const program = {
    graph: { inputs: [...fed, ...read].map(({ input }) => input), outputs },
    args: fed.length,
    results: results.length,
    states,
  };
  return {
    ...traced,
    program,
    executable: currentDevice().compile(program),
    fed: fed.map(({ source }) => source as number | Storage),
    slots,
  };
}

function run(program: Program, tensors: readonly Tensor[]): unknown {
  const { inputs, before } = feed(program, tensors);
  const after = checksNan()
    ? runChecked(program.executable, program.program, inputs, before, namesOf(program))
    : program.executable.run(inputs, before);
  return settle(program, before, after);
}

interface Feed {
  readonly inputs: readonly Storage[];
  readonly before: readonly (Storage | undefined)[];
}

function feed({ fed, slots }: Program, tensors: readonly Tensor[]): Feed {
  evaluate(tensors.map((x) => x.value));
  return {
    inputs: fed.map((source) => (typeof source === "number" ? tensors[source].value.storage! : source)),
    before: slots.map((slot) => slot.storage()),
  };
}

/** Nothing has thrown: now, and only now, state changes. */
function settle(
  { slots, written, emptied, results, tree }: Program,
  before: readonly (Storage | undefined)[],
  after: RunResult,
): unknown {
  slots.forEach((slot, i) => {
    const storage = after.states[i];
    if (storage !== before[i]) slot.accept(written.find(([target]) => target === slot)![1], storage!);
  });
  for (const slot of emptied) slot.set(undefined);
  const outputs = results.map((aval, i) => wrap(knownValue(aval, after.results[i])));
  return mapTree(tree, (x) => (x instanceof Result ? outputs[x.index] : x));
}

function namesOf({ fed, results }: Program): Names {
  return {
    input: (i) => {
      const source = fed[i];
      if (source === undefined) return "State";
      return typeof source === "number" ? `Argument ${source}` : "A tensor around the compiled function,";
    },
    output: (i) => (i < results.length ? `Result ${i}` : "New state"),
  };
}

/** A second trace must find what the first one found: otherwise something changed that nobody told `compile` of. */
function verify({ text, leaves, written }: Program, again: Traced): void {
  const before = text.split("\n");
  const now = again.text.split("\n");
  const line = before.findIndex((text, i) => text !== now[i]);
  if (line >= 0 || before.length !== now.length) {
    const [was, is] = [before[line] ?? "nothing", now[line] ?? "nothing"];
    throw new TraceError(
      `VERIFY: the compiled function is not the same any more: "${was.trim()}" has become "${is.trim()}". A number or flag that it closes over has changed: pass it as an argument, keep it in a Cell, or read it through observe().`,
    );
  }
  if (
    again.leaves.some((leaf, i) => !isSame(leaf, leaves[i])) ||
    again.written.some(([slot], i) => slot !== written[i][0])
  ) {
    throw new TraceError(
      "VERIFY: the compiled function reads or assigns other tensors than when it was traced: pass tensors that change as arguments.",
    );
  }
}

/** A tensor of numbers that the function makes is another one in every trace. */
function isSame(a: Source, b: Source): boolean {
  if (!(a instanceof Storage && b instanceof Storage)) return a === b;
  const [x, y] = [a.bytes(), b.bytes()];
  return x === y || (x.length === y.length && x.every((byte, i) => byte === y[i]));
}
