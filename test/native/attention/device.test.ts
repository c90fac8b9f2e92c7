/** Attention on the native device: compiled, not compiled and interpreted, to the same bits. */

import { describe, expect, it } from "vitest";
import { interpret } from "../../../src/codegen/interp.ts";
import { type TypedArray, viewBytes } from "../../../src/core/dtype.ts";
import type { Graph, Value } from "../../../src/core/graph.ts";
import { type AttentionAttrs, apply, apply1, placeholder } from "../../../src/core/primitives.ts";
import { numel, type Shape } from "../../../src/core/shape.ts";
import { Storage } from "../../../src/core/storage.ts";
import type { Program } from "../../../src/lower/loop-ir.ts";
import { lower } from "../../../src/lower/lower.ts";
import { nativeDevice } from "../../../src/runtime/native.ts";
import { Random } from "../../graphs.ts";
import { missing, native, useThreads } from "../device.ts";

const place = (...shape: number[]): Value => placeholder({ shape, dtype: "f32" });
const state = (): Value => placeholder({ shape: [4], dtype: "u32" });
const reshape = (x: Value, ...shape: number[]): Value => apply1("reshape", [x], { shape });
const permute = (x: Value, ...perm: number[]): Value => apply1("permute", [x], { perm });

/** Attention and its gradient. */
function both(q: Value, k: Value, v: Value, rest: readonly Value[], attrs: AttentionAttrs): Value[] {
  const { outputs } = apply("attention", [q, k, v, ...rest], attrs);
  const g = apply1("sin", [outputs[0]], {});
  return [...outputs, ...apply("attentionGrad", [q, k, v, ...outputs, g, ...rest], attrs).outputs];
}

const causal: AttentionAttrs = { causal: true, scale: 0.3 };
const seesAll: AttentionAttrs = { causal: false, scale: 0.3 };
const drops: AttentionAttrs = { causal: false, scale: 0.3, dropout: 0.1 };

function plain(attrs: AttentionAttrs, q: Shape, kv: Shape, width: number, mask?: Shape): Graph {
  const rest = [...(mask ? [place(...mask)] : []), ...(attrs.dropout === undefined ? [] : [state()])];
  const inputs = [place(...q, width), place(...kv, width), place(...kv, 24), ...rest];
  return { inputs, outputs: both(inputs[0], inputs[1], inputs[2], rest, attrs) };
}

/** Heads that are parts of one matrix's rows (B, T, 3·H·E), gradients that are put together again. */
function heads(B: number, T: number, H: number, E: number): Graph {
  const qkv = place(B, T, 3 * H * E);
  const part = (i: number): Value => {
    const [start, stop] = [
      [0, 0, i * H * E],
      [B, T, (i + 1) * H * E],
    ];
    const sliced = apply1("slice", [qkv], { start, stop, step: [1, 1, 1] });
    return permute(reshape(sliced, B, T, H, E), 0, 2, 1, 3);
  };
  const [out, , ...gradients] = both(part(0), part(1), part(2), [], causal);
  const join = (x: Value): Value => reshape(permute(x, 0, 2, 1, 3), B, T, H * E);
  return { inputs: [qkv], outputs: [join(out), apply1("concat", gradients.map(join), { axis: 2 })] };
}

/** Keys and values that all batches share, and queries whose rows are columns of a matrix. */
function views(): Graph {
  const [q, k, v] = [place(3, 20, 40), place(33, 20), place(33, 8)];
  const shared = (x: Value): Value => apply1("expand", [reshape(x, 1, ...x.shape)], { shape: [3, ...x.shape] });
  return { inputs: [q, k, v], outputs: both(permute(q, 0, 2, 1), shared(k), shared(v), [], seesAll) };
}

/** In the steps of a scan, on slices, and with a random state that goes from step to step. */
function steps(): Graph {
  const [carry, counter, x] = [place(2, 9, 4), state(), place(2, 9, 4)];
  const { outputs } = apply("attention", [carry, x, x, counter], { causal: true, scale: 0.3, dropout: 0.3 });
  const next = apply1("add", [counter, apply1("iota", [], { shape: [4], axis: 0, dtype: "u32" })], {});
  const body = { inputs: [carry, counter, x], outputs: [outputs[0], next, outputs[1]] };
  const [start, first, all] = [place(2, 9, 4), state(), place(3, 2, 9, 4)];
  const scan = apply("scan", [start, first, all], { body, length: 3, consts: 0, carries: 2, reverse: true });
  return { inputs: [start, first, all], outputs: scan.outputs };
}

