/**
 * Graphs made comparable: leaves numbered in order of first use, equal nodes merged, aliases looked through.
 *
 * Two graphs that compute the same from their leaves have the same key, so that one program serves both.
 */

import { isFloat } from "../core/dtype.ts";
import { InternalError } from "../core/errors.ts";
import type { Graph, Node, Value } from "../core/graph.ts";
import { apply, apply1, withGrad } from "../core/primitives.ts";

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
  readonly inputs: readonly Reference[];
}

interface Reference {
  readonly line: number;
  readonly index: number;
}

/** The canonical form of the graph that computes `outputs`. `newLeaf` may turn a constant into a leaf. */
export function canonicalise<L>(
  outputs: readonly Value[],
  leafOf: LeafOf<L>,
  hoist?: (value: number, constant: Value) => L,
): Canonical<L> {
  const roots = outputs.map(lookThrough);
  const lines: Line[] = [];
  const texts: string[] = [];
  const leaves: L[] = [];
  const lineOfText = new Map<string, number>();
  const lineOfNode = new Map<Node, number>();
  const lineOfLeaf = new Map<L, number>();

  const addLeaf = (value: Value, leaf: L): number => {
    let line = lineOfLeaf.get(leaf);
    if (line === undefined) {
      line = lines.length;
      lineOfLeaf.set(leaf, line);
      leaves.push(leaf);
      lines.push({ node: value.node, leaf: value, inputs: [] });
      texts.push(`input ${value.dtype}[${value.shape}]`);
    }
    return line;
  };
  const reference = (value: Value): Reference => {
    const leaf = leafOf(value);
    if (leaf !== undefined) return { line: addLeaf(value, leaf), index: 0 };
    const line = lineOfNode.get(value.node)!;
    // A node that became a leaf (a hoisted constant) has one output.
    return { line, index: value.index };
  };

  for (const node of needed(roots, leafOf)) {
    if (hoist && node.op === "constant") {
      const { value, dtype } = (node as Node<"constant">).attrs;
      if (isFloat(dtype) && value !== 0 && Math.abs(value) !== 1) {
        lineOfNode.set(node, addLeaf(node.outputs[0], hoist(value, node.outputs[0])));
        continue;
      }
    }
    const inputs = node.inputs.map((value) => reference(lookThrough(value)));
    const text = `${node.op}${showAttrs(node.attrs)} ${inputs.map(showReference).join(" ")}`;
    let line = lineOfText.get(text);
    if (line === undefined) {
      line = lines.length;
      lineOfText.set(text, line);
      lines.push({ node, leaf: undefined, inputs });
      texts.push(text);
    }
    lineOfNode.set(node, line);
  }
  const results = roots.map(reference);
  return {
    key: `${texts.join("\n")}\n=> ${results.map(showReference).join(" ")}`,
    leaves,
    build: () => withGrad(false, () => rebuild(lines, results)),
  };
}

/** The nodes to compute, inputs first; not recursive, since a graph may be deeper than the stack. */
function needed<L>(roots: readonly Value[], leafOf: LeafOf<L>): Node[] {
  const seen = new Set<Node>();
  const stack: Node[] = [];
  const visit = (value: Value) => {
    if (seen.has(value.node) || leafOf(value) !== undefined) return;
    if (value.node.op === "input") throw new InternalError("An input has no storage and is no leaf.");
    seen.add(value.node);
    stack.push(value.node);
  };
  for (const root of roots) visit(root);
  while (stack.length > 0) for (const input of stack.pop()!.inputs) visit(lookThrough(input));
  return [...seen].sort((a, b) => a.id - b.id);
}

function rebuild(lines: readonly Line[], results: readonly Reference[]): Graph {
  const inputs: Value[] = [];
  const built: (readonly Value[])[] = [];
  for (const { node, leaf, inputs: references } of lines) {
    if (leaf) {
      const input = apply1("input", [], { shape: leaf.shape, dtype: leaf.dtype });
      inputs.push(input);
      built.push([input]);
    } else {
      const operands = references.map(({ line, index }) => built[line][index]);
      built.push(apply(node.op, operands, node.attrs).outputs);
    }
  }
  return { inputs, outputs: results.map(({ line, index }) => built[line][index]) };
}

const showReference = ({ line, index }: Reference): string => (index === 0 ? `${line}` : `${line}.${index}`);

/** Attributes in full. A scan's body is a graph, compared by its own canonical form. */
function showAttrs(attrs: object): string {
  let text = "";
  for (const name in attrs) text += ` ${show((attrs as Record<string, unknown>)[name])}`;
  return text;
}

function show(value: unknown): string {
  if (typeof value === "number") return Object.is(value, -0) ? "-0" : `${value}`;
  if (Array.isArray(value)) return `[${value.map(show).join()}]`;
  if (typeof value === "object" && value !== null) return showBody(value as Graph);
  return `${value}`;
}

function showBody(body: Graph): string {
  const position = new Map(body.inputs.map((value, i) => [value.node, i]));
  const { key, leaves } = canonicalise(body.outputs, (value) => position.get(value.node));
  return `{${body.inputs.map(({ dtype, shape }) => `${dtype}[${shape}]`).join()}; ${leaves}; ${key}}`;
}
