/** Nodes with loops of their own: concatenation, padding, dilated convolution, running sums, scatters, sorting and scans. */

import type { Node, Value } from "../core/graph.ts";
import type { CumulativeOp } from "../core/primitives.ts";
import { numel, rowMajor, type Shape } from "../core/shape.ts";
import { axesOf } from "./axes.ts";
import type { ProgramBuilder } from "./builder.ts";
import { addressOf, ElementReader, type Location, type Scope } from "./element.ts";
import { local, makeLocal } from "./expr.ts";
import { add, makeVar, offset, scale, varIndex } from "./index-expr.ts";
import type { Expr, Kernel, Stmt } from "./loop-ir.ts";
import { buildNest, loopKernel, storeEach, storeZeros } from "./nest.ts";
import { isDilated, phasesOf } from "./phases.ts";
import { lowerRegion, type Target } from "./region.ts";
import { rowsOf } from "./scan-rows.ts";

/** Whether a realized node is lowered here. */
export function isOpaque(node: Node): boolean {
  switch (node.op) {
    case "concat":
    case "cumsum":
    case "cumprod":
    case "indexAdd":
    case "scatterAdd":
    case "argsort":
    case "scan":
      return true;
    case "pad": {
      // Cropping reads through a view; only what adds a border fills it and then stores the inside.
      const { low, high } = (node as Node<"pad">).attrs;
      return [...low, ...high].every((n) => n >= 0);
    }
    case "conv":
      return isDilated(node as Node<"conv">);
    default:
      return false;
  }
}

/** Whether a node checks indices that it reads from data. */
export function mayFail(node: Node): boolean {
  if (node.op === "scan")
    return bodyNodes(node as Node<"scan">).some(
      (inner) => mayFail(inner) || inner.op === "take" || inner.op === "gather",
    );
  return node.op === "indexAdd" || node.op === "scatterAdd";
}

function bodyNodes(node: Node<"scan">): Node[] {
  const seen = new Set<Node>();
  const stack = node.attrs.body.outputs.map((v) => v.node);
  while (stack.length > 0) {
    const next = stack.pop()!;
    if (seen.has(next)) continue;
    seen.add(next);
    for (const input of next.inputs) stack.push(input.node);
  }
  return [...seen];
}

/** Operands that must have a buffer. */
export function opaqueOperands(node: Node, realized: ReadonlySet<Value>): readonly Value[] {
  if (node.op !== "argsort" && node.op !== "scan") return [];
  return node.inputs.filter((value) => !realized.has(value));
}

export function lowerOpaque(
  node: Node,
  scope: Scope,
  places: readonly (Location | undefined)[],
  builder: ProgramBuilder,
): Kernel[] {
  const [to] = places as readonly Location[];
  switch (node.op) {
    case "concat":
      return lowerConcat(node as Node<"concat">, scope, to);
    case "pad":
      return lowerPad(node as Node<"pad">, scope, to);
    case "conv":
      return lowerConv(node as Node<"conv">, scope, to);
    case "cumsum":
    case "cumprod":
      return [lowerCumulative(node as Node<CumulativeOp>, scope, to)];
    case "indexAdd":
    case "scatterAdd":
      return lowerScatter(node as Node<"indexAdd" | "scatterAdd">, scope, to);
    case "argsort":
      return lowerArgsort(node, scope, to, builder);
    default:
      return lowerScan(node as Node<"scan">, scope, places, builder);
  }
}

function lowerConcat(node: Node<"concat">, scope: Scope, to: Location): Kernel[] {
  const { axis } = node.attrs;
  let start = 0;
  return node.inputs.flatMap((input) => {
    const from = start;
    start += input.shape[axis];
    return storeEach("concat", input.shape, (index) => ({
      buffer: to.buffer,
      at: addressOf(
        to,
        index.map((i, d) => (d === axis ? offset(i, from) : i)),
      ),
      value: new ElementReader(scope).read(input, index),
    }));
  });
}

