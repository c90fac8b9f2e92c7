/**
 * Graphs made comparable: leaves numbered in order of first use, equal nodes merged, aliases looked through.
 *
 * Two graphs that compute the same from their leaves have the same key, so that one program serves both.
 */

import { isFloat } from "../core/dtype.ts";
import { InternalError } from "../core/errors.ts";
import type { Graph, Node, Value } from "../core/graph.ts";
import { apply, placeholder, withGrad } from "../core/primitives.ts";

/** A leaf's identity (a storage, a placeholder), or undefined for a value that is to be computed. */
export type LeafOf<L> = (value: Value) => L | undefined;

export interface Canonical<L> {
  /** the structure, in full: nothing else decides what is computed from the leaves */
  readonly key: string;
  /** what each of the graph's inputs stands for, in order of first use */
  readonly leaves: readonly L[];
  /** the graph itself, made of fresh nodes */
  build(): Graph;
}

/** Identities change nothing about the numbers: what they read is what they are. */
export function lookThrough(value: Value): Value {
  while (!value.storage && (value.node.op === "alias" || value.node.op === "custom")) value = value.node.inputs[0];
  return value;
}

/** One line of a canonical graph: a node, or a leaf. */
interface Line {
  readonly node: Node;
  /** the value that is a leaf; undefined for a node */
  readonly leaf: Value | undefined;
  /** the outputs of earlier lines that the node reads */
  readonly inputs: readonly Reference[];
}

/** An output of a line, as one number: line · OUTPUTS + index. (This is every uncompiled operation's path: it is kept lean.) */
type Reference = number;
const OUTPUTS = 4096;

/** The canonical form of the graph that computes `outputs`. `hoist` may turn a constant into a leaf. */
export function canonicalise<L>(
  outputs: readonly Value[],
  leafOf: LeafOf<L>,
  hoist?: (value: number, constant: Value) => L,
): Canonical<L> {
  const roots = outputs.map(lookThrough);
  const lines: Line[] = [];
  const leaves: L[] = [];
  const lineOfText = new Map<string, number>();
  const lineOfNode = new Map<Node, number>();
  const lineOfLeaf = new Map<L, number>();
  let key = "";

  const addLine = (text: string, node: Node, leaf: Value | undefined, inputs: readonly Reference[]): number => {
    key += `${text}\n`;
    return lines.push({ node, leaf, inputs }) - 1;
  };
  const addLeaf = (value: Value, leaf: L): number => {
    let line = lineOfLeaf.get(leaf);
    if (line === undefined) {
      line = addLine(`input ${value.dtype}[${value.shape.join()}]`, value.node, value, []);
      lineOfLeaf.set(leaf, line);
      leaves.push(leaf);
    }
    return line;
  };
  const reference = (value: Value): Reference => {
    const seen = lookThrough(value);
    const leaf = leafOf(seen);
    if (leaf !== undefined) return addLeaf(seen, leaf) * OUTPUTS;
    return lineOfNode.get(seen.node)! * OUTPUTS + seen.index;
  };

  for (const node of needed(roots, leafOf)) {
    if (hoist && node.op === "constant") {
      const { value, dtype } = (node as Node<"constant">).attrs;
      if (isFloat(dtype) && value !== 0 && Math.abs(value) !== 1) {
        lineOfNode.set(node, addLeaf(node.outputs[0], hoist(value, node.outputs[0])));
        continue;
      }
    }
    const inputs = node.inputs.map(reference);
    const text = `${node.op}${showAttrs(node.attrs)} ${inputs.join()}`;
    let line = lineOfText.get(text);
    if (line === undefined) {
      line = addLine(text, node, undefined, inputs);
      lineOfText.set(text, line);
    }
    lineOfNode.set(node, line);
  }
  const results = roots.map(reference);
  return {
    key: `${key}=> ${results.join()}`,
    leaves,
    build: () => withGrad(false, () => rebuild(lines, results)),
  };
}

/** The nodes to compute, inputs first; not recursive, since a graph may be deeper than the stack. */
function needed<L>(roots: readonly Value[], leafOf: LeafOf<L>): Node[] {
  const seen = new Set<Node>();
  const found: Node[] = [];
  const visit = (value: Value) => {
    if (seen.has(value.node) || leafOf(value) !== undefined) return;
    if (value.node.op === "input") throw new InternalError("An input has no storage and is no leaf.");
    seen.add(value.node);
    found.push(value.node);
  };
  for (const root of roots) visit(root);
  for (let i = 0; i < found.length; i++) for (const input of found[i].inputs) visit(lookThrough(input));
  return found.sort((a, b) => a.id - b.id);
}

function rebuild(lines: readonly Line[], results: readonly Reference[]): Graph {
  const inputs: Value[] = [];
  const built: (readonly Value[])[] = [];
  const at = (reference: Reference): Value => built[Math.floor(reference / OUTPUTS)][reference % OUTPUTS];
  for (const { node, leaf, inputs: references } of lines) {
    if (leaf) {
      const input = placeholder(leaf);
      inputs.push(input);
      built.push([input]);
    } else {
      built.push(apply(node.op, references.map(at), node.attrs).outputs);
    }
  }
  return { inputs, outputs: results.map(at) };
}

/** Attributes in full. A scan's body is a graph, compared by its own canonical form. */
function showAttrs(attrs: object): string {
  let text = "";
  for (const name in attrs) text += ` ${show((attrs as Record<string, unknown>)[name])}`;
  return text;
}

function show(value: unknown): string {
  if (typeof value === "number") return Object.is(value, -0) ? "-0" : `${value}`;
  if (Array.isArray(value)) return `[${typeof value[0] === "object" ? value.map(show).join() : value.join()}]`;
  if (typeof value === "object" && value !== null) return showBody(value as Graph);
  return `${value}`;
}

function showBody(body: Graph): string {
  const position = new Map(body.inputs.map((value, i) => [value.node, i]));
  const { key, leaves } = canonicalise(body.outputs, (value) => position.get(value.node));
  return `{${body.inputs.map(({ dtype, shape }) => `${dtype}[${shape}]`).join()}; ${leaves}; ${key}}`;
}
