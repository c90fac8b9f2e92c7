/**
 * The derivative of a scan is a scan that walks the other way.
 *
 * Going forward, each step's incoming carries and what its contractions gave are kept as more outputs. Going back, a step
 * computes the rest of its body again, differentiates that, and hands ∂loss/∂carry to the step before it. What constants
 * (and slices) get from products is left to one contraction over all steps when the loop is over; other derivatives of the
 * constants add up in carries of their own. Being a scan, it differentiates again.
 */

import { isFloat } from "../core/dtype.ts";
import { type Graph, type Node, topological, type Value } from "../core/graph.ts";
import { type AttrsOf, aliasOf, apply, type Primitive, placeholder, withGrad } from "../core/primitives.ts";
import { sameShape } from "../core/shape.ts";
import { backward } from "./grad.ts";
import { type After, dependents, productAfter, type Step, splitSum } from "./stacked.ts";
import { add, type Cotangents, zeros } from "./vjp.ts";

/** The body with some of its values among its ys: those that are there already stay. */
export function saving({ inputs, outputs }: Graph, carries: number, values: readonly Value[]): Graph {
  return { inputs, outputs: [...outputs, ...values.filter((value) => !outputs.includes(value, carries))] };
}

export function scanVjp(cotangents: Cotangents, node: Node<"scan">): Cotangents {
  const { length, consts, carries, reverse } = node.attrs;
  const { inputs, carried, parts, slices, wanted } = stepBack(cotangents, node);
  const steps = parts.consts.concat(parts.xs).filter((part) => part !== undefined);

  // What is left for after the loop, and the values that it needs stacked.
  const stacked = new Set<Value>();
  const step: Step = {
    length,
    varies: dependents(steps.concat(parts.carries), [...slices.keys(), ...carried]),
    want: (value) => void (slices.has(value) || stacked.add(value)),
    has: (value) => slices.has(value) || stacked.has(value),
  };
  const around = (constant: Value): Value | undefined => node.inputs.slice(0, consts)[inputs.indexOf(constant)];
  const products = parts.xs.map((part) => part && productAfter(part, step, around));
  const split = () => withGrad(true, () => parts.consts.map((part) => part && splitSum(part, step)));
  split(); // products ask for what they need, so that
  const sums = split(); // sums can join in

  // The rest: sums in carries of their own, and the slices' derivatives step by step.
  const inLoop = sums.flatMap((sum, k) => (sum?.inLoop ? [{ k, part: sum.inLoop }] : []));
  const totals = inLoop.map(({ k }) => placeholder(node.inputs[wanted.consts[k]]));
  const perStep = parts.xs.flatMap((part, k) => (part && !products[k] ? [{ k, part }] : []));
  const outputs = [
    ...parts.carries,
    ...withGrad(true, () => inLoop.map(({ part }, i) => add(totals[i], part))),
    ...perStep.map(({ part }) => part),
    ...stacked,
  ];
  const read = new Set(topological(outputs).flatMap((inner) => inner.outputs));
  const walked = [...slices].filter(([value]) => read.has(value));
  const { outputs: results } = apply(
    "scan",
    [
      ...node.inputs.slice(0, consts),
      ...wanted.carries.map((i) => cotangents[i] ?? zeros(node.outputs[i])),
      ...inLoop.map(({ k }) => zeros(node.inputs[wanted.consts[k]])),
      ...walked.map(([, all]) => all),
    ],
    {
      body: {
        inputs: [...inputs.slice(0, consts), ...carried, ...totals, ...walked.map(([value]) => value)],
        outputs,
      },
      length,
      consts,
      carries: carried.length + totals.length,
      reverse: !reverse,
    },
  );

  let next = 0;
  const take = <T>(list: Iterable<T>): Map<T, Value> => new Map([...list].map((key) => [key, results[next++]]));
  const fromCarries = take(wanted.carries);
  const fromSums = take(inLoop.map(({ k }) => k));
  const fromSteps = take(perStep.map(({ k }) => k));
  const fromStacks = take(stacked);
  const finish = (after: After | undefined): Value | undefined =>
    after?.((value) => slices.get(value) ?? fromStacks.get(value)!);
  const result = new Array<Value | undefined>(node.inputs.length).fill(undefined);
  for (const [i, g] of fromCarries) result[consts + i] = g;
  wanted.consts.forEach((i, k) => {
    const [rest, after] = [fromSums.get(k), finish(sums[k]?.after)];
    result[i] = rest && after ? add(rest, after) : (rest ?? after);
  });
  wanted.xs.forEach((i, k) => {
    result[consts + carries + i] = fromSteps.get(k) ?? finish(products[k]);
  });
  return result;
}

