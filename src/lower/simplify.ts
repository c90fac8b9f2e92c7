/**
 * Graph ─► smaller graph with the same bits: equal nodes become one, what nobody needs goes, identities vanish,
 * movement runs together, and a convolution's padding becomes a pad of its own.
 */

import type { Graph, Node, Value } from "../core/graph.ts";
import { topological } from "../core/graph.ts";
import { type AttrsOf, apply, apply1, type Primitive, withGrad } from "../core/primitives.ts";
import { sameShape } from "../core/shape.ts";

/** The inputs in the places of `moved` are given before that permutation. */
export function simplify(graph: Graph, moved: readonly (Node<"permute"> | undefined)[] = []): Graph {
  return withGrad(false, () => {
    const known = new Map<string, Node>();
    const replaced = new Map<Value, Value>();
    const intern: Intern = (op, inputs, attrs) => {
      const key = keyOf(op, inputs, attrs);
      if (key === undefined) return apply(op, inputs, attrs);
      let node = known.get(key);
      if (node === undefined) known.set(key, (node = apply(op, inputs, attrs)));
      return node;
    };
    const inputs = graph.inputs.map((input, i) => {
      const { shape, dtype } = moved[i]?.inputs[0] ?? input;
      const given = apply1("input", [], { shape, dtype });
      replaced.set(input, moved[i] ? intern("permute", [given], moved[i].attrs).outputs[0] : given);
      return given;
    });
    const nodes = topological(graph.outputs, (value) => replaced.has(value));
    const scans = joinScans(nodes, graph.outputs);
    for (const node of nodes) {
      const joined = scans.get(node);
      if (joined) {
        joined(node.inputs.map((value) => replaced.get(value)!)).forEach((value, i) => {
          if (value) replaced.set(node.outputs[i], value);
        });
        continue;
      }
      const outputs = rewrite(
        node,
        node.inputs.map((value) => replaced.get(value)!),
        intern,
      );
      node.outputs.forEach((value, i) => {
        replaced.set(value, outputs[i]);
      });
    }
    return {
      inputs,
      outputs: graph.outputs.map((value) => replaced.get(value)!),
    };
  });
}

type Intern = <P extends Primitive>(op: P, inputs: readonly Value[], attrs: AttrsOf<P>) => Node;

const movesNothing = (node: Node, x: Value): boolean => {
  switch (node.op) {
    case "reshape":
    case "expand":
      return sameShape(node.outputs[0].shape, x.shape);
    case "permute":
      return (node as Node<"permute">).attrs.perm.every((p, i) => p === i);
    case "slice":
      return sameShape(node.outputs[0].shape, x.shape);
    case "flip":
      return (node as Node<"flip">).attrs.axes.every((axis) => x.shape[axis] <= 1);
    case "pad": {
      const { low, high, interior } = (node as Node<"pad">).attrs;
      return (
        [low, high].every((list) => list.every((n) => n === 0)) && interior.every((n, i) => n === 0 || x.shape[i] <= 1)
      );
    }
    case "concat":
      return node.inputs.length === 1;
    case "cast":
      return node.outputs[0].dtype === x.dtype;
    case "alias":
    case "custom":
      return true;
    default:
      return false;
  }
};

function rewrite(node: Node, inputs: readonly Value[], intern: Intern): readonly Value[] {
  const [x] = inputs;
  if (x !== undefined && movesNothing(node, x)) return inputs;
  switch (node.op) {
    case "reshape":
      // a reshape of a reshape is one reshape
      if (x.node.op === "reshape") {
        const source = x.node.inputs[0];
        if (sameShape(source.shape, node.outputs[0].shape)) return [source];
        return intern("reshape", [source], (node as Node<"reshape">).attrs).outputs;
      }
      break;
    case "permute":
      if (x.node.op === "permute") {
        const first = (x.node as Node<"permute">).attrs.perm;
        const perm = (node as Node<"permute">).attrs.perm.map((p) => first[p]);
        if (perm.every((p, i) => p === i)) return x.node.inputs;
        return intern("permute", x.node.inputs, { perm }).outputs;
      }
      break;
    case "mul": {
      // x · 1 and x / 1 are x to the bit
      const [a, b] = inputs;
      if (splat(b) === 1) return [a];
      if (splat(a) === 1) return [b];
      break;
    }
    case "div":
      if (splat(inputs[1]) === 1) return [x];
      break;
    case "conv":
      return convolve(node as Node<"conv">, inputs, intern);
  }
  return intern(node.op, inputs, node.attrs).outputs;
}

/** Gives what stands for the outputs of a scan: undefined for those that nobody reads. */
type JoinedScan = (inputs: readonly Value[]) => readonly (Value | undefined)[];

