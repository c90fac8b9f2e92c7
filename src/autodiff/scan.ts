/**
 * The derivative of a scan is a scan that walks the other way.
 *
 * Going forward, each step's incoming carries are kept as one more output. Going back, a step computes its body again
 * from what it was given, differentiates that, and hands ∂loss/∂carry to the step before it; the derivatives of the
 * constants add up in carries of their own. Being a scan, it differentiates again.
 */

import { isFloat } from "../core/dtype.ts";
import { type Graph, type Node, topological, type Value } from "../core/graph.ts";
import { type AttrsOf, aliasOf, apply, type Primitive, placeholder, withGrad } from "../core/primitives.ts";
import { backward } from "./grad.ts";
import { add, type Cotangents, zeros } from "./vjp.ts";

/** The body with each incoming carry among its outputs, as the derivative needs it; carries that are there already stay. */
export function savingCarries(body: Graph, consts: number, carries: number): Graph {
  const missing = body.inputs.slice(consts, consts + carries).filter((carry) => !body.outputs.includes(carry, carries));
  return missing.length === 0 ? body : { inputs: body.inputs, outputs: [...body.outputs, ...missing] };
}

export function scanVjp(cotangents: Cotangents, node: Node<"scan">): Cotangents {
  const { length, consts, carries, reverse } = node.attrs;
  const body = savingCarries(node.attrs.body, consts, carries);
  const saved = body === node.attrs.body ? node : apply("scan", node.inputs, { ...node.attrs, body });
  const incoming = body.inputs
    .slice(consts, consts + carries)
    .map((carry) => saved.outputs[body.outputs.indexOf(carry, carries)]);
  const xs = node.inputs.slice(consts + carries);

  // What derivatives flow to: the constants and slices that want one, and every float carry between the steps.
  const wanted = (value: Value): boolean => value.requiresGrad;
  const wantedConsts = indices(node.inputs.slice(0, consts), wanted);
  const floatCarries = indices(incoming, ({ dtype }) => isFloat(dtype));
  const wantedXs = indices(xs, wanted);
  const cotangentOf = (i: number): Value => cotangents[i] ?? zeros(node.outputs[i]);
  const carryCotangents = floatCarries.map(cotangentOf);
  const stacked = indices(node.outputs, (_, i) => i >= carries && cotangents[i] !== undefined);

  const backBody = withGrad(true, () => {
    const place = (value: Value): Value => placeholder(value);
    const inputs = node.attrs.body.inputs.map(place); // constants, the carries that came in, slices
    const carried = floatCarries.map((i) => place(body.inputs[consts + i]));
    const sums = wantedConsts.map((i) => place(inputs[i]));
    const given = stacked.map((i) => place(node.attrs.body.outputs[i]));
    const isCarry = (i: number): boolean => i >= consts && i < consts + carries;
    const variables = inputs.map((value, i) =>
      isFloat(value.dtype) && (isCarry(i) || wanted(node.inputs[i])) ? aliasOf(value, true) : value,
    );
    const outputs = substitute(node.attrs.body.outputs, new Map(body.inputs.map((value, i) => [value, variables[i]])));
    const wrt = [
      ...floatCarries.map((i) => variables[consts + i]),
      ...wantedConsts.map((i) => variables[i]),
      ...wantedXs.map((i) => variables[consts + carries + i]),
    ];
    const found = backward(
      [...floatCarries.map((i) => outputs[i]), ...stacked.map((i) => outputs[i])],
      [...carried, ...given],
      wrt,
    );
    const full = found.map((cotangent, i) => cotangent ?? zeros(wrt[i]));
    const carryOut = full.slice(0, carried.length);
    const constOut = full.slice(carried.length, carried.length + sums.length).map((part, i) => add(sums[i], part));
    return {
      // constants; carries; then, for each step, the carries that came in, the slices, and the cotangents of what it gave
      inputs: [...inputs.slice(0, consts), ...carried, ...sums, ...inputs.slice(consts), ...given],
      outputs: [...carryOut, ...constOut, ...full.slice(carried.length + sums.length)],
    };
  });

  const { outputs } = apply(
    "scan",
    [
      ...node.inputs.slice(0, consts),
      ...carryCotangents,
      ...wantedConsts.map((i) => zeros(node.inputs[i])),
      ...incoming,
      ...xs,
      ...stacked.map((i) => cotangents[i]!),
    ],
    {
      body: backBody,
      length,
      consts,
      carries: floatCarries.length + wantedConsts.length,
      reverse: !reverse,
    },
  );

  const result = new Array<Value | undefined>(node.inputs.length).fill(undefined);
  const places = [
    ...floatCarries.map((i) => consts + i),
    ...wantedConsts,
    ...wantedXs.map((i) => consts + carries + i),
  ];
  places.forEach((place, i) => {
    result[place] = outputs[i];
  });
  return result;
}

const indices = (values: readonly Value[], test: (value: Value, i: number) => boolean): number[] =>
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