/** The derivative of one step. */
interface StepBack {
  /** the body's inputs anew: constants, the carries that came in, slices */
  readonly inputs: readonly Value[];
  /** ∂loss/∂carry that the step after gave */
  readonly carried: readonly Value[];
  /** what the step reads of the way forward and of the cotangents, and where that is for all steps */
  readonly slices: ReadonlyMap<Value, Value>;
  /** which constants and slices want a derivative, and which carries have one */
  readonly wanted: {
    readonly consts: readonly number[];
    readonly carries: readonly number[];
    readonly xs: readonly number[];
  };
  /** the step's part of each */
  readonly parts: {
    readonly consts: readonly (Value | undefined)[];
    readonly carries: readonly Value[];
    readonly xs: readonly (Value | undefined)[];
  };
}

function stepBack(cotangents: Cotangents, node: Node<"scan">): StepBack {
  const { body, consts, carries } = node.attrs;
  const own = body.inputs.slice(consts, consts + carries);
  const wanted = {
    consts: indices(node.inputs.slice(0, consts), (value) => value.requiresGrad),
    carries: indices(own, ({ dtype }) => isFloat(dtype)),
    xs: indices(node.inputs.slice(consts + carries), (value) => value.requiresGrad),
  };
  const places = [
    ...wanted.carries.map((i) => consts + i),
    ...wanted.consts,
    ...wanted.xs.map((i) => consts + carries + i),
  ];
  const stacked = indices(node.outputs, (_, i) => i >= carries && cotangents[i] !== undefined);
  const inputs = body.inputs.map((value) => placeholder(value));
  const carried = wanted.carries.map((i) => placeholder(own[i]));
  const given = stacked.map((i) => placeholder(body.outputs[i]));
  const { parts, kept, residuals } = withGrad(true, () => {
    const variables = inputs.map((value, i) => (places.includes(i) ? aliasOf(value, true) : value));
    const again = new Map(body.inputs.map((value, i) => [value, variables[i]]));
    const outputs = substitute(body.outputs, again);
    const found = backward(
      [...wanted.carries, ...stacked].map((i) => outputs[i]),
      [...carried, ...given],
      places.map((i) => variables[i]),
    ).map((part, k) => part ?? (k < carried.length ? zeros(carried[k]) : undefined));

    // What contractions gave is not computed again.
    const kept = contractionsIn(body, again, found);
    const residuals = kept.map((value) => placeholder(value));
    const known = new Map(
      kept.map((value, i) => {
        const copy = again.get(value)!;
        return [copy, aliasOf(residuals[i], copy.requiresGrad)];
      }),
    );
    const present = found.filter((part) => part !== undefined);
    const replaced = substitute(present, known);
    return { parts: found.map((part) => part && replaced[present.indexOf(part)]), kept, residuals };
  });

  const saved = saving(body, carries, [...own, ...kept]);
  const forward =
    saved.outputs.length === body.outputs.length ? node : apply("scan", node.inputs, { ...node.attrs, body: saved });
  const ys = (value: Value): Value => forward.outputs[saved.outputs.indexOf(value, carries)];
  const slices = new Map<Value, Value>([
    ...own.map((value, i) => [inputs[consts + i], ys(value)] as const),
    ...inputs.slice(consts + carries).map((value, i) => [value, node.inputs[consts + carries + i]] as const),
    ...stacked.map((i, k) => [given[k], cotangents[i]!] as const),
    ...kept.map((value, i) => [residuals[i], ys(value)] as const),
  ]);
  const firstX = carried.length + wanted.consts.length;
  return {
    inputs,
    carried,
    slices,
    wanted,
    parts: {
      carries: parts.slice(0, carried.length).map((part) => part!),
      consts: parts.slice(carried.length, firstX),
      xs: parts.slice(firstX),
    },
  };
}