function lowerPad(node: Node<"pad">, scope: Scope, to: Location): Kernel[] {
  const [x] = node.inputs;
  const { low, interior, value } = node.attrs;
  const [out] = node.outputs;
  const { shape, dtype } = out;
  if (interior.every((n) => n === 0)) {
    // In one pass, in loops that are cut at the border.
    return storeEach("pad", shape, (index) => ({
      buffer: to.buffer,
      at: addressOf(to, index),
      value: new ElementReader(scope).compute(out, index),
    }));
  }
  const fill: Expr = { op: "const", dtype, value };
  return [
    ...storeEach("pad border", shape, (index) => ({ buffer: to.buffer, at: addressOf(to, index), value: fill })),
    ...storeEach("pad inside", x.shape, (index) => ({
      buffer: to.buffer,
      at: addressOf(
        to,
        index.map((i, d) => offset(scale(i, interior[d] + 1), low[d])),
      ),
      value: new ElementReader(scope).read(x, index),
    })),
  ];
}

/** Phase by phase; zeros first, if some outputs have no taps. */
function lowerConv(node: Node<"conv">, scope: Scope, to: Location): Kernel[] {
  const [x, w] = node.inputs;
  const [{ shape, dtype }] = node.outputs;
  const phases = phasesOf(node);
  const dense = phases.filter(({ taps }) => numel(taps) > 0);
  const kernels = dense.map((phase) => {
    const { body, work } = buildNest(
      [...shape.slice(0, 2), ...phase.positions],
      [
        {
          inner: [],
          reduced: phase.taps,
          lanes: 1,
          make([n, o, ...position], _, { variables, index }) {
            const { image, weight, out } = phase.at(n, o, position, index);
            const reader = new ElementReader(scope);
            const result = makeLocal(dtype);
            const [value, other] = [reader.read(w, weight), reader.read(x, image)];
            return [
              { kind: "reduce", result, op: "dot", variables, lanes: 1, value, other },
              {
                kind: "store",
                buffer: to.buffer,
                index: addressOf(to, out),
                value: local(result),
                accumulate: false,
              },
            ];
          },
        },
      ],
      true,
    );
    return loopKernel("conv", body, work);
  });
  return dense.length < phases.length ? [...storeZeros(shape, dtype, to), ...kernels] : kernels;
}

function lowerCumulative(node: Node<CumulativeOp>, scope: Scope, to: Location): Kernel {
  const [x] = node.inputs;
  const { axis, reverse } = node.attrs;
  const variable = makeVar("c", x.shape[axis]);
  const { body, work } = buildNest(
    x.shape.filter((_, d) => d !== axis),
    [
      {
        inner: [],
        reduced: [],
        lanes: 1,
        make(row) {
          const index = [...row.slice(0, axis), varIndex(variable), ...row.slice(axis)];
          const value = new ElementReader(scope).read(x, index);
          const store = {
            kind: "store",
            buffer: to.buffer,
            index: addressOf(to, index),
            value,
            accumulate: false,
          } as const;
          return [{ kind: "cumulate", op: node.op, variable, reverse, value, store }];
        },
      },
    ],
    true,
  );
  return loopKernel(node.op, body, work * variable.size);
}

/** The base first; then the sources, one after the other in index order, so that equal indices add up in that order. */
function lowerScatter(node: Node<"indexAdd" | "scatterAdd">, scope: Scope, to: Location): Kernel[] {
  const [base, indices, source] = node.inputs;
  const { axis } = node.attrs;
  const copy = storeEach(`${node.op} base`, base.shape, (index) => ({
    buffer: to.buffer,
    at: addressOf(to, index),
    value: new ElementReader(scope).read(base, index),
  }));
  if (numel(source.shape) === 0) return copy;
  const before = axesOf(source.shape.slice(0, axis), "i");
  const after = axesOf(source.shape.slice(axis + 1), "j");
  const step = makeVar("s", source.shape[axis]);
  const at = [...before.index, varIndex(step), ...after.index];
  const reader = new ElementReader(scope);
  const found = reader.position(node, indices, node.op === "indexAdd" ? [at[axis]] : at, base.shape, axis, []);
  const target = [...before.index, found.index, ...after.index];
  const store: Stmt = {
    kind: "store",
    buffer: to.buffer,
    index: addressOf(to, target),
    value: reader.checked(found, reader.read(source, at)),
    accumulate: true,
  };
  const variables = [
    ...before.variables.map((v) => ({ v, serial: false })),
    { v: step, serial: true },
    ...after.variables.map((v) => ({ v, serial: false })),
  ];
  const vector = after.variables.at(-1);
  let body: Stmt[] = [store];
  for (const { v, serial } of variables.reverse()) {
    if (v.size !== 1) body = [{ kind: "loop", variable: v, vector: v === vector, serial, body }];
  }
  return [...copy, loopKernel(node.op, body, 4 * numel(source.shape))];
}

