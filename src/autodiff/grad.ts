import { InternalError } from "../core/errors.ts";
import { type Node, topological, type Value } from "../core/graph.ts";
import type { Primitive } from "../core/primitives.ts";
import { sameShape } from "../core/shape.ts";
import { add, type Cotangents, SEVERAL, VJP } from "./vjp.ts";

/**
 * Reverse-mode differentiation: the cotangents of `wrt`, given those of `outputs` (∂loss/∂output).
 *
 * One walk from the last node to the first, only over nodes between `outputs` and `wrt`; the cotangents of a value that
 * is read several times are added in the order in which the walk meets its readers, so the result does not depend on
 * anything but the graph. A value that no derivative reaches gets undefined. Under `withGrad(true)` the new nodes can be
 * differentiated again.
 */
export function backward(
  outputs: readonly Value[],
  cotangents: readonly Value[],
  wrt: readonly Value[],
): (Value | undefined)[] {
  const wanted = new Set(wrt.filter((value) => value.requiresGrad));
  const nodes = topological(outputs, (value) => !value.requiresGrad);
  // Between: nodes from whose inputs something wanted can be reached.
  const between = new Set<Node>();
  const leads = (value: Value): boolean => value.requiresGrad && (wanted.has(value) || between.has(value.node));
  for (const node of nodes) if (node.inputs.some(leads)) between.add(node);

  const found = new Map<Value, Value>();
  const accumulate = (value: Value, cotangent: Value): void => {
    if (cotangent.dtype !== value.dtype || !sameShape(cotangent.shape, value.shape)) {
      throw new InternalError(`The cotangent of ${value.node.op} has another shape or dtype than its value.`);
    }
    const sum = found.get(value);
    found.set(value, sum ? add(sum, cotangent) : cotangent);
  };

  outputs.forEach((output, i) => {
    if (leads(output)) accumulate(output, cotangents[i]);
  });
  for (const node of nodes.reverse()) {
    if (!between.has(node) || !node.outputs.some((output) => found.has(output))) continue;
    const inputCotangents = pullBack(
      node,
      node.outputs.map((output) => found.get(output)),
    );
    node.inputs.forEach((input, i) => {
      const cotangent = inputCotangents[i];
      if (cotangent && leads(input)) accumulate(input, cotangent);
    });
  }
  return wrt.map((value) => found.get(value));
}

function pullBack<P extends Primitive>(node: Node<P>, cotangents: Cotangents): Cotangents {
  const rule = VJP[node.op] as (g: Cotangents | Value | undefined, node: Node<P>) => Cotangents;
  const several: readonly Primitive[] = SEVERAL;
  return rule(several.includes(node.op) ? cotangents : cotangents[0], node);
}

/** The values at which derivatives end: they require a gradient, and nothing that led to them does. */
export function leavesOf(outputs: readonly Value[]): Value[] {
  return topological(outputs, (value) => !value.requiresGrad)
    .filter((node) => !node.inputs.some((input) => input.requiresGrad))
    .flatMap((node) => node.outputs.filter((output) => output.requiresGrad));
}