const cases: readonly (readonly [name: string, graph: Graph])[] = [
  ["one query", plain(causal, [1], [1], 1)],
  ["small", plain(seesAll, [2, 3, 7], [2, 3, 10], 5)],
  ["causal", plain(causal, [6, 70], [6, 70], 32)],
  ["more queries than keys", plain(causal, [2, 130], [2, 40], 16)],
  ["several blocks of keys", plain(seesAll, [1, 2, 33], [1, 2, 200], 48)],
  ["a mask for all", plain(seesAll, [4, 40], [4, 40], 32, [4, 40, 40])],
  ["a mask of keys", plain(seesAll, [2, 2, 40], [2, 2, 40], 32, [2, 1, 1, 40])],
  ["a mask of queries", plain(seesAll, [3, 20], [3, 65], 8, [1, 20, 1])],
  ["heads", heads(3, 40, 4, 16)],
  ["views", views()],
  ["dropout", plain(drops, [2, 3, 40], [2, 3, 70], 16)],
  ["dropout, causal, a mask of keys", plain({ ...drops, causal: true }, [3, 33], [3, 33], 8, [3, 1, 33])],
  ["dropout of few", plain({ ...drops, dropout: 0.5 }, [1], [7], 4)],
  ["a scan", steps()],
];

const random = new Random(7);
const data = ({ inputs }: Graph): TypedArray[] =>
  inputs.map(({ shape, dtype }) =>
    dtype === "u32" // a counter whose low word wraps soon
      ? Uint32Array.of(2 ** 32 * random.next(), 5, 2 ** 32 - 2 - 9 * random.next(), 1)
      : Float32Array.from({ length: numel(shape) }, () => 2 * random.next() - 1),
  );
const traced = (graph: Graph) => ({ graph, args: graph.inputs.length, results: graph.outputs.length, states: [] });
const lowered = (graph: Graph): Program => lower(traced(graph), { fuse: true, epilogues: true, attention: true });

describe.skipIf(missing)("attention's kernel", () => {
  const inputs = cases.map(([, graph]) => data(graph));
  const run = (executable: { run: (args: Storage[], states: []) => { results: readonly Storage[] } }, i: number) => {
    const { results } = executable.run(
      inputs[i].map((x) => Storage.of(x.slice())),
      [],
    );
    return cases[i][1].outputs.map(({ dtype }, k) => viewBytes(dtype, results[k].bytes()));
  };

  it("gives the interpreter's bits, on any number of threads", () => {
    const executables = native().load(cases.map(([, graph]) => lowered(graph)));
    const wanted = cases.map(([, graph], i) => interpret(graph, inputs[i], { mode: "exact", fma: native().fma }));
    for (const threads of [1, 2, 3, 8]) {
      useThreads(threads);
      cases.forEach(([name], i) => {
        expect(run(executables[i], i), `${name} on ${threads} threads`).toEqual(wanted[i]);
      });
    }
  });

  it("gives the same bits in code that is not compiled", () => {
    const device = nativeDevice({ threads: 2 });
    cases.forEach(([name, graph], i) => {
      const wanted = interpret(graph, inputs[i], { mode: "exact", fma: device.fma });
      expect(run(device.compile(traced(graph), true), i), name).toEqual(wanted);
    });
  });

  it("reads and writes heads where they stand in a matrix's rows", () => {
    const { kernels, buffers } = lowered(heads(3, 40, 4, 16));
    const attention = kernels.filter(({ kind }) => kind === "attention");
    expect(attention).toHaveLength(2);
    expect(attention[0].reads.map((buffer) => buffers[buffer].role)).toEqual(["arg"]);
    expect(kernels.filter(({ name }) => name === "permute" || name === "copy")).toEqual([]);
  });

  it("keeps no table of scores", () => {
    const { buffers } = lowered(plain(causal, [1, 2048], [1, 2048], 16));
    expect(Math.max(...buffers.map(({ length }) => length))).toBe(2048 * 24);
    const dropped = lowered(plain({ ...causal, dropout: 0.1 }, [1, 2048], [1, 2048], 16));
    expect(Math.max(...dropped.buffers.map(({ length }) => length))).toBe(2048 * 24);
  });

  it("leaves rows that are too wide, and float64, to the other kernels", () => {
    const wide = plain(seesAll, [5], [5], 300);
    expect(lowered(wide).kernels.some(({ kind }) => kind === "attention")).toBe(false);
    const doubles = [0, 1, 2].map(() => placeholder({ shape: [5, 3], dtype: "f64" }));
    const graph = { inputs: doubles, outputs: apply("attention", doubles, causal).outputs };
    expect(lowered(graph).kernels.some(({ kind }) => kind === "attention")).toBe(false);
  });
});
