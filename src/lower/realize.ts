/**
 * Which values of a graph get a buffer, and which are recomputed where they are read.
 *
 * Reductions, contractions, scatters, sorts and scans are always computed once. An elementwise value is computed where
 * it is read, unless several read it and it costs more than reading it back, or a broadcast would repeat it.
 */

import type { Graph, Node, Value } from "../core/graph.ts";
import { topological } from "../core/graph.ts";
import { PRIMITIVES } from "../core/primitives.ts";
import { numel } from "../core/shape.ts";
import { splat } from "./simplify.ts";
import { isTiling } from "./views.ts";

// Reading a value back costs a load; so much may be repeated instead.
const CHEAP = 4;
// Longer expressions are cut, so that neither registers nor our own recursion run out.
const LONGEST = 160;
const DEEPEST = 64;

/** Rough cost of one element on a core that adds in 1. */
const COST: { readonly [op: string]: number } = {
  div: 4,
  mod: 20,
  pow: 40,
  sqrt: 4,
  exp: 14,
  expm1: 18,
  log: 16,
  log1p: 18,
  tanh: 16,
  sigmoid: 16,
  erf: 20,
  sin: 20,
  cos: 20,
  threefry: 100,
  cast: 0,
  bitcast: 0,
};

const opCost = (op: string): number => COST[op] ?? 1;

/** Whether a node is computed where it is read, unless something speaks against it. */
function isInlinable(node: Node): boolean {
  const { kind } = PRIMITIVES[node.op];
  if (kind === "elementwise" || node.op === "constant" || node.op === "iota") return true;
  if (node.op === "fold") return isTiling((node as Node<"fold">).attrs);
  return isMovement(node);
}

const isMovement = (node: Node): boolean => PRIMITIVES[node.op].kind === "movement" && node.op !== "concat";

/** Whether a view shows an element several times. */
function repeats(node: Node): boolean {
  if (node.op === "expand") return numel(node.outputs[0].shape) > numel(node.inputs[0].shape);
  return node.op === "windows" && !isTiling((node as Node<"windows">).attrs);
}

/** The values that get buffers; `mustAddress` names operands that a node must find in memory. */
export function chooseRealized(
  graph: Graph,
  fuse: boolean,
  mustAddress: (node: Node, realized: ReadonlySet<Value>) => readonly Value[],
): Set<Value> {
  const realized = new Set<Value>(graph.inputs);
  const nodes = topological(graph.outputs);
  const uses = countUses(graph, nodes);
  const cost = new Map<Value, number>();
  const depth = new Map<Value, number>();
  const realize = (value: Value) => {
    realized.add(value);
    cost.set(value, 1);
    depth.set(value, 0);
  };
  /** The computed value under a chain of views gets the buffer: the views stay free. */
  const realizeBase = (value: Value) => {
    let base = value;
    while (!realized.has(base) && ["reshape", "permute", "expand", "flip", "slice"].includes(base.node.op))
      base = base.node.inputs[0];
    if (!realized.has(base) && splat(base) === undefined && base.node.op !== "iota") realize(base);
  };
  for (const node of nodes) {
    if (node.op === "input") {
      for (const value of node.outputs) realize(value);
      continue;
    }
    const [out] = node.outputs;
    if (repeats(node) && (cost.get(node.inputs[0]) ?? 0) > 2) {
      realizeBase(node.inputs[0]);
      cost.set(node.inputs[0], 1);
    }
    for (const value of mustAddress(node, realized)) realize(value);
    if (!isInlinable(node)) {
      for (const value of node.outputs) realize(value);
      continue;
    }
    let total = opCost(node.op);
    let deep = 0;
    for (const input of new Set(node.inputs)) {
      total += cost.get(input) ?? 0;
      deep = Math.max(deep, depth.get(input) ?? 0);
    }
    if (isMovement(node)) total -= 1;
    if (splat(out) !== undefined || node.op === "iota") total = 0;
    cost.set(out, total);
    depth.set(out, deep + 1);
    const free = node.op === "constant" || node.op === "iota" || splat(out) !== undefined;
    const shared = (uses.get(out) ?? 0) > 1 && total > CHEAP && !isMovement(node);
    if (!free && (!fuse || shared || total > LONGEST || deep >= DEEPEST)) realize(out);
  }
  for (const value of graph.outputs) realized.add(value);
  return realized;
}

/** How many nodes read each value, views counted as what they lead to. */
function countUses(graph: Graph, nodes: readonly Node[]): Map<Value, number> {
  const uses = new Map<Value, number>();
  const count = (value: Value, by: number) => uses.set(value, (uses.get(value) ?? 0) + by);
  for (const value of graph.outputs) count(value, 1);
  for (let i = nodes.length - 1; i >= 0; i--) {
    const node = nodes[i];
    const by = isMovement(node) ? (uses.get(node.outputs[0]) ?? 0) : 1;
    for (const input of new Set(node.inputs)) count(input, by);
  }
  return uses;
}