/**
 * Values of a body that stand for its contractions in its derivative: what was computed again from them, `known`, no longer
 * needs to be. Contractions that are only added up are kept as their sum.
 */
function contractionsIn(
  body: Graph,
  known: ReadonlyMap<Value, Value>,
  derivative: readonly (Value | undefined)[],
): Value[] {
  const again = new Map([...known].map(([value, copy]) => [copy, value]));
  const roots = derivative.filter((value) => value !== undefined);
  const kept = new Map<Value, Value>(); // by its copy
  const readers = (of: Value): Node[] | undefined => {
    const nodes = topological(roots, (value) => kept.has(value));
    const found = nodes.filter(({ inputs }) => inputs.includes(of));
    return roots.includes(of) ? undefined : found;
  };
  for (const node of topological(body.outputs).reverse()) {
    if (node.op !== "dot" && node.op !== "conv") continue;
    let copy = known.get(node.outputs[0]);
    if (copy === undefined) continue;
    let next = readers(copy);
    if (next?.length === 0) continue;
    while (next?.length === 1 && next[0].op === "add" && again.has(next[0].outputs[0])) {
      if (!sameShape(next[0].outputs[0].shape, copy.shape)) break;
      copy = next[0].outputs[0];
      next = readers(copy);
    }
    kept.set(copy, again.get(copy)!);
  }
  return [...kept.values()];
}

const indices = <T>(values: readonly T[], test: (value: T, i: number) => boolean): number[] =>
  values.flatMap((value, i) => (test(value, i) ? [i] : []));

/** The values with others put in place of those in `known`: what depends on them is built anew, the rest is shared. */
export function substitute(values: readonly Value[], known: Map<Value, Value>): Value[] {
  const now = (value: Value): Value => known.get(value) ?? value;
  for (const node of topological(values, (value) => known.has(value))) {
    if (!node.inputs.some((value) => known.has(value))) continue;
    const copy = rebuild(node, node.inputs.map(now), known);
    node.outputs.forEach((value, i) => {
      known.set(value, copy.outputs[i]);
    });
  }
  return values.map(now);
}

function rebuild<P extends Primitive>(node: Node<P>, inputs: readonly Value[], known: Map<Value, Value>): Node<P> {
  const [output] = node.outputs;
  if (node.op === "alias" && !output.requiresGrad) return aliasOf(inputs[0], false).node as Node<P>;
  // Where derivatives were stopped (noGrad in the body), they stay stopped.
  const stopped = isFloat(output.dtype) && !output.requiresGrad && node.inputs.some((value) => value.requiresGrad);
  return withGrad(!stopped, () => apply(node.op, inputs, node.op === "custom" ? customAttrs(node, known) : node.attrs));
}

/** A custom derivative is a closure over values of the graph that it was written in: they are replaced in its result. */
function customAttrs<P extends Primitive>(node: Node<P>, known: Map<Value, Value>): AttrsOf<P> {
  const attrs = node.attrs as AttrsOf<"custom">;
  const vjp = (cotangents: Cotangents): Cotangents => {
    const results = attrs.vjp(cotangents);
    const replaced = substitute(
      results.filter((value) => value !== undefined),
      new Map(known),
    );
    return results.map((value) => value && replaced.shift());
  };
  return { ...attrs, vjp } as AttrsOf<P>;
}