/** Scans that do the same steps, but keep other values of them (as derivatives do), are one; what nobody reads is not kept. */
function joinScans(nodes: readonly Node[], outputs: readonly Value[]): Map<Node, JoinedScan> {
  const read = new Set<Value>([...outputs, ...nodes.flatMap(({ inputs }) => inputs)]);
  const groups = new Map<string, Node<"scan">[]>();
  for (const node of nodes) {
    if (node.op !== "scan") continue;
    const scan = node as Node as Node<"scan">;
    const { body, carries, ...attrs } = scan.attrs;
    const values = [...scan.inputs, ...body.inputs, ...body.outputs.slice(0, carries)];
    const key = `${values.map(({ node, index }) => `${node.id}.${index}`)} ${JSON.stringify(attrs)}`;
    groups.set(key, [...(groups.get(key) ?? []), scan]);
  }
  const found = new Map<Node, JoinedScan>();
  for (const scans of groups.values()) {
    const { attrs } = scans[0];
    const { body, carries } = attrs;
    const ys = new Set(
      scans.flatMap((scan) => scan.attrs.body.outputs.filter((_, i) => i >= carries && read.has(scan.outputs[i]))),
    );
    const kept = [...body.outputs.slice(0, carries), ...ys];
    let made: readonly Value[] | undefined;
    const make = (inputs: readonly Value[]) => {
      const moved = permutedWithin(scans[0], inputs, kept);
      const given = inputs.map((value, i) => moved[i]?.inputs[0] ?? value);
      return apply("scan", given, { ...attrs, body: simplify({ inputs: body.inputs, outputs: kept }, moved) }).outputs;
    };
    for (const scan of scans) {
      found.set(scan, (inputs) => {
        const joined = (made ??= make(inputs));
        return scan.attrs.body.outputs.map((value, i) => joined[i < carries ? i : kept.indexOf(value, carries)]);
      });
    }
  }
  return found;
}

// With fewer steps a transposed matrix is not used as often as it costs to write.
const WORTH_MOVING = 4;

/**
 * The permutations that a scan does within, among those that its constants have come through: where it only permutes them
 * again (a derivative undoes a transpose), or takes too few steps for a copy in another order.
 */
function permutedWithin({ attrs }: Node<"scan">, inputs: readonly Value[], outputs: readonly Value[]) {
  const { body, consts, length } = attrs;
  const nodes = topological(outputs, (value) => body.inputs.includes(value));
  const isFree = ({ op }: Node): boolean => op === "permute" || (op === "dot" && length < WORTH_MOVING);
  return inputs.slice(0, consts).map(({ node }, i) => {
    const isKept = (value: Value): boolean =>
      outputs.includes(value) ||
      nodes.some(
        (reader) =>
          reader.inputs.includes(value) && !isFree(reader) && (reader.op !== "alias" || isKept(reader.outputs[0])),
      );
    return node.op === "permute" && !isKept(body.inputs[i]) ? (node as Node as Node<"permute">) : undefined;
  });
}

/**
 * Taps that fall on padding multiply zeros: make the zeros once, and every patch is plain strides. Padding of a dilated
 * image is made of the elements that taps can meet; what is left is less than the dilation.
 */
function convolve(node: Node<"conv">, [x, w]: readonly Value[], intern: Intern): readonly Value[] {
  const { attrs } = node;
  const axes = attrs.inputDilation.map((dilation, d) => {
    const size = x.shape[d + 2];
    const [low, high] = attrs.padding[d];
    const span = (n: number): number => (n === 0 ? 0 : (n - 1) * dilation + 1);
    const before = Math.floor(low / dilation);
    const rest = low - before * dilation;
    const total = span(size) + low + high;
    const after = Math.max(1, Math.ceil((total - rest) / dilation)) - before - size;
    return { before, after, rest: [rest, total - rest - span(before + size + after)] as const };
  });
  const low = [0, 0, ...axes.map(({ before }) => before)];
  const high = [0, 0, ...axes.map(({ after }) => after)];
  const plain = [...low, ...high].every((n) => n === 0);
  const padded = plain ? x : padImage(x, low, high, intern);
  return intern("conv", [padded, w], { ...attrs, padding: axes.map(({ rest }) => rest) }).outputs;
}

/** Pads under a permutation, so that an image and its transpose (for the weights' gradient) share one padded copy. */
function padImage(x: Value, low: readonly number[], high: readonly number[], intern: Intern): Value {
  const interior = low.map(() => 0);
  if (x.node.op !== "permute") return intern("pad", [x], { low, high, interior, value: 0 }).outputs[0];
  const { perm } = (x.node as Node<"permute">).attrs;
  const under = (list: readonly number[]): number[] => {
    const out = new Array<number>(list.length);
    perm.forEach((p, i) => {
      out[p] = list[i];
    });
    return out;
  };
  const attrs = { low: under(low), high: under(high), interior, value: 0 };
  const padded = intern("pad", x.node.inputs, attrs).outputs[0];
  return intern("permute", [padded], { perm }).outputs[0];
}

/** The one number that fills the value, if it is a constant spread out. */
export function splat(value: Value): number | undefined {
  let v = value;
  while (v.node.op === "expand" || v.node.op === "reshape" || v.node.op === "permute") v = v.node.inputs[0];
  return v.node.op === "constant" ? (v.node as Node<"constant">).attrs.value : undefined;
}

/** What makes two nodes equal; undefined for nodes that are never shared. */
export function keyOf(op: Primitive, inputs: readonly Value[], attrs: object): string | undefined {
  if (op === "input" || op === "scan" || op === "custom") return undefined;
  let key: string = op;
  for (const { node, index } of inputs) key += ` ${node.id}.${index}`;
  return `${key} ${JSON.stringify(attrs, (_, v) => (typeof v === "number" && !Number.isFinite(v) ? String(v) : Object.is(v, -0) ? "-0" : v))}`;
}
