import { ChainruleError, InternalError } from "./errors.ts";
import type { Aval, Graph, Node } from "./graph.ts";
import { topological } from "./graph.ts";
import { PRIMITIVES, type Primitive } from "./primitives.ts";
import { sameShape, showShape } from "./shape.ts";

/**
 * Checks what every pass may rely on: a graph (and each scan's body) is closed over its inputs, nodes come after what
 * they read, and each output is what the table of primitives infers. Throws an InternalError: user errors are caught
 * when nodes are made.
 */
export function verifyGraph(graph: Graph): void {
  const inputs = new Set(graph.inputs);
  if (inputs.size !== graph.inputs.length) throw new InternalError("A graph has the same input twice.");
  for (const { node } of graph.inputs) {
    if (node.op !== "input") throw new InternalError(`${show(node)} is an input of a graph, but not an input node.`);
  }
  for (const node of topological(graph.outputs)) {
    if (node.op === "input" && !inputs.has(node.outputs[0])) {
      throw new InternalError(`${show(node)} is read by a graph that does not take it: a graph is closed.`);
    }
    verifyNode(node);
  }
}

function verifyNode<P extends Primitive>(node: Node<P>): void {
  for (const { node: producer, index } of node.inputs) {
    if (producer.id >= node.id) throw new InternalError(`${show(node)} reads ${show(producer)}, which comes after it.`);
    if (index >= producer.outputs.length) {
      throw new InternalError(`${show(node)} reads output ${index} of ${show(producer)}, which has fewer.`);
    }
  }
  const { arity } = PRIMITIVES[node.op];
  if (arity !== undefined && node.inputs.length !== arity) {
    throw new InternalError(`${show(node)} has ${node.inputs.length} inputs instead of ${arity}.`);
  }
  const avals = infer(node);
  if (avals.length !== node.outputs.length) {
    throw new InternalError(`${show(node)} has ${node.outputs.length} outputs instead of ${avals.length}.`);
  }
  avals.forEach(({ shape, dtype }, i) => {
    const value = node.outputs[i];
    if (value.node !== node || value.index !== i)
      throw new InternalError(`${show(node)} does not own its output ${i}.`);
    if (value.dtype !== dtype || !sameShape(value.shape, shape)) {
      throw new InternalError(
        `${show(node)} gives ${value.dtype}${showShape(value.shape)}, but ${dtype}${showShape(shape)} is inferred.`,
      );
    }
  });
  if (node.op === "scan") verifyGraph((node as Node as Node<"scan">).attrs.body);
}

function infer<P extends Primitive>(node: Node<P>): readonly Aval[] {
  const rule: (typeof PRIMITIVES)[P] = PRIMITIVES[node.op];
  try {
    return rule.infer(node.inputs, node.attrs);
  } catch (error) {
    if (error instanceof ChainruleError) throw new InternalError(`${show(node)} is ill-formed: ${error.message}`);
    throw error;
  }
}

const show = (node: Node): string => `Node ${node.id} (${node.op})`;
