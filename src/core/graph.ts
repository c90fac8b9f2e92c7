import { type DType, isFloat } from "./dtype.ts";
import type { AttrsOf, Primitive } from "./primitives.ts";
import type { Shape } from "./shape.ts";
import type { Storage } from "./storage.ts";

/** What a value is, before anybody knows its numbers. */
export interface Aval {
  readonly shape: Shape;
  readonly dtype: DType;
}

/** One output of a node: what other nodes read. */
export interface Value extends Aval {
  readonly node: Node;
  /** which of the node's outputs */
  readonly index: number;
  /** whether a derivative flows through this value */
  readonly requiresGrad: boolean;
  /** the numbers, once computed: the graph is cut here, what led to them is not computed again */
  storage?: Storage;
}

/** An immutable application of a primitive. Ids ascend, so that sorting by id is a topological order. */
export interface Node<P extends Primitive = Primitive> {
  readonly id: number;
  readonly op: P;
  readonly inputs: readonly Value[];
  readonly attrs: AttrsOf<P>;
  readonly outputs: readonly Value[];
}

/**
 * A closed graph: what is traced, differentiated, lowered and run.
 * `inputs` are `input` nodes' values, in the order in which they are fed; `outputs` may repeat and may be inputs.
 */
export interface Graph {
  readonly inputs: readonly Value[];
  readonly outputs: readonly Value[];
}

/** The nodes that `outputs` need, inputs first. Iterative: a graph may be deeper than the stack. */
export function topological(outputs: readonly Value[], isLeaf: (value: Value) => boolean = () => false): Node[] {
  const seen = new Set<Node>();
  const stack: Node[] = [];
  const push = (value: Value) => {
    if (isLeaf(value) || seen.has(value.node)) return;
    seen.add(value.node);
    stack.push(value.node);
  };
  for (const value of outputs) push(value);
  while (stack.length > 0) for (const input of stack.pop()!.inputs) push(input);
  return [...seen].sort((a, b) => a.id - b.id);
}

let nextId = 0;

/**
 * Drops what a node was computed from, if all its outputs are known: the one change that a node ever sees.
 *
 * Without it, state would hold on to every step that it went through. It is safe because whoever computes stops at a
 * value that is known, and never looks at its node's inputs; only differentiation goes on from there. The caller
 * answers for that: no derivative is to flow through the node any more.
 */
export function cutHistory(node: Node): void {
  if (node.outputs.every(({ storage }) => storage)) (node as { inputs: readonly Value[] }).inputs = [];
}

/** Allocates the node, whose floats require a gradient if derivatives flow; only primitives.ts calls it, after inference. */
export function makeNode<P extends Primitive>(
  op: P,
  inputs: readonly Value[],
  attrs: AttrsOf<P>,
  avals: readonly Aval[],
  flows: boolean,
): Node<P> {
  const outputs: Value[] = [];
  const node: Node<P> = { id: nextId++, op, inputs, attrs, outputs };
  for (let index = 0; index < avals.length; index++) {
    const { shape, dtype } = avals[index];
    outputs.push({ node, index, shape, dtype, requiresGrad: flows && isFloat(dtype) } as Value);
  }
  return node;
}
