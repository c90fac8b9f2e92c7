/**
 * Graphs made comparable: leaves numbered in order of first use, equal nodes merged, aliases looked through.
 *
 * Two graphs that compute the same from their leaves have the same key, so that one program serves both. (This is every
 * uncompiled operation's path: keys are numbers, not text, and each node is looked up once.)
 */

import { isFloat } from "../core/dtype.ts";
import { InternalError } from "../core/errors.ts";
import type { Graph, Node, Value } from "../core/graph.ts";
import { apply, placeholder, withGrad } from "../core/primitives.ts";

/** A leaf's identity (a storage, a placeholder), or undefined for a value that is to be computed. */
export type LeafOf<L> = (value: Value) => L | undefined;

export interface Canonical<L> {
  /** the structure, in full, as 32-bit integers: nothing else decides what is computed from the leaves */
  readonly key: readonly number[];
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
  /** where its words begin in the key: the op, what it reads (line and output, each), its attributes */
  readonly start: number;
}

/** The canonical form of the graph that computes `outputs`. `hoist` may turn a constant into a leaf. */
export function canonicalise<L>(
  outputs: readonly Value[],
  leafOf: LeafOf<L>,
  hoist?: (value: number, constant: Value) => L,
): Canonical<L> {
  const roots = outputs.map(lookThrough);
  const key: number[] = [];
  const lines: Line[] = [];
  const leaves: L[] = [];
  const { nodes, lineOfNode } = needed(roots, leafOf);
  const lineOfLeaf = new Map<L, number>();
  const lineOfHash = new Map<number, number>();
  const lineOfNumber = { f32: new Map<number, number>(), f64: new Map<number, number>() };

  const addLeaf = (value: Value, leaf: L): number => {
    const known = lineOfLeaf.get(leaf);
    if (known !== undefined) return known;
    const line = lines.push({ node: value.node, leaf: value, start: key.length }) - 1;
    key.push(idOf("input"), idOf(value.dtype), value.shape.length, ...value.shape);
    lineOfLeaf.set(leaf, line);
    leaves.push(leaf);
    return line;
  };
  /** Line and output of each value. Leaves get their lines here: before that of what reads them. */
  const referTo = (values: readonly Value[]): number[] => {
    const references: number[] = [];
    for (const value of values) {
      const seen = lookThrough(value);
      const leaf = leafOf(seen);
      if (leaf !== undefined) references.push(addLeaf(seen, leaf), 0);
      else references.push(lineOfNode.get(seen.node)!, seen.index);
    }
    return references;
  };
  const addNode = (node: Node): number => {
    const references = referTo(node.inputs);
    const start = key.length;
    key.push(idOf(node.op), node.inputs.length);
    for (const reference of references) key.push(reference);
    for (const name in node.attrs) encode((node.attrs as Record<string, unknown>)[name], key);
    key.push(END);
    for (let hash = hashOf(key, start); ; hash++) {
      const line = lineOfHash.get(hash);
      if (line === undefined) {
        lineOfHash.set(hash, lines.length);
        return lines.push({ node, leaf: undefined, start }) - 1;
      }
      if (sameWords(key, lines[line].start, start)) {
        key.length = start;
        return line;
      }
    }
  };

  for (const node of nodes) {
    const number = hoist && hoistable(node);
    if (number === undefined) {
      lineOfNode.set(node, addNode(node));
      continue;
    }
    const [constant] = node.outputs;
    const known = lineOfNumber[constant.dtype as "f32" | "f64"];
    let line = known.get(number);
    if (line === undefined) known.set(number, (line = addLeaf(constant, hoist!(number, constant))));
    lineOfNode.set(node, line);
  }
  const results = referTo(roots);
  key.push(END, ...results);
  return { key, leaves, build: () => withGrad(false, () => rebuild(key, lines, results)) };
}