function lowerArgsort(node: Node, scope: Scope, to: Location, builder: ProgramBuilder): Kernel[] {
  const [keys] = node.inputs;
  const rank = keys.shape.length;
  const length = keys.shape[rank - 1];
  const rows = numel(keys.shape.slice(0, -1));
  const copied = dense(keys, scope, builder);
  const scratch = builder.buffer("u32", 4 * length, "temp");
  const work = 40 * numel(keys.shape);
  const straight = isDense(to, keys.shape);
  const out = straight ? to : builder.temp("i32", keys.shape);
  const sort: Kernel = {
    kind: "argsort",
    name: "argsort",
    keys: copied.location.buffer,
    out: out.buffer,
    scratch,
    rows,
    length,
    reads: [copied.location.buffer],
    writes: [out.buffer, scratch],
    work,
  };
  return [...copied.kernels, sort, ...(straight ? [] : move("argsort", node.outputs[0], out, to))];
}

const isDense = (location: Location, shape: Shape): boolean =>
  location.offset.terms.length === 0 &&
  location.offset.constant === 0 &&
  rowMajor(shape).every((stride, i) => stride === location.strides[i] || shape[i] === 1);

/** A value's dense buffer, made if it lies otherwise. */
function dense(value: Value, scope: Scope, builder: ProgramBuilder): { location: Location; kernels: Kernel[] } {
  const location = scope.locate(value)!;
  if (isDense(location, value.shape)) return { location, kernels: [] };
  const copy = builder.temp(value.dtype, value.shape);
  return { location: copy, kernels: move("gather rows", value, location, copy) };
}

function move(name: string, value: Value, from: Location, to: Location): Kernel[] {
  return storeEach(name, value.shape, (index) => ({
    buffer: to.buffer,
    at: addressOf(to, index),
    value: { op: "load", dtype: value.dtype, buffer: from.buffer, index: addressOf(from, index), guards: [], fill: 0 },
  }));
}

/**
 * A scan's carries live in the buffers of its last carries, its xs and ys are slices that move with the scan's variable;
 * the body is a region like any other.
 */
function lowerScan(
  node: Node<"scan">,
  scope: Scope,
  places: readonly (Location | undefined)[],
  builder: ProgramBuilder,
): Kernel[] {
  const { body, length, consts, carries, reverse } = node.attrs;
  const variable = makeVar("t", length);
  const time = varIndex(variable);
  const slice = (whole: Location): Location => ({
    buffer: whole.buffer,
    offset: add(whole.offset, scale(time, whole.strides[0])),
    strides: whole.strides.slice(1),
  });
  const place = (i: number): Location => places[i] ?? builder.temp(node.outputs[i].dtype, node.outputs[i].shape);
  const kernels: Kernel[] = [];
  const inputs = node.inputs.map((value, i) => {
    const from = scope.locate(value)!;
    if (i < consts) return from;
    if (i >= consts + carries) return slice(from);
    const carry = place(i - consts);
    kernels.push(...move("carry", value, from, carry));
    return carry;
  });
  const targets = body.outputs.map((value, i): Target => {
    if (i < carries) return { value, location: inputs[consts + i], replaces: body.inputs[consts + i], last: false };
    return { value, location: slice(place(i)), replaces: undefined, last: false };
  });
  const inner = lowerRegion(body.inputs, inputs, targets, builder).kernels;
  kernels.push({
    kind: "scan",
    name: "scan",
    variable,
    reverse,
    body: inner,
    rows: rowsOf(inner, variable),
    reads: [...new Set(inner.flatMap((k) => k.reads))],
    writes: [...new Set(inner.flatMap((k) => k.writes))],
    work: length * inner.reduce((sum, k) => sum + k.work, 0),
  });
  return kernels;
}
