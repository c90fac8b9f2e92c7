import type { Aval, Graph, Node, Value } from "./graph.ts";
import { topological } from "./graph.ts";
import { showShape } from "./shape.ts";

const showAval = ({ dtype, shape }: Aval): string => `${dtype}${showShape(shape)}`;

/**
 * A graph as text, one node a line: `%5 = add f32(3, 4) %3 %4`.
 *
 * Values are numbered from 0 in each graph, so that equal graphs print equally; the body of a scan is indented.
 */
export function printGraph(graph: Graph): string {
  return lines(graph).join("\n");
}

function lines(graph: Graph): string[] {
  const names = new Map<Value, string>();
  const name = (value: Value): string => {
    const known = names.get(value) ?? `%${names.size}`;
    names.set(value, known);
    return known;
  };
  const out = graph.inputs.map((value) => `${name(value)} = input ${showAval(value)}`);
  for (const node of topological(graph.outputs, (value) => names.has(value))) {
    const inputs = node.inputs.map(name);
    const words = [node.op, ...node.outputs.map(showAval), ...inputs, ...showAttrs(node)];
    out.push(`${node.outputs.map(name).join(", ")} = ${words.join(" ")}`);
    if (node.op === "scan") out.push(...lines((node as Node<"scan">).attrs.body).map((line) => `  ${line}`));
  }
  return [...out, `return ${graph.outputs.map(name).join(" ")}`.trimEnd()];
}

/** The attributes that the output's dtype and shape do not show. */
function showAttrs(node: Node): string[] {
  return Object.entries(node.attrs)
    .filter(([key, value]) => key !== "shape" && key !== "dtype" && key !== "body" && typeof value !== "function")
    .map(([key, value]) => `${key}=${Array.isArray(value) ? JSON.stringify(value) : value}`);
}