/** A number that may change from run to run; 0 and ±1 are what simplifications look for. */
function hoistable(node: Node): number | undefined {
  if (node.op !== "constant") return undefined;
  const { value, dtype } = (node as Node<"constant">).attrs;
  return isFloat(dtype) && value !== 0 && Math.abs(value) !== 1 ? value : undefined;
}

/** The nodes to compute, inputs first; not recursive, since a graph may be deeper than the stack. */
function needed<L>(roots: readonly Value[], leafOf: LeafOf<L>): { nodes: Node[]; lineOfNode: Map<Node, number> } {
  const nodes: Node[] = [];
  const lineOfNode = new Map<Node, number>(); // not known yet
  const visit = (value: Value) => {
    if (leafOf(value) !== undefined || lineOfNode.has(value.node)) return;
    if (value.node.op === "input") throw new InternalError("An input has no storage and is no leaf.");
    lineOfNode.set(value.node, -1);
    nodes.push(value.node);
  };
  for (const root of roots) visit(root);
  for (let i = 0; i < nodes.length; i++) for (const input of nodes[i].inputs) visit(lookThrough(input));
  nodes.sort((a, b) => a.id - b.id);
  return { nodes, lineOfNode };
}

function rebuild(key: readonly number[], lines: readonly Line[], results: readonly number[]): Graph {
  const inputs: Value[] = [];
  const built: (readonly Value[])[] = [];
  const read = (references: readonly number[]): Value[] =>
    Array.from({ length: references.length / 2 }, (_, i) => built[references[2 * i]][references[2 * i + 1]]);
  for (const { node, leaf, start } of lines) {
    if (leaf) {
      const input = placeholder(leaf);
      inputs.push(input);
      built.push([input]);
    } else {
      const references = key.slice(start + 2, start + 2 + 2 * key[start + 1]);
      built.push(apply(node.op, read(references), node.attrs).outputs);
    }
  }
  return { inputs, outputs: read(results) };
}

// Words. No key is the beginning of another: everything says how long it is, or ends with END.

const END = -1;

const ids = new Map<string, number>();

/** A number for each name: of ops and dtypes. */
function idOf(name: string): number {
  let id = ids.get(name);
  if (id === undefined) ids.set(name, (id = ids.size));
  return id;
}

const double = new Float64Array(1);
const halves = new Int32Array(double.buffer);

/** Appends an attribute, so that no two read alike: what it is, then its words. */
function encode(attribute: unknown, words: number[]): void {
  if (typeof attribute === "number") {
    double[0] = attribute;
    words.push(0, halves[0], halves[1]);
  } else if (Array.isArray(attribute)) {
    words.push(1, attribute.length);
    for (const item of attribute) encode(item, words);
  } else if (typeof attribute === "object" && attribute !== null) {
    encodeBody(attribute as Graph, words);
  } else words.push(2, idOf(String(attribute)));
}

/** A scan's body is a graph, compared by its own canonical form. */
function encodeBody(body: Graph, words: number[]): void {
  const position = new Map(body.inputs.map((value, i) => [value.node, i]));
  const { key, leaves } = canonicalise(body.outputs, (value) => position.get(value.node));
  words.push(3, body.inputs.length, leaves.length, key.length, ...leaves);
  for (const { dtype, shape } of body.inputs) words.push(idOf(dtype), shape.length, ...shape);
  for (const word of key) words.push(word);
}

/** A 32-bit hash of the words from `start` on. */
export function hashOf(words: ArrayLike<number>, start = 0): number {
  let hash = 0;
  for (let i = start; i < words.length; i++) hash = Math.imul((hash << 5) ^ (hash >>> 27) ^ words[i], 0x9e3779b1);
  return hash;
}

/** Whether what begins at `a` is what begins at `b` and goes to the end. */
function sameWords(words: readonly number[], a: number, b: number): boolean {
  for (let i = 0; b + i < words.length; i++) if (words[a + i] !== words[b + i]) return false;
  return true;
}
